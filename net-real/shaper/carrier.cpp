#include "net-real/shaper/carrier.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace net {
namespace {

using chain::Duration;
using chain::Time;

// Rounded up.
Duration transmission(std::uint64_t bytes, std::uint64_t rate) {
  if (rate == 0) return {};
  constexpr std::uint64_t kBillion = 1'000'000'000;
  const std::uint64_t whole = bytes / rate;
  const auto rest = static_cast<double>(bytes % rate) * 1e9 / static_cast<double>(rate);
  return Duration{static_cast<std::int64_t>(whole * kBillion) +
                  static_cast<std::int64_t>(std::ceil(rest))};
}

}  // namespace

void Carrier::set_rates(NodeNumber node, const Rates& rates) {
  if (nodes_.size() <= node) nodes_.resize(node + 1);
  nodes_[node].rates = rates;
}

void Carrier::set_link(NodeNumber from, NodeNumber to, LinkState state) {
  links_[{from, to}] = std::move(state);
}

const LinkState& Carrier::link(StreamNumber id) const {
  static const LinkState kPlain;
  const auto found = links_.find({streams_[id].from, streams_[id].to});
  return found == links_.end() ? kPlain : found->second;
}

Duration Carrier::latency_of(StreamNumber id) {
  const LinkState& state = link(id);
  if (state.draws.empty()) return state.latency;
  return state.draws[streams_[id].drawn++ % state.draws.size()];
}

// --- Dials ---------------------------------------------------------------------------------------

StreamNumber Carrier::dial(NodeNumber from, NodeNumber to) {
  const auto id = static_cast<StreamNumber>(streams_.size());
  streams_.resize(streams_.size() + 2);
  if (nodes_.size() <= std::max(from, to)) nodes_.resize(std::max(from, to) + 1);
  Stream& there = streams_[id];
  Stream& back = streams_[id + 1];
  there.from = back.to = from;
  there.to = back.from = to;
  there.is_open = true;
  there.dialled = agenda_.now();
  there.last_arrival = there.dialled + (is_shaping_ ? latency_of(id) : Duration{});
  agenda_.at(there.last_arrival, [this, id] {
    if (!is_shaping_ || (!is_cut(id) && !is_cut(id ^ 1))) return ends_.dialled(id);
    const Time given_up = std::max(agenda_.now(), streams_[id].dialled + dial_timeout_);
    agenda_.at(given_up, [this, id] { ends_.dial_failed(id); });
  });
  return id;
}

void Carrier::accept(StreamNumber id) { streams_[id ^ 1].is_open = true; }

void Carrier::refuse(StreamNumber id) {
  const Duration back = is_shaping_ ? latency_of(id ^ 1) : Duration{};
  agenda_.at(agenda_.now() + back, [this, id] { ends_.dial_failed(id); });
}

// --- From the sender to the agenda ---------------------------------------------------------------

void Carrier::send(StreamNumber id, Piece piece) {
  const std::uint64_t bytes = piece.payload;
  if (!is_shaping_) return enqueue(id, {std::move(piece)}, agenda_.now());
  carry(id, {std::move(piece)}, bytes);
}

// P(at least r rounds lose one of s segments) = 1 - (1 - p^r)^s; k rounds cost 200 ms * (2^k - 1).
Duration Carrier::loss_of(StreamNumber id, std::uint64_t bytes) {
  const double loss = link(id).loss;
  if (loss <= 0) return {};
  constexpr double kTwoTo64 = 18446744073709551616.0;
  const double uniform = static_cast<double>(random_.next()) / kTwoTo64;
  const auto segments =
      static_cast<double>(std::max<std::uint64_t>(1, (bytes + kSmall - 1) / kSmall));
  int rounds = 0;
  while (rounds < kMaxRounds && uniform < 1 - std::pow(1 - std::pow(loss, rounds + 1), segments)) {
    ++rounds;
  }
  return kFirstRetransmission * ((std::int64_t{1} << rounds) - 1);
}

void Carrier::carry(StreamNumber id, Item item, std::uint64_t bytes) {
  Stream& stream = streams_[id];
  Node& sender = nodes_[stream.from];
  const Time now = agenda_.now();
  const bool small = bytes < kSmall;
  const Duration up = transmission(bytes, sender.rates.up);
  Time first = std::max({now, stream.upload_end, small ? now : sender.uplink_free});
  sender.uplink_free = std::max(sender.uplink_free, first) + up;
  Time last = stream.upload_end = first + up;

  const LinkState& state = link(id);
  if (state.rate != 0) {
    first = std::max(first, stream.own_free);
    stream.own_free = first + transmission(bytes, state.rate);
    last = std::max(last, stream.own_free);
  }
  const Duration lost = loss_of(id, bytes);
  const Duration latency = latency_of(id);
  first = first + latency;
  last = last + latency;

  const Duration down = transmission(bytes, nodes_[stream.to].rates.down);
  stream.last_first_byte = std::max(stream.last_first_byte, first);
  if (stream.before_downlink == 0 && (small || down == Duration{})) {
    return enqueue(id, std::move(item), std::max(last, first + down) + lost);
  }
  enter_downlink(id, std::move(item), bytes, last, lost);
}

