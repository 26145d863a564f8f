#include "net-sim/check_liveness.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>

#include "net-sim/node_options.h"
#include "net-sim/resolve.h"
#include "net-sim/streams.h"

namespace sim {
namespace {

// The byte budget is a sum of grants:
// - block found: control frames on each open end;
// - block taken by a node: its body twice, since two peers may be asked for it, and its header;
// - tip followed by a node: its body on each end of that node, if some node gets bodies unasked;
// - end opened: greetings, a locator, and pings until the run ends.
constexpr std::uint64_t kPerBlockAndEnd = 2'000;
constexpr std::uint64_t kPerTaken = 600;
constexpr std::uint64_t kPerOpening = 4'000;
constexpr std::uint64_t kPerPing = 400;

bool has_eclipser(const Scenario& scenario) {
  return std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [](const NodeOverride& entry) {
    return entry.behaviour && entry.behaviour->kind == Behaviour::Kind::eclipser;
  });
}

// Whether the event leaves something behind that only another event could end.
bool lasts(const Event& event) {
  if (event.lasts) return false;
  if (std::holds_alternative<Pause>(event.action)) return true;
  const auto* change = std::get_if<LinkChange>(&event.action);
  return change != nullptr && change->cut.value_or(false);
}

}  // namespace

bool clocks_agree(const Checked& world) {
  if (world.clock_offsets.empty()) return true;
  const auto [least, most] =
      std::minmax_element(world.clock_offsets.begin(), world.clock_offsets.end());
  return *most - *least < chain::kMaxAhead;
}

// Links from one end of the network to the other, at most; of random graphs a generous guess.
std::int64_t hops_across(const NetworkSection& network) {
  switch (network.topology.kind) {
    case Topology::Kind::full_mesh:
      return 1;
    case Topology::Kind::star:
      return 2;
    case Topology::Kind::tree:
    case Topology::Kind::random_regular:
    case Topology::Kind::outbound:
    case Topology::Kind::erdos_renyi:
    case Topology::Kind::small_world:
    case Topology::Kind::scale_free:
    case Topology::Kind::degrees:
      return 2 * std::bit_width(network.nodes);
    default:
      return network.nodes;
  }
}

// How many blocks the run is to have. Where difficulty follows a part of the power, each part finds
// as many as the whole.
std::int64_t expected_blocks(const Scenario& scenario) {
  std::int64_t blocks = last_fault(scenario).value_or(Time{}).ns / scenario.chain.block_interval.ns;
  if (scenario.chain.retarget) blocks *= 2;
  for (const Firing& firing : timetable(scenario)) {
    const auto* mine = std::get_if<Mine>(&scenario.events[firing.event].action);
    if (mine != nullptr) blocks += mine->blocks;
  }
  return blocks;
}

Duration slow_round_trip(const NetworkSection& network) {
  const Distribution& law = network.latency;
  const std::int64_t typical = std::max({law.value, law.max, law.mean, law.median});
  constexpr Duration kRetransmission = chain::seconds(3);
  return Duration{8 * typical} + kRetransmission * network.loss.ppb / kBillion * 2;
}

// What it takes to download so many blocks from one peer whose and whose asker's limits are small:
// headers in two passes, bodies by windows. Under the default limits next to nothing.
Duration downloading(const Scenario& scenario, std::int64_t blocks) {
  const chain::SyncLimits& limits = scenario.options;
  const Distribution& size = scenario.chain.block_size;
  const std::int64_t bytes = std::max({size.value, size.mean, size.median, std::int64_t{1}});
  const auto in_a_page = static_cast<std::int64_t>(limits.bytes_per_page) / bytes;
  const auto bodies =
      std::min({std::int64_t{limits.download_window}, std::int64_t{limits.bodies_per_request},
                std::max<std::int64_t>(in_a_page, 1)});
  const std::int64_t rounds = 2 * blocks / limits.headers_per_page + blocks / bodies;
  return slow_round_trip(scenario.network) * rounds;
}

