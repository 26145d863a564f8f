#include "net-sim/explore_coverage.h"

#include <set>

#include "net-sim/adversary/behaviours.h"
#include "net-sim/simulator.h"

namespace sim {
namespace {

constexpr std::array<const char*, 18> kNames{"tip extended",
                                             "tip replaced",
                                             "tip replaced, six blocks deep or more",
                                             "headers learnt before bodies",
                                             "body taken beside the tip",
                                             "connection dialled",
                                             "connection taken",
                                             "dial begun",
                                             "dial failed",
                                             "connection lost",
                                             "second connection dropped",
                                             "silent peer dropped",
                                             "faulty peer dropped",
                                             "connection no longer wished for",
                                             "block or chain refused",
                                             "node stopped",
                                             "node started again",
                                             "node started again behind the others"};
constexpr std::size_t kBehaviours = static_cast<std::size_t>(Behaviour::Kind::announcer) + 1;
constexpr std::array<const char*, 23> kFaults{"partition",
                                              "partition reset",
                                              "partition one_way",
                                              "link latency",
                                              "link loss",
                                              "link cut",
                                              "crash",
                                              "crash unsynced",
                                              "pause",
                                              "leave",
                                              "join",
                                              "churn",
                                              "power",
                                              "disconnect",
                                              "mine",
                                              "stop_mining",
                                              "loss",
                                              "bandwidth",
                                              "clock_offset",
                                              "rule_set",
                                              "commit_time",
                                              "validation",
                                              "retarget"};

std::string fault_name(const Event& event) {
  if (const auto* cut = std::get_if<Partition>(&event.action)) {
    if (cut->one_way) return "partition one_way";
    return cut->sockets == Partition::Sockets::reset ? "partition reset" : "partition";
  }
  if (const auto* change = std::get_if<LinkChange>(&event.action)) {
    if (change->cut) return "link cut";
    return change->loss ? "link loss" : "link latency";
  }
  const auto* crash = std::get_if<Crash>(&event.action);
  return crash != nullptr && crash->lose_unsynced ? "crash unsynced" : name_of(event.action);
}

std::set<std::string> faults_of(const Scenario& scenario) {
  std::set<std::string> all;
  for (const Event& event : scenario.events) {
    const bool happens = event.at < chain::kTimeZero + scenario.duration;
    if (happens && !std::holds_alternative<Heal>(event.action)) all.insert(fault_name(event));
  }
  for (const NodeOverride& entry : scenario.nodes) {
    if (entry.behaviour) all.insert(std::string(name_of(entry.behaviour->kind)));
    if (entry.clock_offset) all.insert("clock_offset");
    if (entry.rule_set) all.insert("rule_set");
  }
  if (scenario.network.loss.ppb > 0) all.insert("loss");
  if (scenario.network.bandwidth.up != kUnlimited) all.insert("bandwidth");
  if (scenario.chain.commit_time.ns > 0) all.insert("commit_time");
  if (scenario.chain.validation != Validation{}) all.insert("validation");
  if (scenario.chain.retarget) all.insert("retarget");
  return all;
}

}  // namespace

CoverageCount& CoverageCount::operator+=(const CoverageCount& other) {
  for (const auto& [name, count] : other.faults) faults[name] += count;
  for (const auto& [name, count] : other.messages) messages[name] += count;
  for (const auto& [name, count] : other.transitions) transitions[name] += count;
  return *this;
}

CoverageCount nothing_met() {
  static_assert(kNames.size() == Coverage::kTransitions);
  CoverageCount none;
  for (const char* name : kNames) none.transitions[name] = 0;
  for (const char* name : kFaults) none.faults[name] = 0;
  for (std::size_t i = 0; i < kBehaviours; ++i) {
    none.faults[std::string(name_of(static_cast<Behaviour::Kind>(i)))] = 0;
  }
  for (std::size_t i = 0; i < chain::kMessageTypes; ++i) {
    none.messages[std::string(name_of(static_cast<chain::MessageType>(i)))] = 0;
  }
  return none;
}

bool Coverage::had_crash() const {
  const auto faults = faults_of(simulator_.scenario());
  const bool planned = std::any_of(faults.begin(), faults.end(), [](const std::string& fault) {
    return fault.starts_with("crash");
  });
  return planned && transitions_[kStops] > 0;
}

bool Coverage::had_partition() const {
  for (const std::string& fault : faults_of(simulator_.scenario())) {
    if (fault.rfind("partition", 0) == 0 || fault == "link cut") return true;
  }
  return false;
}

void Coverage::stepped(Time, NodeIndex node, const chain::Input& input,
                       const chain::Effects& effects) {
  if (simulator_.adversary(node) != nullptr) return;
  if (const auto* up = std::get_if<chain::PeerUp>(&input)) {
    ++transitions_[up->address == chain::kNoAddress ? kAccepts : kConnects];
  }
  if (std::holds_alternative<chain::PeerDown>(input)) ++transitions_[kLoses];
  if (std::holds_alternative<chain::DialFailed>(input)) ++transitions_[kDialFails];
  transitions_[kDials] += effects.dials().size();
  transitions_[kRefuses] += effects.refusals().size();
  if (!effects.headers().empty()) ++transitions_[kLearnsHeaders];
  if (!effects.accepted().empty() && effects.tip_changes().empty()) ++transitions_[kTakesAside];
  count_drops(effects);
  count_tips(effects);
}

void Coverage::count_drops(const chain::Effects& effects) {
  for (const chain::Drop& drop : effects.drops()) {
    const bool second = drop.why == chain::Offence::duplicate;
    const bool silent = drop.why == chain::Offence::silent;
    const bool faulty = chain::is_fault(drop.why);
    ++transitions_[second   ? kDropsSecond
                   : silent ? kDropsSilent
                   : faulty ? kDropsFaulty
                            : kDropsUnwished];
  }
}

void Coverage::count_tips(const chain::Effects& effects) {
  const chain::BlockTree& tree = simulator_.tree();
  for (const chain::TipChange& change : effects.tip_changes()) {
    const std::uint32_t depth = tree.given_up(change.from, change.to);
    ++transitions_[depth == 0 ? kExtends : depth < 6 ? kReorgs : kDeepReorgs];
  }
}

void Coverage::delivered(Time, StreamId, const chain::Message& message) {
  ++messages_[static_cast<std::size_t>(message.type)];
}

void Coverage::stopped(Time, NodeIndex) { ++transitions_[kStops]; }

void Coverage::started(Time, NodeIndex node) {
  ++transitions_[kStarts];
  const chain::BlockTree& tree = simulator_.tree();
  const auto newest = static_cast<chain::BlockId>(tree.size() - 1);
  if (tree.work(simulator_.chain(node).tip()) < tree.work(newest)) ++transitions_[kStartsBehind];
}

CoverageCount Coverage::count() const {
  CoverageCount count;
  for (const std::string& fault : faults_of(simulator_.scenario())) count.faults[fault] = 1;
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    count.messages[std::string(name_of(static_cast<chain::MessageType>(i)))] = messages_[i];
  }
  for (std::size_t i = 0; i < transitions_.size(); ++i) {
    count.transitions[kNames[i]] = transitions_[i];
  }
  return count;
}

}  // namespace sim
