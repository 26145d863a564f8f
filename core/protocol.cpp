#include "core/protocol.h"

#include <algorithm>

namespace chain {
namespace {

// The highest block from `fork` towards `target` that is known to be whole; `fork` if none is.
// Where blocks from before the start lie between, it may be a lower one.
BlockId known_whole(const BlockTree& tree, const ChainView& chain, BlockId fork, BlockId target) {
  BlockId whole = fork;
  std::uint32_t above = tree.height(target) + 1;  // the lowest height that is not whole or no block
  std::uint32_t step = 1;                         // doubled until it leads too far
  while (tree.height(whole) + 1 < above) {
    step = std::min(step, (above - tree.height(whole)) / 2);
    const BlockId block = tree.ancestor(target, tree.height(whole) + step);
    if (chain.is_whole(block)) {
      whole = block;
      step *= 2;
    } else {
      above = tree.height(block);
    }
  }
  return whole;
}

}  // namespace

void Context::follow(PeerId source, BlockId tip, TipCause cause) {
  const BlockId fork = tree.fork_point(chain.tip(), tip);
  const std::uint32_t shared = fork == kNoBlock ? 0 : tree.height(fork) + 1;  // blocks
  const std::uint32_t missing = tree.height(tip) + 1 - shared;
  take(tip, missing);
  out.change_tip(chain.tip(), tip);
  chain.follow(tip);
  for (BlockId block = tip; block != fork && !chain.is_whole(block); block = tree.parent(block)) {
    chain.add_whole(block);
  }
  for (Protocol* plug : plugs) plug->on_tip(*this, source, tip, cause);
}

BlockId Context::complete_towards(BlockId target) {
  const BlockId fork = tree.fork_point(chain.tip(), target);
  if (fork == kNoBlock) return kNoBlock;
  BlockId whole = known_whole(tree, chain, fork, target);
  const std::uint32_t began = tree.height(whole);
  for (std::uint32_t height = began + 1; height <= tree.height(target); ++height) {
    const BlockId block = tree.ancestor(target, height);
    if (!chain.has_body(block)) break;
    chain.add_whole(block);
    whole = block;
  }
  out.add_work(tree.height(whole) - began + 1);
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
