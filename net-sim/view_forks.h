// The forks of a run: where a branch left the main chain, who followed it, and what ended it.
//
//   g -- 1 -- 2 -- 3a -- 4a -- 5a        the main chain: that of the tip which most nodes hold
//              \-- 3b -- 4b              a branch: `root` 3b, 2 blocks
//
// A block upon the main chain's tip that most nodes do not have yet is no fork. A node gives up a
// branch by a reorg to what is not on it. The message that turned a branch is the
// first that made one of its nodes follow the main chain; a branch that somebody holds at the end
// was never healed.
#pragma once

#include <optional>
#include <vector>

#include "net-sim/simulator.h"
#include "net-sim/view_records.h"

namespace sim {

struct ForkFacts {
  chain::BlockId root = chain::kNoBlock;   // of the branch
  chain::BlockId rival = chain::kNoBlock;  // on the main chain, at the same height, if there is one
  NodeIndex finder = 0, rival_finder = 0;
  Time at;                               // the later of the two was found
  std::uint32_t blocks = 0, length = 0;  // of the branch, and of its longest path
  std::uint32_t leavers = 0;             // nodes that gave it up
  std::uint32_t deepest = 0;             // blocks that one of them gave up
  std::optional<std::size_t> turning;    // index into the reorgs
  std::optional<Time> left;              // by the last of them
  std::vector<NodeIndex> still;          // live honest nodes on it at the end
};

// By importance: those that somebody holds at the end, then by nodes and depth.
std::vector<ForkFacts> find_forks(const Simulator& simulator, const ViewRecords& records);

}  // namespace sim
