// Which rule set each node follows, and which blocks pass it.
//
// A rule set is a number. A block carries the rule set of its maker. For a node of another set the
// block and all that stands on it are invalid, as where two programs hash the fields of a block in
// different orders: the message arrives staged, with the reason of a wrong hash. Names of blocks
// (Hello, Inv, Ping, Pong, requests) pass unjudged, since a hash alone shows no fault. The genesis
// passes every set.
#pragma once

#include <vector>

#include "core/message.h"
#include "net-sim/scenario_types.h"

namespace sim {

class RuleSets {
 public:
  // By node; empty: all nodes follow one set.
  explicit RuleSets(std::vector<std::uint32_t> of_node) : of_node_(std::move(of_node)) {}

  bool is_one() const { return of_node_.empty(); }
  const std::vector<std::uint32_t>& by_node() const { return of_node_; }
  // `maker` made `block` on `parent`.  REQUIRES: !is_one().
  void made(NodeIndex maker, chain::BlockId block, chain::BlockId parent);
  // Whether the block and all before it pass the rules of the node.
  bool accepts(NodeIndex node, chain::BlockId block) const {
    return is_one() || passes(of_node_[node], block);
  }
  // The message as it arrives at `receiver`.  REQUIRES: !is_one().
  void judge(NodeIndex receiver, chain::Message& message) const;

 private:
  static constexpr std::uint32_t kAnySet = 0xffffffffu;  // only a genesis so far
  static constexpr std::uint32_t kNoSet = 0xfffffffeu;   // blocks of several sets
  static_assert(kMaxRuleSet < kNoSet);

  std::uint32_t set_of(chain::BlockId block) const {
    return block < of_chain_.size() ? of_chain_[block] : kAnySet;
  }
  bool passes(std::uint32_t set, chain::BlockId block) const {
    return set_of(block) == kAnySet || set_of(block) == set;
  }

  std::vector<std::uint32_t> of_node_;
  std::vector<std::uint32_t> of_chain_;  // by block: the one set of all blocks up to it
};

}  // namespace sim
