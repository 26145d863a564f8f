// Whether a network comes to rest, and what it cost: judged once, when a run has ended.
//
// Liveness is promised for the time after the last fault, so that it is judged only where that time
// is long enough: no cut, pause or churn goes on, nobody has found a block, come, gone or been told
// to do anything for as long as liveness_bound(), and no eclipser stands at anyone's door. A run
// that goes on mining to its end is not judged; explore's runs are made to be.
#pragma once

#include <vector>

#include "net-sim/check_chains.h"
#include "net-sim/check_streams.h"

namespace sim {

// How long after the last fault a network may take to agree: the last retransmission of a stalled
// stream, twice; a half-open connection noticed by its keepalive; a neighbour dialled again; some
// minutes for what was missed; and the time to validate and to store all of it, node after node.
Duration liveness_bound(const Scenario& scenario);

// When the last event of the scenario is over; nothing if something goes on to the end.
std::optional<Time> last_fault(const Scenario& scenario);

// A way there and back, at four times the typical latency: messages of a stream wait for each
// other, and some are lost.
Duration slow_round_trip(const NetworkSection& network);
// Whether no clock is so far behind another's that it must take its blocks for early.
bool clocks_agree(const Checked& world);

class LivenessChecker {
 public:
  LivenessChecker(const Checked& world, ViolationLog& log, const StreamChecker& streams,
                  ChainChecker& chains);

  void stepped(NodeIndex node, const chain::Effects& effects);
  void found(Time now);
  void stopped(Time now, NodeIndex node);
  void started(Time now, NodeIndex node);
  // Whether liveness is judged of a run that ends at `now`.
  bool is_calm(Time now) const;
  void finish(Time now);

 private:
  using Groups = std::vector<NodeIndex>;  // of each node, the lowest of its group
  Groups connected(bool without_the_original) const;
  bool counts(NodeIndex node) const { return up_[node] && world_.honest[node] != 0; }
  void judge_tips(const Groups& groups, bool original);
  void judge_connections();
  void judge_traffic(Time now);
  void judge_requests(Time now);
  void judge_budget(Time now);
  bool all_honest() const;

  const Checked& world_;
  ViolationLog& log_;
  const StreamChecker& streams_;
  ChainChecker& chains_;
  const Duration bound_;
  const std::optional<Time> last_fault_;
  std::vector<bool> up_;
  std::vector<bool> wished_;  // by edge: its dialler has dialled it in this life
  bool any_original_ = false;
  bool any_relay_of_bodies_ = false;  // at least one node gets bodies unasked
  Time disturbed_;                    // when a block was found, or a node came or went
  std::uint64_t granted_ = 0;         // bytes, for blocks found, taken and followed
};

}  // namespace sim
