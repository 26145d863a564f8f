// The block tree of a finished run in numbers: main chain, stale blocks, forked heights, shares.
//
// Main chain: the ancestors of the tip that most live honest nodes hold at the end (ties: more
// work, then the earlier). Stale: a valid block, withheld ones included, that is not on it. Forked
// heights: heights with two or more valid blocks. Genesis never counts, nor do blocks found during
// warm-up or cool-down. An attack's revenue is the attackers' share of the main chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net-sim/run_view.h"

namespace sim {

struct MinerFacts {
  NodeIndex node = 0;
  double power = 0;  // share of the whole at the start
  std::uint64_t found = 0;
  std::uint64_t main_chain = 0;
};

// All attackers together.
struct AttackFacts {
  std::string kinds;  // `selfish`, or several: `forger, silent`
  AttackCount count;
  std::uint64_t on_main_chain = 0;  // of the measured blocks
};

struct ChainFacts {
  chain::BlockId main_tip = 0;
  std::uint64_t mined = 0, main_chain = 0, stale = 0;
  std::uint64_t heights = 0, forked_heights = 0;  // that any block of the measured time has
  std::uint32_t min_height = 0, max_height = 0;   // of the nodes' tips
  std::uint32_t common_prefix_depth = 0;  // the highest tip above the tips' last common block
  std::vector<MinerFacts> miners;         // that had power or found a block, by node
  std::optional<AttackFacts> attack;
};

ChainFacts chain_facts(const RunView& run);

}  // namespace sim