// What it takes to download, validate and store all blocks that the run is to have, one by one, and
// then at the next node: who was away has the last one whole before it tells of it.
Duration catching_up(const Scenario& scenario) {
  const std::int64_t blocks = expected_blocks(scenario);
  const Duration each = scenario.chain.validation.per_block + scenario.chain.commit_time;
  return (each * blocks + downloading(scenario, blocks)) * hops_across(scenario.network);
}

Duration liveness_bound(const Scenario& scenario) {
  const Reconnect& reconnect = scenario.network.reconnect;
  const auto pings = [](const auto& part) { return part.first == ProtocolKind::header_first; };
  const bool any_pings =
      std::any_of(scenario.protocol.begin(), scenario.protocol.end(), pings) ||
      std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [](const NodeOverride& entry) {
        return entry.protocol == ProtocolKind::header_first;
      });
  const Duration silence = scenario.network.keepalive * (any_pings ? 2 : 0);
  return kLastRetransmission * 2 + silence + reconnect.max + scenario.network.dial_timeout +
         chain::minutes(3) + catching_up(scenario);
}

std::optional<Time> last_fault(const Scenario& scenario) {
  Time last{};
  std::vector<std::string> cuts;  // names of partitions that no heal has ended
  for (const Firing& firing : timetable(scenario)) {
    const Event& event = scenario.events[firing.event];
    if (lasts(event)) return std::nullopt;
    Time end = firing.at;
    if (const auto* crash = std::get_if<Crash>(&event.action)) {
      end = end + crash->restart_after.value_or(Duration{});
    } else if (std::holds_alternative<Churn>(event.action)) {
      if (!event.to) return std::nullopt;
      end = *event.to;
    } else if (const auto* heal = std::get_if<Heal>(&event.action)) {
      std::erase_if(cuts, [&](const auto& n) { return heal->name.empty() || n == heal->name; });
    } else if (const auto* cut = std::get_if<Partition>(&event.action)) {
      if (!event.lasts) cuts.push_back(cut->name);
    }
    last = std::max(last, end);
  }
  const bool cut_links = std::any_of(scenario.links.begin(), scenario.links.end(),
                                     [](const LinkChange& c) { return c.cut.value_or(false); });
  if (!cuts.empty() || cut_links) return std::nullopt;
  return last;
}

LivenessChecker::LivenessChecker(const Checked& world, ViolationLog& log,
                                 const StreamChecker& streams, ChainChecker& chains)
    : world_(world),
      log_(log),
      streams_(streams),
      chains_(chains),
      bound_(liveness_bound(world.scenario)),
      last_fault_(last_fault(world.scenario)),
      up_(world.honest.size(), true) {
  for (NodeIndex node = 0; node < up_.size(); ++node) {
    any_original_ = any_original_ || world_.is_original(node);
    any_relay_of_bodies_ = any_relay_of_bodies_ || world_.is_original(node) ||
                           world_.options[node].relay == chain::Relay::block;
  }
  const auto regions = draw_regions(world.scenario, stream(world.scenario.seed, Stream::regions));
  for (const Firing& firing : timetable(world.scenario)) {  // who joins was not there before
    const auto* join = std::get_if<Join>(&world.scenario.events[firing.event].action);
    if (join == nullptr || firing.undo) continue;
    for (const NodeIndex node :
         resolve(join->select, world.scenario, regions,
                 stream(world.scenario.seed, Stream::faults, key_of(firing)))) {
      up_[node] = false;
    }
  }
  for (const Edge& edge : world.edges) wished_.push_back(up_[edge.from] && up_[edge.to]);
}

void LivenessChecker::stopped(Time now, NodeIndex node) {
  up_[node] = false;
  disturbed_ = now;
  for (std::size_t i = 0; i < wished_.size(); ++i) {
    if (world_.edges[i].from == node) wished_[i] = false;
  }
}

