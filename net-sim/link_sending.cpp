// From the sender to the queue of pending events: who waits for whom, and how long.
//
// `shared`      a node's uplink and its downlink are first-in-first-out servers of bytes. Small
//               messages overtake those of other streams in both, and make them wait all the same.
// `per_link`    each stream has a server of its own, at the lowest rate of both its ends.
// `one_upload`  a node sends one large message at a time, at the lower of its uplink's rate and the
//               receiver's downlink's; small ones do not wait and take no time.
//
// A link with a rate of its own is one more server, between uplink and latency; it passes bytes on
// as they come, as a downlink does.
#include <algorithm>

#include "net-sim/link.h"

namespace sim {
namespace {

std::uint64_t slower(std::uint64_t a, std::uint64_t b) {
  if (a == kUnlimited || b == kUnlimited) return a == kUnlimited ? b : a;
  return std::min(a, b);
}

}  // namespace

Duration transmission_time(std::uint64_t bytes, std::uint64_t rate) {
  if (rate == kUnlimited) return {};
  constexpr std::uint64_t kNarrow = 1'000'000'000;  // below it 64 bits are enough, and far faster
  if (bytes < kNarrow && rate < kNarrow * kNarrow) {
    return capped((bytes * kBillion + rate - 1) / rate);
  }
  return capped((static_cast<chain::Int128>(bytes) * kBillion + rate - 1) / rate);
}

// A new draw for the next message, times the factors of rules.
Duration Links::draw_latency(StreamId id) {
  Direction& stream = streams_[id];
  const Duration drawn = latency_.of_message(stream.law, stream.draws);
  if ((stream.flags & kScaled) == 0) return drawn;
  return capped(static_cast<chain::Int128>(drawn.ns) * rare_[id].factor / kBillion);
}

// Puts `event`, which arrives at its time or later, behind everything sent before on its stream.
inline void Links::enqueue(StreamId id, Pending event) {
  Direction& stream = streams_[id];
  if (event.at < stream.last_arrival) event.at = stream.last_arrival;
  stream.last_arrival = event.at;
  queue_.push(event);
}

inline void Links::enqueue(StreamId id, Pending event, Time earliest) {
  event.at = earliest;
  enqueue(id, event);
}

bool Links::send(StreamId id, const chain::Message& message, std::uint64_t bytes, Time now) {
  ledger_.sent.add(bytes);
  if (bytes > max_frame_) {
    ledger_.over_max_frame.add(bytes);
    return false;
  }
  const std::uint32_t size = sizes_.put(bytes);
  if (sharing_ == Sharing::none && (streams_[id].flags & kOwn) == 0) {
    enqueue(id, {later(now, latency_of(id)), EventKind::deliver, id, message, size});
  } else {
    transmit(id, {now, EventKind::deliver, id, message, size}, bytes, now);
  }
  return true;
}

void Links::transmit(StreamId id, const Pending& event, std::uint64_t bytes, Time now) {
  Direction& stream = streams_[id];
  Passage passage = leave(stream, bytes, now);
  Duration lost{};
  if ((stream.flags & kOwn) != 0) {
    Rare& rare = rare_[id];
    const Duration transmission = transmission_time(bytes, rare.rate);
    passage.first = std::max(passage.first, rare.free);
    rare.free = later(passage.first, transmission);
    passage.last = std::max(passage.last, rare.free);
    if (rare.loss != 0) lost = loss_delay(rare.loss, bytes, rare.lots);
  }
  const Duration latency = latency_of(id);
  passage = {later(passage.first, latency), later(passage.last, latency)};
  if (sharing_ == Sharing::shared) return reach_downlink(id, event, bytes, passage, lost);
  enqueue(id, event, later(passage.last, lost));
}

// When it passes the sender's end.
Links::Passage Links::leave(Direction& stream, std::uint64_t bytes, Time now) {
  const bool small = bytes < kSmall;
  const Rates& sender = rates_[stream.from];
  Time& uplink_free = uplink_free_[stream.from];
  switch (sharing_) {
    case Sharing::none:
      break;
    case Sharing::shared: {
      const Duration up = transmission_time(bytes, sender.up);
      const Time start = std::max({now, stream.upload_end, small ? now : uplink_free});
      uplink_free = later(std::max(uplink_free, start), up);
      stream.upload_end = later(start, up);
      return {start, stream.upload_end};
    }
    case Sharing::per_link: {
      const Rates& receiver = rates_[stream.to];
      const std::uint64_t rate =
          slower(slower(sender.up, sender.down), slower(receiver.up, receiver.down));
      const Time start = std::max(now, stream.upload_end);
      stream.upload_end = later(start, transmission_time(bytes, rate));
      return {start, stream.upload_end};
    }
    case Sharing::one_upload: {
      if (small) break;
      const std::uint64_t rate = slower(sender.up, rates_[stream.to].down);
      const Time start = std::max(now, uplink_free);
      uplink_free = stream.upload_end = later(start, transmission_time(bytes, rate));
      return {start, uplink_free};
    }
  }
  return {now, now};
}

// `arriving` at full rate of all that lies before. First bytes keep the stream's order as well; the
// queue of events keeps that of equal times.
void Links::reach_downlink(StreamId id, const Pending& event, std::uint64_t bytes, Passage arriving,
                           Duration lost) {
  Direction& stream = streams_[id];
  const bool small = bytes < kSmall;
  const Duration down = transmission_time(bytes, rates_[stream.to].down);
  stream.last_first_byte = std::max(stream.last_first_byte, arriving.first);
  if (stream.before_downlink == 0 && (small || down == Duration{})) {
    const Time end = std::max(arriving.last, later(arriving.first, down));
    return enqueue(id, event, later(end, lost));
  }
  enter_downlink(id, {id, small, down, arriving.last, lost, event});
}

// Once its first byte is there.
void Links::enter_downlink(StreamId id, const Transfer& transfer) {
  const std::uint32_t index = take_transfer();
  transfers_[index] = transfer;
  ++streams_[id].before_downlink;
  queue_.push({streams_[id].last_first_byte, EventKind::first_byte, index});
}

std::uint32_t Links::take_transfer() {
  if (free_transfers_.empty()) {
    transfers_.emplace_back();
    return static_cast<std::uint32_t>(transfers_.size() - 1);
  }
  const std::uint32_t transfer = free_transfers_.back();
  free_transfers_.pop_back();
  return transfer;
}

void Links::on_first_byte(const Pending& event) {
  const Transfer transfer = transfers_[event.target];
  free_transfers_.push_back(event.target);
  Direction& stream = streams_[transfer.stream];
  --stream.before_downlink;
  Time& downlink_free = downlink_free_[stream.to];
  const Time start = transfer.small ? event.at : std::max(event.at, downlink_free);
  const Time end = std::max(transfer.last_byte, later(start, transfer.transmission));
  downlink_free = later(std::max(downlink_free, start), transfer.transmission);
  enqueue(transfer.stream, transfer.deliver, later(end, transfer.lost));
}

// Behind all that was sent on its stream, through all queues.
void Links::send_fin(StreamId id, Time now) {
  Direction& stream = streams_[id];
  const Pending fin{now, EventKind::fin, id};
  const Time arrives = later(std::max(now, stream.upload_end), latency_of(id));
  ++signals_;
  if (stream.before_downlink == 0) return enqueue(id, fin, arrives);
  stream.last_first_byte = std::max(stream.last_first_byte, arrives);
  enter_downlink(id, {id, true, {}, arrives, {}, fin});
}

}  // namespace sim
