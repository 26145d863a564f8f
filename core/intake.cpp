#include "core/intake.h"

#include <algorithm>

#include "core/check.h"

namespace chain {
namespace {

Message staged(MessageType type, Staged why, Refusal refusal) {
  return {type, why, refusal, kStagedBit};
}

// The same block, in whatever order its keys were written.
bool same_fields(Header a, const Header& b) {
  a.order = b.order;
  return a == b;
}

}  // namespace

Intake::Intake(BlockTree& tree, const ChainRules& rules, Keep keep)
    : tree_(tree), rules_(rules), keep_(std::move(keep)) {
  CHECK(rules.seal == Seal::hash);
}

Message Intake::take(const WireMessage& wire, BlockId own_tip) {
  switch (wire.type) {
    case MessageType::query_latest:
      return query_latest();
    case MessageType::latest_block:
      return take_latest_block(wire.blocks.front(), own_tip);
    case MessageType::whole_chain:
      return take_whole_chain(wire.blocks, own_tip);
  }
  CHECK(false);
  return {};
}

Message Intake::take_latest_block(const Block& block, BlockId own_tip) {
  const Header& header = block.header;
  const Header& parent = tree_.header(own_tip);
  const Refusal refusal = check_block(rules_, header, parent);
  if (refusal == Refusal::none) {
    BlockId known = find_after(parent, header);
    if (known == kNoBlock && tree_.find(header.hash) == kNoBlock) known = add(block, own_tip);
    if (known != kNoBlock) return latest_block(known);
    return staged(MessageType::latest_block, Staged::invalid, Refusal::hash);
  }
  const BlockId known = tree_.find(header.hash);
  const bool stored = known != kNoBlock && !tree_.is_root(known);
  if (stored && same_fields(header, tree_.header(known))) return latest_block(known);
  const BlockId genesis = header.height == 0 ? find_genesis(block, own_tip) : kNoBlock;
  if (genesis != kNoBlock) return latest_block(genesis);
  return staged(MessageType::latest_block,
                refusal == Refusal::hash ? Staged::invalid : Staged::unlinked, refusal);
}

Message Intake::take_whole_chain(const std::vector<Block>& blocks, BlockId own_tip) {
  constexpr MessageType kType = MessageType::whole_chain;
  const BlockId genesis = find_genesis(blocks.front(), own_tip);
  const bool foreign = genesis == kNoBlock || genesis != tree_.ancestor(own_tip, 0);
  if (blocks.front().header.height != 0 || (foreign && rules_.check_genesis)) {
    return staged(kType, Staged::wrong_genesis, Refusal::wrong_genesis);
  }
  const Known known = validate(blocks, genesis);
  if (known.refusal != Refusal::none) return staged(kType, Staged::invalid, known.refusal);
  if (known.count == blocks.size()) return whole_chain(known.last);

  const bool next_is_tip = known.count + 1 == blocks.size();
  const Refusal refusal = check_replacement(blocks.size() - 1, next_is_tip && known.last == own_tip,
                                            tree_.height(own_tip));
  if (refusal != Refusal::none) return staged(kType, Staged::low_work, refusal);
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

// The block of the tree with the hash of `header`, if it stands where `header` would: one above
// `parent`.
BlockId Intake::find_after(const Header& parent, const Header& header) const {
  const BlockId known = tree_.find(header.hash);
  if (known == kNoBlock || tree_.is_root(known)) return kNoBlock;
  const Header& stands = tree_.header(known);
  const bool here = stands.height == parent.height + 1 && stands.previous_hash == parent.hash;
  return here ? known : kNoBlock;
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
    if (here == kNoBlock) continue;
    known.last = here;
    known.count = i + 1;
  }
  return known;
}

BlockId Intake::add(const Block& block, BlockId parent) {
  std::string data_json = encode_data(block.body);
  const BlockId id = tree_.add_header(block.header, parent, work_of(rules_, block.header));
  tree_.add_body(id, data_json.size());
  keep_(id, std::move(data_json));
  return id;
}

BlockId Intake::add_foreign_genesis(const Block& block) {
  const BlockId id = tree_.add_root(block.header, encode_block(block));
  keep_(id, encode_data(block.body));
  return id;
}

BlockId Intake::add_own(const Block& block) {
  const BlockId known = tree_.find(block.header.hash);
  if (known != kNoBlock) return known;
  const BlockId parent = tree_.find(block.header.previous_hash);
  CHECK(parent != kNoBlock);
  CHECK(check_block(rules_, block.header, tree_.header(parent)) == Refusal::none);
  return add(block, parent);
}

}  // namespace chain
