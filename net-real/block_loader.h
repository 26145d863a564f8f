// The rows of a store as a tree of blocks, each verified as a peer's block would be.
//
// What the store loads at the start and what `chainnode verify` counts; nothing is mended here.
#pragma once

#include <string>
#include <vector>

#include "core/block_tree.h"
#include "core/chain_rules.h"
#include "net-real/sqlite.h"

namespace net {

struct LoadedBlocks {
  std::vector<std::int64_t> rows;    // by BlockId: its row; 0 for the genesis, which has none
  std::vector<std::int64_t> faulty;  // rows whose block is not valid, or stands on such a one
  std::string first_fault;           // of the first of these, for people
};

// Puts into `tree`, which holds nothing but the genesis as its root, all blocks that are valid.
LoadedBlocks load_blocks(Database& database, chain::BlockTree& tree,
                         const chain::ChainRules& rules);

// By BlockId: whether the block and all its ancestors have their bodies.
std::vector<bool> whole_blocks(const chain::BlockTree& tree);

}  // namespace net