void LivenessChecker::started(Time now, NodeIndex node) {
  up_[node] = true;
  disturbed_ = now;
  for (std::size_t i = 0; i < wished_.size(); ++i) {
    if (world_.edges[i].from == node) wished_[i] = true;
  }
}

bool LivenessChecker::is_calm(Time now) const {
  if (!last_fault_ || has_eclipser(world_.scenario) || !clocks_agree(world_)) return false;
  return std::max(*last_fault_, disturbed_) + bound_ <= now;
}

bool LivenessChecker::all_honest() const {
  return std::all_of(world_.honest.begin(), world_.honest.end(), [](auto h) { return h != 0; });
}

void LivenessChecker::finish(Time now) {
  if (all_honest()) judge_budget(now);
  if (!is_calm(now)) return;
  judge_tips(connected(any_original_), false);
  if (any_original_) judge_tips(connected(false), true);
  for (NodeIndex node = 0; node < up_.size(); ++node) {
    if (counts(node)) chains_.judge_rest(node);
  }
  judge_connections();
  judge_requests(now);
  // Where places are limited, who found none dials on, and speaks where one becomes free; where
  // addresses are exchanged, one that failed is tried again long after, and what differs is told.
  const NetworkSection& network = world_.scenario.network;
  if (all_honest() && !network.max_inbound && !network.discovery) judge_traffic(now);
}

LivenessChecker::Groups LivenessChecker::connected(bool without_the_original) const {
  Groups lowest(up_.size());
  std::iota(lowest.begin(), lowest.end(), NodeIndex{0});
  const auto root = [&](NodeIndex node) {
    while (lowest[node] != node) node = lowest[node] = lowest[lowest[node]];
    return node;
  };
  const auto joins = [&](NodeIndex node) {
    return counts(node) && !(without_the_original && world_.is_original(node));
  };
  for (StreamId stream = 0; stream + 1 < streams_.size(); stream += 2) {
    if (!streams_.is_open(stream) || !streams_.is_open(stream + 1)) continue;
    const NodeIndex a = world_.links.sender(stream), b = world_.links.receiver(stream);
    if (!joins(a) || !joins(b) || world_.rule_set(a) != world_.rule_set(b)) continue;
    const NodeIndex root_a = root(a), root_b = root(b);
    lowest[std::max(root_a, root_b)] = std::min(root_a, root_b);
  }
  for (NodeIndex node = 0; node < lowest.size(); ++node) lowest[node] = root(node);
  return lowest;
}

void LivenessChecker::judge_tips(const Groups& groups, bool original) {
  const bool decided = world_.scenario.chain.tie_break == TieBreak::lowest_hash;
  for (NodeIndex node = 0; node < groups.size(); ++node) {
    if (!counts(node)) continue;
    const NodeIndex other = groups[node];
    const chain::BlockId a = chains_.tip_of(node), b = chains_.tip_of(other);
    if (a == b) continue;
    const bool equal = world_.tree.work(a) == world_.tree.work(b);
    if (equal && !(decided && world_.keeps_branches(node) && world_.keeps_branches(other)))
      continue;
    log_.report(equal ? Invariant::equal_tips : Invariant::equal_work, node, original,
                "its tip has height " + std::to_string(world_.tree.height(a)) + ", that of node " +
                    std::to_string(other) + " has " + std::to_string(world_.tree.height(b)));
  }
}

