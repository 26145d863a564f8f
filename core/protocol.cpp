#include "core/protocol.h"

namespace chain {

void Context::follow(PeerId source, BlockId tip, TipCause cause) {
  const BlockId fork = tree.fork_point(chain.tip(), tip);
  const std::uint32_t shared = fork == kNoBlock ? 0 : tree.height(fork) + 1;  // blocks
  const std::uint32_t missing = tree.height(tip) + 1 - shared;
  take(tip, missing);
  out.change_tip(chain.tip(), tip);
  chain.follow(tip);
  for (Protocol* plug : plugs) plug->on_tip(*this, source, tip, cause);
}

BlockId Context::complete_towards(BlockId target, CompleteBlocks* memory) const {
  BlockId whole = tree.fork_point(chain.tip(), target);
  if (whole == kNoBlock) return kNoBlock;
  const bool is_short = tree.height(target) - tree.height(whole) <= CompleteBlocks::kShort;
  if (memory != nullptr && !is_short) whole = memory->towards(tree, whole, target);
  const std::uint32_t began = tree.height(whole);
  for (std::uint32_t height = began + 1; height <= tree.height(target); ++height) {
    const BlockId block = tree.ancestor(target, height);
    if (!chain.has_body(block)) break;
    whole = block;
  }
  out.add_work(tree.height(whole) - began + 1);
  if (memory != nullptr && !is_short) memory->add(tree, whole);
  return whole;
}

void Context::take(BlockId last, std::uint32_t count) {
  const std::size_t first = out.accepted().size();
  for (BlockId block = last; count > 0; --count, block = tree.parent(block)) {
    if (chain.has_body(block)) continue;
    chain.add_body(block);
    out.accept(block);
  }
  out.parents_first(first);
}

void Context::learn(BlockId last) {
  const std::size_t first = out.headers().size();
  for (BlockId block = last; !chain.has_header(block); block = tree.parent(block)) {
    chain.add_header(block);
    out.learn(block);
    if (tree.is_root(block)) break;
  }
  out.headers_parents_first(first);
}

}  // namespace chain
