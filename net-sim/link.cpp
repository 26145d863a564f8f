#include "net-sim/link.h"

#include <algorithm>

#include "core/check.h"
#include "net-sim/streams.h"

namespace sim {
namespace {

// No run lasts so long: what is later never happens, and sums of times stay far from overflow.
constexpr Time kFarFuture = chain::kTimeZero + kMaxDuration * 2;

Time later(Time time, Duration after) {
  return after < kFarFuture - time ? time + after : kFarFuture;
}

Duration capped(chain::Int128 nanoseconds) {
  return {static_cast<std::int64_t>(
      std::min(nanoseconds, static_cast<chain::Int128>(kMaxDuration.ns)))};
}

}  // namespace

Duration transmission_time(std::uint64_t bytes, std::uint64_t rate) {
  if (rate == kUnlimited) return {};
  return capped((static_cast<chain::Int128>(bytes) * kBillion + rate - 1) / rate);
}

Links::Links(const Scenario& scenario, std::vector<Rates> rates, EventQueue<Pending>& queue)
    : scenario_(scenario),
      queue_(queue),
      latency_(scenario.network.latency),
      per_message_(scenario.network.latency.per == Distribution::Per::message &&
                   !latency_.constant()),
      rates_(std::move(rates)),
      uplink_free_(rates_.size()),
      downlink_free_(rates_.size()) {
  limited_ = std::any_of(rates_.begin(), rates_.end(),
                         [](const Rates& r) { return r.up != kUnlimited || r.down != kUnlimited; });
}

StreamId Links::add_connection(NodeIndex dialler, NodeIndex acceptor) {
  const auto id = static_cast<StreamId>(streams_.size());
  chain::Random random = stream(scenario_.seed, Stream::latency, id / 2);
  streams_.resize(streams_.size() + 2);
  const Duration drawn{latency_.draw(random)};
  for (StreamId side = id; side < id + 2; ++side) {
    streams_[side].base_latency = drawn;
    streams_[side].timeout = kFirstRetransmission;
    streams_[side].jitter = random.next();
  }
  streams_[id].from = dialler;
  streams_[id + 1].from = acceptor;
  refresh(id);
  refresh(id + 1);
  return id;
}

StreamId Links::connect(NodeIndex dialler, NodeIndex acceptor) {
  const StreamId id = add_connection(dialler, acceptor);
  streams_[id].open = streams_[id + 1].open = true;
  return id;
}

StreamId Links::dial(NodeIndex dialler, NodeIndex acceptor, Time now) {
  const StreamId id = add_connection(dialler, acceptor);
  streams_[id].dialled = now;
  streams_[id].last_arrival = later(now, latency_of(streams_[id]));
  queue_.push({streams_[id].last_arrival, EventKind::dialled, id});
  ++signals_;
  return id;
}

void Links::fail_dial(StreamId id, Time now) {
  const Time given_up = streams_[id].dialled + scenario_.network.dial_timeout;
  queue_.push({std::max(now, given_up), EventKind::dial_failed, id});
}

bool Links::take_dial(StreamId id, Time now) {
  Direction& back = streams_[id ^ 1];
  if (streams_[id].cut || back.cut) {
    fail_dial(id, now);
    return false;
  }
  back.open = true;
  back.last_arrival = later(now, latency_of(back));
  queue_.push({back.last_arrival, EventKind::accepted, id ^ 1});
  return true;
}

void Links::refuse_dial(StreamId id, Time now) {
  Direction& back = streams_[id ^ 1];
  if (streams_[id].cut || back.cut) return fail_dial(id, now);
  queue_.push({later(now, latency_of(back)), EventKind::dial_failed, id});
}

// The acceptor's end may have been closed meanwhile, by a reset; if not, it is half-open now.
bool Links::take_answer(StreamId back, Time now) {
  if (streams_[back].cut || !streams_[back].open) {
    fail_dial(back ^ 1, now);
    return false;
  }
  streams_[back ^ 1].open = true;
  return true;
}

// The latency of the next message: the link's own, or a new draw, times the factors of rules.
Duration Links::latency_of(Direction& stream) {
  if (!per_message_ || stream.fixed) return stream.latency;
  chain::Random random(chain::splitmix64(stream.jitter));
  const Duration drawn{latency_.draw(random)};
  if (stream.latency == stream.base_latency || stream.base_latency.ns == 0) return drawn;
  return capped(static_cast<chain::Int128>(drawn.ns) * stream.latency.ns / stream.base_latency.ns);
}

void Links::send(StreamId id, const chain::Message& message, std::uint64_t bytes, Time now) {
  ++ledger_.sent;
  const Pending event{now, EventKind::deliver, id, message};
  if (limited_) return send_limited(id, event, bytes, now);
  enqueue(id, event, later(now, latency_of(streams_[id])));
}

// Puts `event` behind everything sent before on its stream.
void Links::enqueue(StreamId id, Pending event, Time earliest) {
  Direction& stream = streams_[id];
  event.at = stream.last_arrival = std::max(earliest, stream.last_arrival);
  queue_.push(event);
}

void Links::send_limited(StreamId id, Pending event, std::uint64_t bytes, Time now) {
  Direction& stream = streams_[id];
  const NodeIndex receiver = streams_[id ^ 1].from;
  const Duration up = transmission_time(bytes, rates_[stream.from].up);
  const bool small = bytes < kSmall;
  Time& uplink_free = uplink_free_[stream.from];
  const Time start = std::max({now, stream.uplink_end, small ? now : uplink_free});
  uplink_free = later(std::max(uplink_free, start), up);
  stream.uplink_end = later(start, up);
  const Duration latency = latency_of(stream);
  // First bytes keep the stream's order as well; the queue keeps that of equal times.
  stream.last_first_byte = std::max(stream.last_first_byte, later(start, latency));
  const Time last_byte = later(stream.uplink_end, latency);
  const Duration down = transmission_time(bytes, rates_[receiver].down);
  if (stream.before_downlink == 0 && (small || down.ns == 0)) {
    return enqueue(id, event, std::max(last_byte, later(later(start, latency), down)));
  }
  enter_downlink(id, small, down, last_byte, event);
}

// Once its first byte is there.
void Links::enter_downlink(StreamId id, bool small, Duration transmission, Time last_byte,
                           Pending event) {
  const std::uint32_t transfer = take_transfer();
  transfers_[transfer] = {id, small, transmission, last_byte, event};
  ++streams_[id].before_downlink;
  queue_.push({streams_[id].last_first_byte, EventKind::first_byte, transfer});
}

// Behind all that was sent on its stream, through both queues.
void Links::send_fin(StreamId id, Time now) {
  Direction& stream = streams_[id];
  const Pending fin{now, EventKind::fin, id};
  const Time arrives = later(std::max(now, stream.uplink_end), latency_of(stream));
  ++signals_;
  if (stream.before_downlink == 0) return enqueue(id, fin, arrives);
  stream.last_first_byte = std::max(stream.last_first_byte, arrives);
  enter_downlink(id, true, {}, arrives, fin);
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
  --streams_[transfer.stream].before_downlink;
  const NodeIndex receiver = streams_[transfer.stream ^ 1].from;
  Time& downlink_free = downlink_free_[receiver];
  const Time start = transfer.small ? event.at : std::max(event.at, downlink_free);
  const Time end = later(start, transfer.transmission);
  downlink_free = later(std::max(downlink_free, start), transfer.transmission);
  enqueue(transfer.stream, transfer.deliver, std::max(transfer.last_byte, end));
}

void Links::close(StreamId id, Time now) {
  streams_[id].open = false;
  if (streams_[id ^ 1].open) send_fin(id, now);
}

bool Links::arrives(const Pending& event) {
  const StreamId id = event.target;
  Direction& stream = streams_[id];
  if (event.again) {
    --stream.coming_again;
  } else if (stream.coming_again > 0) {  // due at the instant of a retransmission: after it
    queue_.push(event);
    return false;
  }
  const bool open = streams_[id ^ 1].open;
  if (!open && !stream.open) {  // nobody is left to send it again, or to take it
    drop(event);
    return false;
  }
  if (stream.cut || stream.stall != kNoStream) {
    stall(id, event);
    return false;
  }
  if (!open) {
    // Data for a closed end is answered with a reset.
    if (event.kind == EventKind::deliver && !streams_[id ^ 1].cut) send_fin(id ^ 1, event.at);
    drop(event);
    return false;
  }
  if (event.kind == EventKind::deliver) {
    ++ledger_.delivered;
  } else {
    --signals_;
  }
  if (streams_[id ^ 1].cut) {
    note_unacknowledged(id, event.at);
  } else {
    stream.unacknowledged = chain::kNever;
  }
  return true;
}

// What will never arrive.
void Links::drop(const Pending& event) {
  if (event.kind == EventKind::deliver) {
    ++ledger_.lost_to_close;
  } else {
    --signals_;
  }
}

void Links::drop_stalled(StreamId id) {
  Direction& stream = streams_[id];
  if (stream.stall == kNoStream) return;
  for (const Pending& lost : stalls_[stream.stall]) drop(lost);
  stalls_[stream.stall].clear();
  free_stalls_.push_back(stream.stall);
  stream.stall = kNoStream;
}

void Links::stall(StreamId id, const Pending& event) {
  Direction& stream = streams_[id];
  if (stream.stall == kNoStream) {
    if (free_stalls_.empty()) {
      free_stalls_.push_back(static_cast<std::uint32_t>(stalls_.size()));
      stalls_.emplace_back();
    }
    stream.stall = free_stalls_.back();
    free_stalls_.pop_back();
  }
  stalls_[stream.stall].push_back(event);
  note_unacknowledged(id, event.at);
}

void Links::note_unacknowledged(StreamId id, Time since) {
  Direction& stream = streams_[id];
  if (stream.unacknowledged == chain::kNever) {
    stream.unacknowledged = since;
    queue_.push({since + scenario_.network.tcp_timeout, EventKind::tcp_timeout, id});
  }
  if (!stream.retransmitting) arm_retransmission(id, since);
}

void Links::arm_retransmission(StreamId id, Time now) {
  Direction& stream = streams_[id];
  stream.retransmitting = true;
  queue_.push({now + stream.timeout, EventKind::retransmit, id});
  stream.timeout = std::min(stream.timeout * 2, kLastRetransmission);
}

void Links::on_retransmit(const Pending& event) {
  Direction& stream = streams_[event.target];
  stream.retransmitting = false;
  if (!stream.open && !streams_[event.target ^ 1].open) drop_stalled(event.target);
  const bool given_up = !stream.open && stream.stall == kNoStream;
  if (stream.unacknowledged == chain::kNever || given_up) {
    stream.timeout = kFirstRetransmission;
    return;
  }
  if (stream.cut) return arm_retransmission(event.target, event.at);
  if (stream.stall != kNoStream) {
    const std::uint32_t stall = stream.stall;
    stream.stall = kNoStream;
    // Before all that is under way on this stream, whatever its arrival.
    for (Pending& stalled : stalls_[stall]) {
      stalled.at = event.at;
      stalled.again = true;
      ++stream.coming_again;
      queue_.push(stalled);
    }
    stalls_[stall].clear();
    free_stalls_.push_back(stall);
  }
  if (streams_[event.target ^ 1].cut) return arm_retransmission(event.target, event.at);
  stream.timeout = kFirstRetransmission;
  stream.unacknowledged = chain::kNever;
}

bool Links::times_out(const Pending& event) {
  Direction& stream = streams_[event.target];
  if (stream.unacknowledged == chain::kNever) return false;
  const Time due = stream.unacknowledged + scenario_.network.tcp_timeout;
  if (due > event.at) {  // acknowledged meanwhile, and stalled again
    queue_.push({due, EventKind::tcp_timeout, event.target});
    return false;
  }
  drop_stalled(event.target);  // what was never acknowledged is lost with the connection
  stream.unacknowledged = chain::kNever;
  return stream.open;
}

void Links::add_cut(std::uint64_t key, Cut cut) {
  cuts_.emplace_back(key, std::move(cut));
  refresh_all();
}

void Links::remove_cut(std::uint64_t key) {
  std::erase_if(cuts_, [key](const auto& entry) { return entry.first == key; });
  refresh_all();
}

void Links::add_rule(std::uint64_t key, LinkRule rule) {
  rules_.emplace_back(key, std::move(rule));
  refresh_all();
}

void Links::remove_rule(std::uint64_t key) {
  std::erase_if(rules_, [key](const auto& entry) { return entry.first == key; });
  refresh_all();
}

void Links::refresh_all() {
  for (StreamId id = 0; id < streams_.size(); ++id) refresh(id);
}

// What cuts and rules make of a stream, from scratch: of several rules the later counts.
void Links::refresh(StreamId id) {
  Direction& stream = streams_[id];
  const NodeIndex to = streams_[id ^ 1].from;
  stream.latency = stream.base_latency;
  stream.fixed = false;
  stream.cut = false;
  for (const auto& [key, rule] : rules_) {
    if (!rule.concerns(stream.from, to)) continue;
    if (rule.change.latency) {
      stream.latency = *rule.change.latency;
      stream.fixed = true;
    }
    if (rule.change.latency_factor) {
      stream.latency = capped(static_cast<chain::Int128>(stream.latency.ns) *
                              rule.change.latency_factor->billionths / kBillion);
    }
    if (rule.change.cut) stream.cut = *rule.change.cut;
  }
  for (const auto& [key, cut] : cuts_) {
    stream.cut = stream.cut || cut.separates(stream.from, to);
  }
}

}  // namespace sim