// A link that somebody was told to end, and places that are limited, are no matter of redialling.
void LivenessChecker::judge_connections() {
  const Scenario& scenario = world_.scenario;
  const bool ended =
      std::any_of(scenario.events.begin(), scenario.events.end(), [](const Event& event) {
        return std::holds_alternative<Disconnect>(event.action) ||
               std::holds_alternative<Connect>(event.action);
      });
  const bool limited = scenario.network.max_inbound.has_value() ||
                       scenario.network.topology.kind == Topology::Kind::outbound;
  if (ended || limited) return;
  std::map<std::pair<NodeIndex, NodeIndex>, bool> open;
  // The original has no keepalive: an end with nothing to send does not notice that the other is
  // gone.
  const auto is_unaware = [&](StreamId stream) {
    return streams_.is_open(stream) && (world_.is_original(world_.links.sender(stream)) ||
                                        world_.is_original(world_.links.receiver(stream)));
  };
  for (StreamId stream = 0; stream + 1 < streams_.size(); stream += 2) {
    const bool both = streams_.is_open(stream) && streams_.is_open(stream + 1);
    if (!both && !is_unaware(stream) && !is_unaware(stream + 1)) continue;
    open[std::minmax(world_.links.sender(stream), world_.links.receiver(stream))] = true;
  }
  for (std::size_t i = 0; i < wished_.size(); ++i) {
    const Edge& edge = world_.edges[i];
    const bool wished = wished_[i] && counts(edge.from) && counts(edge.to) &&
                        !world_.reject_each_other(edge.from, edge.to) &&
                        world_.options[edge.from].redial.has_value();
    if (!wished || open.count(std::minmax(edge.from, edge.to)) > 0) continue;
    log_.report(Invariant::reconnected, edge.from, world_.is_original(edge.from),
                "it is not connected to node " + std::to_string(edge.to));
  }
}

void LivenessChecker::judge_traffic(Time now) {
  const Time calm_from = std::max(*last_fault_, disturbed_) + bound_;
  if (streams_.last_busy() <= calm_from || streams_.last_busy() > now) return;
  const NodeIndex sender = world_.links.sender(streams_.last_busy_stream());
  log_.report(Invariant::traffic_calm, sender, world_.is_original(sender),
              "it still said " + std::string(name_of(streams_.last_busy_type())) + " at " +
                  std::to_string(streams_.last_busy().seconds()) + " s");
}

void LivenessChecker::judge_requests(Time now) {
  for (StreamId stream = 0; stream < streams_.size(); ++stream) {
    const NodeIndex asker = world_.links.sender(stream), asked = world_.links.receiver(stream);
    const Time since = streams_.asked_since(stream);
    if (!counts(asker) || !counts(asked) || since == chain::kNever || since + bound_ > now)
      continue;
    log_.report(Invariant::requests_answered, asker, world_.is_original(asker),
                "what it asked of node " + std::to_string(asked) + " at " +
                    std::to_string(since.seconds()) + " s was never answered");
  }
}

void LivenessChecker::stepped(NodeIndex node, const chain::Effects& effects) {
  for (const chain::BlockId block : effects.accepted()) {
    granted_ += 2 * world_.tree.block_bytes(block) + kPerTaken;
  }
  if (!any_relay_of_bodies_) return;
  for (const chain::TipChange& change : effects.tip_changes()) {
    granted_ += streams_.open_ends_of(node) * world_.tree.block_bytes(change.to);
  }
}

void LivenessChecker::found(Time now) {
  disturbed_ = now;
  granted_ += streams_.open_ends() * kPerBlockAndEnd;
}

void LivenessChecker::judge_budget(Time now) {
  for (NodeIndex node = 0; node < up_.size(); ++node) {
    if (!world_.keeps_branches(node)) return;  // what is refused is granted nothing
  }
  const auto pings = static_cast<std::uint64_t>((now - chain::kTimeZero).ns /
                                                world_.scenario.network.keepalive.ns);
  const std::uint64_t granted =
      granted_ + streams_.openings() * (kPerOpening + (pings + 1) * kPerPing);
  const std::uint64_t sent = streams_.sent_by_honest().bytes;
  if (sent <= granted) return;
  log_.report(Invariant::byte_budget, 0, any_original_,
              std::to_string(sent) + " bytes were sent; the budget is " + std::to_string(granted));
}

}  // namespace sim
