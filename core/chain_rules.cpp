#include "core/chain_rules.h"

namespace chain {

Refusal check_block(const ChainRules& rules, const Header& block, const Header& parent) {
  if (block.height != parent.height + 1) return Refusal::height;
  if (block.previous_hash != parent.hash) return Refusal::previous_hash;
  if (rules.seal == Seal::hash && block.hash != hash_of(block, rules.hash_order)) {
    return Refusal::hash;
  }
  return Refusal::none;
}

Refusal check_replacement(std::uint64_t candidate_height, bool candidate_parent_is_own,
                          std::uint32_t own_height) {
  if (candidate_height == 0) return Refusal::genesis_tip;
  if (candidate_height <= own_height) return Refusal::not_longer;
  if (candidate_parent_is_own) return Refusal::one_block_short;
  return Refusal::none;
}

std::uint64_t work_of(const ChainRules&, const Header&) { return 1; }

Header block_template(const BlockTree& tree, BlockId tip, std::int64_t now_ms) {
  const Header& parent = tree.header(tip);
  Header header;
  header.height = parent.height + 1;
  header.timestamp_ms = now_ms;
  header.previous_hash = parent.hash;
  header.difficulty = parent.difficulty;
  return header;
}

}  // namespace chain