// Once its first byte is there, behind those before it on its stream.
void Carrier::enter_downlink(StreamNumber id, Item item, std::uint64_t bytes, Time last,
                             Duration lost) {
  ++streams_[id].before_downlink;
  const auto shared = std::make_shared<Item>(std::move(item));
  agenda_.at(streams_[id].last_first_byte, [this, id, shared, bytes, last, lost] {
    Stream& stream = streams_[id];
    --stream.before_downlink;
    Node& receiver = nodes_[stream.to];
    const Time now = agenda_.now();
    const bool small = bytes < kSmall;
    const Duration down = transmission(bytes, receiver.rates.down);
    const Time start = small ? now : std::max(now, receiver.downlink_free);
    const Time end = std::max(last, start + down);
    receiver.downlink_free = std::max(receiver.downlink_free, start) + down;
    enqueue(id, std::move(*shared), end + lost);
  });
}

void Carrier::enqueue(StreamNumber id, Item item, Time earliest) {
  Stream& stream = streams_[id];
  stream.last_arrival = std::max(stream.last_arrival, earliest);
  const auto shared = std::make_shared<Item>(std::move(item));
  agenda_.at(stream.last_arrival, [this, id, shared, due = stream.last_arrival] {
    arrive(id, std::move(*shared), due);
  });
}

// --- From the agenda to the receiver -------------------------------------------------------------

void Carrier::arrive(StreamNumber id, Item item, Time due) {
  Stream& stream = streams_[id];
  const bool receives = streams_[id ^ 1].is_open;
  if (!stream.is_open && !receives) return;  // nobody is left to send it again, or to take it
  if (is_shaping_ && (is_cut(id) || !stream.stalled.empty())) {
    stream.stalled.push_back(std::move(item));
    return note_unacknowledged(id);
  }
  if (!receives) {  // data for a closed end is answered with a reset
    if (!item.is_end && !is_cut(id ^ 1)) end(id ^ 1);
    return;
  }
  if (is_shaping_ && is_cut(id ^ 1)) {
    note_unacknowledged(id);
  } else {
    stream.is_unacknowledged = false;
  }
  hand_over(id, std::move(item), due);
}

void Carrier::hand_over(StreamNumber id, Item item, Time due) {
  if (item.is_end) return ends_.ended(id, due);
  ends_.arrived(id, std::move(item.piece), due);
}

void Carrier::note_unacknowledged(StreamNumber id) {
  streams_[id].is_unacknowledged = true;
  if (!streams_[id].is_retransmitting) arm_retransmission(id);
}

void Carrier::arm_retransmission(StreamNumber id) {
  Stream& stream = streams_[id];
  stream.is_retransmitting = true;
  agenda_.at(agenda_.now() + stream.timeout, [this, id] { retransmit(id); });
  stream.timeout = std::min(stream.timeout * 2, kLastRetransmission);
}

void Carrier::retransmit(StreamNumber id) {
  Stream& stream = streams_[id];
  stream.is_retransmitting = false;
  if (!stream.is_open && !streams_[id ^ 1].is_open) stream.stalled.clear();
  const bool given_up = !stream.is_open && stream.stalled.empty();
  if (!stream.is_unacknowledged || given_up) {
    stream.timeout = kFirstRetransmission;
    return;
  }
  if (is_cut(id)) return arm_retransmission(id);
  const Time now = agenda_.now();
  std::deque<Item> waiting = std::exchange(stream.stalled, {});
  for (Item& item : waiting) {
    if (streams_[id ^ 1].is_open) hand_over(id, std::move(item), now);
  }
  if (is_cut(id ^ 1)) return arm_retransmission(id);
  stream.timeout = kFirstRetransmission;
  stream.is_unacknowledged = false;
}

// --- Ends ----------------------------------------------------------------------------------------

void Carrier::close(StreamNumber id) {
  close_end(id);
  if (streams_[id ^ 1].is_open) end(id);
}

// Behind all that was sent on the stream, through all queues.
void Carrier::end(StreamNumber id) {
  Stream& stream = streams_[id];
  const Time now = agenda_.now();
  if (!is_shaping_) return enqueue(id, {{}, true}, now);
  const Time arrives = std::max(now, stream.upload_end) + latency_of(id);
  if (stream.before_downlink == 0) return enqueue(id, {{}, true}, arrives);
  stream.last_first_byte = std::max(stream.last_first_byte, arrives);
  enter_downlink(id, {{}, true}, 0, arrives, {});
}

}  // namespace net
