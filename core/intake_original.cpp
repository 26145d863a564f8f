// The half of Intake that takes the original's messages: a tip, and a whole chain.
#include <algorithm>

#include "core/check.h"
#include "core/intake.h"

namespace chain {

Message Intake::take_latest_block(PeerId from, const Block& block, BlockId own_tip,
                                  std::int64_t now_ms) {
  if (rules_.is_work() && block.header.height > 0) {
    return take_blocks(from, MessageType::latest_block, {block}, 0, own_tip, now_ms);
  }
  const Header& header = block.header;
  const Header& parent = tree_.header(own_tip);
  const Refusal refusal = check_block(rules_, header, parent);
  const auto refuse = [&](Staged why, Refusal what) {
    return staged(MessageType::latest_block, why, what, header.hash, 1);
  };
  if (refusal == Refusal::none) {
    BlockId known = find_after(parent, header);
    if (known == kNoBlock && tree_.find(header.hash) != kNoBlock) {
      return refuse(Staged::invalid, Refusal::hash);
    }
    const Refusal of_text = check_text(known, block);
    if (of_text != Refusal::none) return refuse(staged_for(of_text), of_text);
    if (known == kNoBlock) known = add(block, own_tip);
    return latest_block(known);
  }
  const BlockId known = tree_.find(header.hash);
  const bool stored = known != kNoBlock && !tree_.is_root(known);
  if (stored && same_fields(header, tree_.header(known))) {
    const Refusal of_text = check_text(known, block);
    return of_text == Refusal::none ? latest_block(known) : refuse(staged_for(of_text), of_text);
  }
  const BlockId genesis = header.height == 0 ? find_genesis(block, own_tip) : kNoBlock;
  if (genesis != kNoBlock) return latest_block(genesis);
  return refuse(refusal == Refusal::hash ? Staged::invalid : Staged::unlinked, refusal);
}

Message Intake::take_whole_chain(PeerId from, const std::vector<Block>& blocks, BlockId own_tip,
                                 std::int64_t now_ms) {
  constexpr MessageType kType = MessageType::whole_chain;
  const Hash& last_hash = blocks.back().header.hash;
  const std::size_t height = blocks.size() - 1;
  const BlockId genesis = find_genesis(blocks.front(), own_tip);
  const bool foreign = genesis == kNoBlock || genesis != tree_.ancestor(own_tip, 0);
  const bool pinned = rules_.check_genesis || rules_.is_work();
  if (blocks.front().header.height != 0 || (foreign && pinned)) {
    return staged(kType, Staged::wrong_genesis, Refusal::wrong_genesis, last_hash, height);
  }
  if (rules_.is_work() && blocks.size() > 1) {
    return take_blocks(from, kType, blocks, 1, own_tip, now_ms);
  }
  const Known known = validate(blocks, genesis);
  if (known.refusal != Refusal::none) {
    return staged(kType, staged_for(known.refusal), known.refusal, last_hash, height);
  }
  if (known.count == blocks.size()) return whole_chain(known.last);

  const bool next_is_tip = known.count + 1 == blocks.size();
  const bool one_more = next_is_tip && known.last == own_tip && !bridge_;
  const Refusal refusal = check_replacement(height, one_more, tree_.height(own_tip));
  if (refusal != Refusal::none) return staged(kType, Staged::low_work, refusal, last_hash, height);
  BlockId tip = known.last;
  for (std::size_t i = known.count; i < blocks.size(); ++i) {
    tip = i == 0 ? add_foreign_genesis(blocks[i]) : add(blocks[i], tip);
  }
  return whole_chain(tip);
}

// The root that `block` is, compared as peers compare it: by JSON text. The own one comes first.
BlockId Intake::find_genesis(const Block& block, BlockId own_tip) const {
  const auto is_root = [&](BlockId root) {
    if (tree_.header(root) != block.header) return false;
    const auto genesis = parse_genesis(tree_.root_text(root));
    CHECK(genesis.ok());
    return genesis->block == block;
  };
  const BlockId own = tree_.ancestor(own_tip, 0);
  if (is_root(own)) return own;
  const auto& roots = tree_.roots();
  const auto found = std::find_if(roots.begin(), roots.end(),
                                  [&](const auto& root) { return is_root(root.first); });
  return found == roots.end() ? kNoBlock : found->first;
}

// Each block from index 1 against the one before it, as the original does; those that the tree
// knows were hashed when they came.
Intake::Known Intake::validate(const std::vector<Block>& blocks, BlockId genesis) const {
  Known known{genesis, genesis == kNoBlock ? 0u : 1u, Refusal::none};
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    const Header& parent = blocks[i - 1].header;
    const Header& header = blocks[i].header;
    const BlockId here = find_after(parent, header);
    if (here == kNoBlock || !same_fields(header, tree_.header(here))) {
      known.refusal = check_block(rules_, header, parent);
      if (known.refusal != Refusal::none) return known;
    }
    if (here == kNoBlock && tree_.find(header.hash) != kNoBlock) {
      known.refusal = Refusal::hash;  // stands elsewhere in the tree
      return known;
    }
    known.refusal = check_text(here, blocks[i]);
    if (known.refusal != Refusal::none) return known;
    if (here == kNoBlock) continue;
    known.last = here;
    known.count = i + 1;
  }
  return known;
}

// Whether the body can stand in the tree for `known`, the block with this hash: kNoBlock for a new
// one. The first body is kept. A header that came before its body takes that of the same fields.
Refusal Intake::check_text(BlockId known, const Block& block) const {
  if (known != kNoBlock) {
    if (tree_.has_body(known)) return Refusal::none;
    if (!same_fields(block.header, tree_.header(known))) return Refusal::hash;
  }
  return check_body(rules_, block.header, block.body);
}

BlockId Intake::add_foreign_genesis(const Block& block) {
  const BlockId id = tree_.add_root(block.header, encode_block(block));
  keep_(id, encode_data(block.body));
  return id;
}

}  // namespace chain
