// Branches of a stored chain that nobody will follow again.
//
//     0 <- 1 <- ... <- 3000 tip       a side block is not on the chain of the tip; it is old if no
//           \- 2 <- 3                 block that stands on it is within `depth` blocks of the tip
//
// A branch whose work exceeds that of the tip is never old: the node may be downloading it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/block_tree.h"

namespace net {

// The highest block of a side branch may be so many blocks lower than the tip, and is kept.
inline constexpr std::uint32_t kSideBranchDepth = 2000;

// The blocks of old side branches, parents first.
std::vector<chain::BlockId> old_side_blocks(const chain::BlockTree& tree, chain::BlockId tip,
                                            std::uint32_t depth = kSideBranchDepth);

}  // namespace net
