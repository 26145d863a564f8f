// The rows of a store as a tree of blocks, each verified as a peer's block would be.
//
// What the store loads at the start, what `chainnode verify` counts and `chainnode repair` saves.
// A merkle root that is not that of the data is no reason to remove a block: another program may
// compute another root, and the checksum of a row tells what was written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/block_tree.h"
#include "core/chain_rules.h"
#include "net-real/sqlite.h"

namespace net {

struct LoadedBlocks {
  std::vector<std::int64_t> rows;       // by BlockId: its row; 0 for the genesis, which has none
  std::vector<bool> whole;              // by BlockId: it and all its ancestors have their bodies
  std::vector<std::int64_t> faulty;     // rows whose block is not valid, or stands on such a one
  std::string first_fault;              // of the first of these, for people
  std::optional<chain::BlockId> tip{};  // as it is stored, if it is one that is whole
  // Rows whose merkle root is not that of their data, where `Roots::checked`.
  std::vector<std::int64_t> other_root{};
};

enum class Roots { unchecked, checked };

// Puts into `tree`, which holds nothing but the genesis as its root, all blocks that are valid.
LoadedBlocks load_blocks(Database& database, chain::BlockTree& tree, const chain::ChainRules& rules,
                         Roots roots = Roots::unchecked);

// In one transaction, durable on return.
void remove_rows(Database& database, const std::vector<std::int64_t>& rows);

// Removes what is faulty, and lets the tip be the best that is whole where it was none. Returns the
// tip. In one transaction, durable on return.
chain::BlockId mend_blocks(Database& database, const chain::BlockTree& tree,
                           const chain::ChainRules& rules, const LoadedBlocks& loaded);

}  // namespace net
