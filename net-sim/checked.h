// What checkers look at, and where they put what they find.
//
// A run is seen from outside: its blocks, its links, what each node is and, where a life begins,
// what it had kept. The log holds a ring of the last events, written as a few numbers each and
// turned into words only when something is wrong; of each invariant it keeps the first violation,
// and the first that is excused.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/node.h"
#include "net-sim/graph.h"
#include "net-sim/invariants.h"
#include "net-sim/link.h"
#include "net-sim/scenario.h"

namespace sim {

class Simulator;

struct Checked {
  const Scenario& scenario;
  const chain::BlockTree& tree;
  const Links& links;
  const Edges& edges;
  std::vector<chain::NodeOptions> options;  // by node
  std::vector<std::uint8_t> honest;         // likewise: 1, or 0
  std::vector<Duration> clock_offsets;      // likewise; empty where all are 0
  std::vector<std::uint32_t> rule_sets;     // likewise; empty where all follow one
  std::function<const chain::ChainView&(NodeIndex)> view;

  bool is_original(NodeIndex node) const {
    return options[node].protocol == ProtocolKind::push_chain;
  }
  // Whether it has the usual room for branches that do not outweigh its chain. Else it may refuse a
  // tip as heavy as its own, and hear of it in vain.
  bool keeps_branches(NodeIndex node) const;
  std::uint32_t rule_set(NodeIndex node) const { return rule_sets.empty() ? 0 : rule_sets[node]; }
  // Nodes of header_first whose blocks are invalid for each other: each drops the other.
  bool reject_each_other(NodeIndex a, NodeIndex b) const {
    return rule_set(a) != rule_set(b) && !is_original(a) && !is_original(b);
  }
};
// REQUIRES: the simulator outlives it.
Checked checked(const Simulator& simulator);

class ViolationLog {
 public:
  enum class Kind : std::uint8_t {
    stepped,
    sent,
    delivered,
    opened,
    closed,
    stopped,
    started,
    found,
    committed,
    end
  };
  // `strict`: the known faults of the original are no excuse.
  ViolationLog(const Checked& world, bool strict)
      : world_(world), strict_(strict), ring_(kRing), seen_(2 * kInvariants) {}

  // Of a step `detail` is the kind of input, of the others nothing.
  void note(Time at, Kind kind, std::uint32_t who, const chain::Message& message = {},
            std::uint8_t detail = 0) {
    ring_[events_++ % kRing] = {at, message, who, kind, detail};
    now_ = at;
  }
  // A step whose message was noted when it arrived.
  void see(Time at) { now_ = at; }
  std::uint64_t events() const { return events_; }

  // `original`: it concerns a node of the original, or what one said.
  void report(Invariant invariant, NodeIndex node, bool original, const std::string& what);

  const std::vector<Violation>& violations() const { return violations_; }

 private:
  struct Entry {
    Time at;
    chain::Message message;
    std::uint32_t who;  // a stream, a node, or a block that was found
    Kind kind;
    std::uint8_t detail;
  };
  static constexpr std::size_t kRing = 1024;
  static constexpr std::size_t kMostTold = 12;

  bool concerns(const Entry& entry, NodeIndex node) const;
  std::string words(const Entry& entry) const;

  const Checked& world_;
  const bool strict_;
  std::vector<Entry> ring_;
  std::vector<bool> seen_;  // of each invariant: excused, not excused
  std::uint64_t events_ = 0;
  Time now_{};
  std::vector<Violation> violations_;
};

}  // namespace sim
