// What makes a block valid after its parent, and which of two tips is better: one set for a
// network.
//
// `tutorial` is what the original's clones check: height, previous hash, hash, in this order; the
// longest chain wins and the first seen wins a tie. `work` checks all that a block claims, and the
// most total work wins. Validity depends on a block and its ancestors alone, so a verdict is
// computed once and holds for everyone; what depends on the receiver's clock (is_early) is no
// verdict.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/block_tree.h"
#include "core/refusal.h"
#include "core/time.h"

namespace chain {

enum class RulesKind : std::uint8_t { tutorial, work };

enum class Seal : std::uint8_t {
  hash,       // the proof is the hash
  simulated,  // an oracle decides who finds a block: its hash proves no work; test networks only
};

enum class TieBreak : std::uint8_t { first_seen, lowest_hash, random };

inline constexpr std::int64_t kMaxDifficulty = 40;   // zero bits: 2^40 hashes, a day at 13 M/s
inline constexpr Duration kMaxAhead = minutes(120);  // of the receiver's clock; under `work`
inline constexpr std::uint32_t kMedianOf = 11;  // timestamps that a new one must exceed half of

struct ChainRules {
  RulesKind kind = RulesKind::tutorial;
  HashOrder hash_order = HashOrder::standard;
  bool check_genesis = true;  // tutorial; false: the original, which adopts chains of any genesis
  // tutorial; false: the original, which takes a body that the header's merkle root does not fit.
  bool check_merkle_root = true;
  Seal seal = Seal::hash;
  TieBreak tie_break = TieBreak::first_seen;
  // Under `work`: the difficulty of block 1, and every so many blocks a step of one up or down when
  // they took less than half or more than twice their time. 0: never.
  std::int64_t first_difficulty = 0;
  std::int64_t min_difficulty = 0;  // adjustments stop there
  std::uint32_t retarget = 0;
  Duration block_interval = seconds(10);
  std::uint64_t max_block = 0;  // bytes of a block's JSON text; 0: no limit

  bool is_work() const { return kind == RulesKind::work; }
};

// Names a network: SHA-256 over the genesis text and all of the rules that its nodes must share. A
// rule that was added later is part of it only where it is not its default.
Hash network_id(std::string_view genesis_text, const ChainRules& rules);

// Whether `block` is valid after `parent` as far as its header tells: the first check that fails.
Refusal check_header(const ChainRules& rules, const BlockTree& tree, BlockId parent,
                     const Header& block);
// The checks of `tutorial`, which need no more than two headers.
Refusal check_block(const ChainRules& rules, const Header& block, const Header& parent);
// Whether `body` is the one that the header commits to.  Under `tutorial` a header without a merkle
// root commits to none, and nothing but the root is checked.
Refusal check_body(const ChainRules& rules, const Header& header, const Body& body);
// Whether a block may not be taken yet, at `now_ms` (Unix milliseconds) of the receiver's clock.
bool is_early(const ChainRules& rules, const Header& header, std::int64_t now_ms);

// Whether a received chain whose tip is `candidate` replaces the own chain with tip `own`, as the
// original decides.  `candidate_parent_is_own`: the candidate is the next block on `own`.
Refusal check_replacement(std::uint64_t candidate_height, bool candidate_parent_is_own,
                          std::uint32_t own_height);

// Whether a node that follows `own` moves to `candidate`. `salt` is the node's own, for ties broken
// at random: the same two blocks give the same answer as often as one asks.
bool is_better(const ChainRules& rules, const BlockTree& tree, BlockId candidate, BlockId own,
               std::uint64_t salt);

// The work that a block adds to its chain: 2^difficulty; under `tutorial` every block counts one.
std::uint64_t work_of(const ChainRules& rules, const Header& block);
// The total work below which a node that follows `tip` stores no branch: that of `tip`, less
// `depth` times that of the tip block alone.
std::uint64_t low_work_floor(const BlockTree& tree, BlockId tip, std::uint32_t depth);

// The difficulty of the next block on `parent`; timestamps as Unix milliseconds.
std::int64_t next_difficulty(const ChainRules& rules, const BlockTree& tree, BlockId parent);
// Of the last kMedianOf timestamps up to `tip`, fewer near the root.
std::int64_t median_time_ms(const BlockTree& tree, BlockId tip);

// The next block on `tip`, as mined at `now_ms` (Unix milliseconds), without merkle root, nonce and
// hash, which are the miner's to fill in. Pure.
Header block_template(const ChainRules& rules, const BlockTree& tree, BlockId tip,
                      std::int64_t now_ms);

}  // namespace chain
