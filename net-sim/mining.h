// Who finds the next block, and when: a Poisson process of the whole network.
//
// The time to the next block is exponential with mean block_interval at full power, and the finder
// is drawn in proportion to power. Both are memoryless, so a change of power or of a miner's tip
// needs no more than a new draw. A block has a real header and a real hash; its seal is this draw,
// its body one filler text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/block_tree.h"
#include "core/chain_rules.h"
#include "net-sim/distribution.h"
#include "net-sim/scenario.h"

namespace sim {

class Mining {
 public:
  // `power`: parts per billion of the whole at the start, for each node.
  Mining(const Scenario& scenario, std::vector<std::int64_t> power);

  // The wait for the next block at the present power; nothing if nobody mines.
  std::optional<Duration> next_wait();
  NodeIndex draw_finder();
  // Gives nodes other powers, for good or until the change of that key is undone. Of several
  // changes of one node the later counts.
  using Powers = std::vector<std::pair<NodeIndex, std::int64_t>>;  // parts per billion
  void change_power(std::uint64_t key, Powers powers, bool for_good);
  void undo_change(std::uint64_t key);
  std::int64_t initial_power(NodeIndex node) const { return initial_power_[node]; }
  std::int64_t total_power() const { return total_; }

  // Where the difficulty is adjusted: whether a find on `parent` is one. Finds are drawn at the
  // least difficulty of all tips, and those on harder ones thinned out.
  bool accepts(const chain::BlockTree& tree, chain::BlockId parent);
  // Some node follows `tip`; true if finds are to be drawn anew, at another rate.
  bool note_tip(const chain::BlockTree& tree, chain::BlockId tip);

  // The block that its finder puts on `tip` at `now`; in the tree, with its body.
  chain::BlockId make_block(chain::BlockTree& tree, chain::BlockId tip, std::int64_t now_ms);

 private:
  void apply(const Powers& powers);

  const Scenario& scenario_;
  std::vector<std::int64_t> initial_power_;
  std::vector<std::int64_t> lasting_power_;  // after the changes for good that no other came before
  std::vector<std::pair<std::uint64_t, Powers>> changes_;  // since the first that may be undone
  std::vector<std::int64_t> power_;
  std::vector<std::int64_t> cumulative_;  // of power_; empty: out of date
  std::int64_t total_;
  chain::Random random_;
  const chain::ChainRules rules_;
  chain::Random size_random_;
  Sampler size_;
  std::int64_t least_difficulty_;  // that finds are drawn at
  std::uint32_t refused_ = 0;      // finds one after another
  std::int64_t found_ = 0;
};

}  // namespace sim
