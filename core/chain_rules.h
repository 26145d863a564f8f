// What makes a block valid after its parent, and which of two tips is better: one set for a
// network.
//
// `tutorial` is what the original's clones check: height, previous hash, hash, in this order; the
// longest chain wins and the first seen wins a tie. Validity depends on a block and its ancestors
// alone, so a verdict is computed once and holds for everyone.
#pragma once

#include <cstdint>

#include "core/block_tree.h"
#include "core/refusal.h"

namespace chain {

enum class Seal : std::uint8_t {
  hash,       // the proof is the hash
  simulated,  // an oracle's draw decides who finds a block; test networks only
};

struct ChainRules {
  HashOrder hash_order = HashOrder::standard;
  bool check_genesis = true;  // false: the original, which adopts chains of any genesis
  Seal seal = Seal::hash;
};

// Whether `block` is valid after `parent`: the first check that fails, or none.
Refusal check_block(const ChainRules& rules, const Header& block, const Header& parent);

// Whether a received chain whose tip is `candidate` replaces the own chain with tip `own`, as the
// original decides.  `candidate_parent_is_own`: the candidate is the next block on `own`.
Refusal check_replacement(std::uint64_t candidate_height, bool candidate_parent_is_own,
                          std::uint32_t own_height);

// The work that a block adds to its chain; under `tutorial` every block counts one.
std::uint64_t work_of(const ChainRules& rules, const Header& block);

// The next block on `tip`, as mined at `now_ms` (Unix milliseconds), without merkle root, nonce and
// hash, which are the miner's to fill in. Pure.
Header block_template(const BlockTree& tree, BlockId tip, std::int64_t now_ms);

}  // namespace chain
