// Connections: made, dialled, closed, and what cuts and rules make of them.
#include "net-sim/link.h"

#include <algorithm>
#include <limits>

#include "core/check.h"
#include "net-sim/streams.h"

namespace sim {
namespace {

std::pair<NodeIndex, NodeIndex> ends(NodeIndex a, NodeIndex b) { return std::minmax(a, b); }

}  // namespace

Links::Links(const Scenario& scenario, std::vector<Rates> rates, EventQueue<Pending>& queue,
             const std::vector<std::uint32_t>& regions)
    : scenario_(scenario),
      queue_(queue),
      latency_(scenario, regions),
      max_frame_(scenario.network.max_frame == kUnlimited
                     ? std::numeric_limits<std::uint64_t>::max()
                     : scenario.network.max_frame),
      rates_(std::move(rates)),
      uplink_free_(rates_.size()),
      downlink_free_(rates_.size()) {
  const bool limited = std::any_of(rates_.begin(), rates_.end(), [](const Rates& r) {
    return r.up != kUnlimited || r.down != kUnlimited;
  });
  if (!limited) return;
  switch (scenario.network.bandwidth.model) {
    case Bandwidth::Model::shared:
      sharing_ = Sharing::shared;
      break;
    case Bandwidth::Model::per_link:
      sharing_ = Sharing::per_link;
      break;
    case Bandwidth::Model::one_upload:
      sharing_ = Sharing::one_upload;
      break;
  }
}

StreamId Links::add_connection(NodeIndex dialler, NodeIndex acceptor, const LinkOwn& own) {
  const auto id = static_cast<StreamId>(streams_.size());
  chain::Random random = stream(scenario_.seed, Stream::latency, id / 2);
  chain::Random lots = stream(scenario_.seed, Stream::loss, id / 2);
  streams_.resize(streams_.size() + 2);
  rare_.resize(streams_.size());
  const auto [there, back] = latency_.of_link(dialler, acceptor, random);
  rare_[id].base_latency = there;
  rare_[id + 1].base_latency = back;
  for (StreamId side = id; side < id + 2; ++side) {
    Rare& rare = rare_[side];
    streams_[side].draws = random.next();
    rare.lots = lots.next();
    rare.drawn = latency_.per_message() && !own.latency;
    if (own.latency) rare.base_latency = *own.latency;
    rare.base_rate = own.bandwidth.value_or(kUnlimited);
    rare.base_loss = probability_q64(own.loss.value_or(scenario_.network.loss));
  }
  streams_[id].from = streams_[id + 1].to = dialler;
  streams_[id].to = streams_[id + 1].from = acceptor;
  streams_[id].law = latency_.law(dialler, acceptor);
  streams_[id + 1].law = latency_.law(acceptor, dialler);
  refresh(id);
  refresh(id + 1);
  return id;
}

StreamId Links::connect(NodeIndex dialler, NodeIndex acceptor, const LinkOwn& own) {
  if (own.latency || own.bandwidth || own.loss) owns_[ends(dialler, acceptor)] = own;
  const StreamId id = add_connection(dialler, acceptor, own);
  set(id, kOpen, true);
  set(id + 1, kOpen, true);
  return id;
}

StreamId Links::dial(NodeIndex dialler, NodeIndex acceptor, Time now) {
  const auto own = owns_.find(ends(dialler, acceptor));
  const StreamId id =
      add_connection(dialler, acceptor, own == owns_.end() ? LinkOwn{} : own->second);
  rare_[id].dialled = now;
  streams_[id].last_arrival = later(now, latency_of(id));
  queue_.push({streams_[id].last_arrival, EventKind::dialled, id});
  ++signals_;
  return id;
}

void Links::fail_dial(StreamId id, Time now) {
  const Time given_up = rare_[id].dialled + scenario_.network.dial_timeout;
  queue_.push({std::max(now, given_up), EventKind::dial_failed, id});
}

bool Links::take_dial(StreamId id, Time now) {
  const StreamId back = id ^ 1;
  if (is_cut(id) || is_cut(back)) {
    fail_dial(id, now);
    return false;
  }
  set(back, kOpen, true);
  streams_[back].last_arrival = later(now, latency_of(back));
  queue_.push({streams_[back].last_arrival, EventKind::accepted, back});
  return true;
}

void Links::refuse_dial(StreamId id, Time now) {
  if (is_cut(id) || is_cut(id ^ 1)) return fail_dial(id, now);
  queue_.push({later(now, latency_of(id ^ 1)), EventKind::dial_failed, id});
}

// The acceptor's end may have been closed meanwhile, by a reset; if not, it is half-open now.
bool Links::take_answer(StreamId back, Time now) {
  if (is_cut(back) || !is_open(back)) {
    fail_dial(back ^ 1, now);
    return false;
  }
  set(back ^ 1, kOpen, true);
  return true;
}

void Links::close(StreamId id, Time now) {
  close_end(id);
  if (is_open(id ^ 1)) send_fin(id, now);
}

// Ends and cuts concern both directions, which each have their own view of them.
void Links::set(StreamId id, Flag flag, bool on) {
  const auto change = [on](Direction& stream, unsigned bit) {
    const unsigned flags = on ? stream.flags | bit : stream.flags & ~bit;
    stream.flags = static_cast<std::uint16_t>(flags);
  };
  change(streams_[id], flag);
  if (flag == kOpen) change(streams_[id ^ 1], kOtherOpen);
  if (flag == kCut) change(streams_[id ^ 1], kBackCut);
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

// What cuts and rules make of a stream, from scratch: of several rules the later counts. What is
// being transmitted ends when it would have; a new rate is that of what is sent from now on.
void Links::refresh(StreamId id) {
  Direction& stream = streams_[id];
  Rare& rare = rare_[id];
  stream.latency = rare.base_latency;
  rare.rate = rare.base_rate;
  rare.loss = rare.base_loss;
  rare.factor = kBillion;
  bool draws = rare.drawn;
  bool cut = false;
  const auto times = [](std::int64_t value, Decimal factor) {
    return capped(static_cast<chain::Int128>(value) * factor.billionths / kBillion);
  };
  for (const auto& [key, rule] : rules_) {
    if (!rule.concerns(stream.from, stream.to)) continue;
    const LinkChange& change = rule.change;
    if (change.latency) {
      stream.latency = *change.latency;
      draws = false;
    }
    if (change.latency_factor) {
      stream.latency = times(stream.latency.ns, *change.latency_factor);
      rare.factor = times(rare.factor, *change.latency_factor).ns;
    }
    if (change.loss) rare.loss = probability_q64(*change.loss);
    if (change.bandwidth) rare.rate = *change.bandwidth;
    if (change.cut) cut = *change.cut;
  }
  for (const auto& [key, separation] : cuts_) {
    cut = cut || separation.separates(stream.from, stream.to);
  }
  set(id, kCut, cut);
  set(id, kDraws, draws);
  set(id, kScaled, rare.factor != kBillion);
  set(id, kOwn, rare.rate != kUnlimited || rare.loss != 0);
}

Links::Condition Links::condition(StreamId id) const {
  const Direction& stream = streams_[id];
  const Rare& rare = rare_[id];
  return {.latency = stream.latency,
          .draws = (stream.flags & kDraws) != 0,
          .rate = rare.rate,
          .loss = rare.loss,
          .factor = rare.factor,
          .cut = is_cut(id)};
}

std::vector<Duration> Links::next_draws(StreamId id, std::size_t count) const {
  const Direction& stream = streams_[id];
  std::uint64_t state = stream.draws;
  std::vector<Duration> draws;
  for (std::size_t i = 0; i < count; ++i) {
    const Duration drawn = latency_.of_message(stream.law, state);
    draws.push_back(capped(static_cast<chain::Int128>(drawn.ns) * rare_[id].factor / kBillion));
  }
  return draws;
}

}  // namespace sim
