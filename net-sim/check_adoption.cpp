#include "net-sim/check_adoption.h"

#include <algorithm>

#include "net-sim/check_liveness.h"
#include "net-sim/node_options.h"
#include "net-sim/resolve.h"

namespace sim {
namespace {

// After a fault: dialing, greetings, and what was missed.
constexpr Duration kSettling = chain::minutes(2);

bool is_disruptive(const Event& event) {
  return !std::holds_alternative<Mine>(event.action) &&
         !std::holds_alternative<PowerChange>(event.action) &&
         !std::holds_alternative<StopMining>(event.action) &&
         !std::holds_alternative<Heal>(event.action);
}

bool is_unlimited(const Scenario& scenario) {
  const NetworkSection& network = scenario.network;
  const auto limited = [](const NodeOverride& entry) { return entry.up || entry.down; };
  return network.bandwidth.up == kUnlimited && network.bandwidth.down == kUnlimited &&
         !network.regions && std::none_of(scenario.nodes.begin(), scenario.nodes.end(), limited);
}

// A random latency can be far from the typical one.
Duration two_round_trips(const NetworkSection& network) {
  const Distribution& law = network.latency;
  return law.kind == Distribution::Kind::constant ? Duration{4 * law.value}
                                                  : slow_round_trip(network) * 4;
}

}  // namespace

AdoptionChecker::AdoptionChecker(const Checked& world, ViolationLog& log,
                                 const StreamChecker& streams, const ChainChecker& chains)
    : world_(world),
      log_(log),
      streams_(streams),
      chains_(chains),
      bound_(two_round_trips(world.scenario.network)) {
  const Scenario& scenario = world.scenario;
  applies_ = is_unlimited(scenario) && scenario.network.loss.ppb == 0 && !needs_cpus(scenario) &&
             world.rule_sets.empty() && scenario.links.empty() && clocks_agree(world);
  if (!applies_) return;
  for (const Firing& firing : timetable(scenario)) {
    const Event& event = scenario.events[firing.event];
    if (firing.undo || !is_disruptive(event)) continue;
    // After a long stall the retransmission comes late.
    const Time end = event.lasts ? firing.at + *event.lasts * 2 + kSettling : chain::kNever;
    faults_.push_back({firing.at, event.to ? *event.to + kSettling : end});
  }
}

bool AdoptionChecker::is_calm(Time from, Time to) const {
  return from >= disturbed_until_ &&
         std::none_of(faults_.begin(), faults_.end(),
                      [&](const Interval& fault) { return fault.from <= to && from <= fault.to; });
}

bool AdoptionChecker::counts(NodeIndex node) const {
  const chain::NodeOptions& options = world_.options[node];
  return world_.honest[node] != 0 && options.protocol == ProtocolKind::header_first &&
         world_.keeps_branches(node);
}

void AdoptionChecker::disturbed(Time now) {
  if (!applies_) return;
  disturbed_until_ = now + kSettling;
  awaited_.clear();
}

void AdoptionChecker::found(Time now, chain::BlockId block) {
  if (!applies_) return;
  judge(now);
  const bool is_alone = block_ == chain::kNoBlock || found_at_ + bound_ < now;
  awaited_.clear();
  excused_.clear();
  block_ = is_alone ? block : chain::kNoBlock;
  found_at_ = now;
}

void AdoptionChecker::delivered(StreamId stream, const chain::Message& message) {
  if (!applies_ || block_ == chain::kNoBlock || message.last != block_) return;
  if (message.type != chain::MessageType::headers) return;
  if (world_.honest[world_.links.sender(stream)] == 0) {
    excused_.push_back(world_.links.receiver(stream));
  }
}

void AdoptionChecker::stepped(Time now, NodeIndex node, const chain::Effects& effects) {
  if (!applies_ || block_ == chain::kNoBlock) return;
  if (!awaited_.empty()) judge(now);
  if (effects.tip_changes().empty()) return;
  std::erase_if(awaited_, [node](const Awaited& awaited) { return awaited.node == node; });
  const bool has_it = effects.tip_changes().back().to == block_ && counts(node);
  if (!has_it || now > found_at_ + bound_ || !is_calm(now, now + bound_)) return;
  for (StreamId stream = 0; stream < streams_.size(); ++stream) {
    if (world_.links.sender(stream) != node) continue;
    if (!streams_.is_open(stream) || !streams_.is_open(stream ^ 1)) continue;
    const NodeIndex to = world_.links.receiver(stream);
    if (!counts(to) || world_.options[to].relay == chain::Relay::inv) continue;
    // Whether it is the next block there; a node that is away is no neighbor.
    if (chains_.tip_of(to) != world_.tree.parent(block_)) continue;
    awaited_.push_back({to, node, now + bound_});
  }
}

void AdoptionChecker::judge(Time now) {
  std::erase_if(awaited_, [&](const Awaited& awaited) {
    if (now <= awaited.due) return false;
    if (std::count(excused_.begin(), excused_.end(), awaited.node) > 0) return true;
    log_.report(Invariant::news_in_time, awaited.node, false,
                "it lacks block " + std::to_string(block_) + ", which its neighbor " +
                    std::to_string(awaited.neighbor) + " has had for " +
                    std::to_string((now - awaited.due + bound_).seconds()) + " s");
    return true;
  });
}

}  // namespace sim
