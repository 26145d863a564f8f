// Blocks up to which a node has all bodies: where walks along a branch may begin.
//
// A walk from the fork point would look at every body of a long branch each time. The last few ends
// of such walks are kept, one for each branch; bodies never go, so that they stay true.
#pragma once

#include <algorithm>
#include <array>

#include "core/block_tree.h"

namespace chain {

class CompleteBlocks {
 public:
  // All bodies up to `block` are here.
  void add(const BlockTree& tree, BlockId block) {
    const auto same = std::find_if(ends_.begin(), ends_.end(), [&](BlockId end) {
      return end != kNoBlock && tree.is_ancestor(end, block);
    });
    BlockId& place = same != ends_.end() ? *same : ends_[next_++ % kKept];
    place = block;
  }
  // The highest block towards `target` up to which all bodies are known to be here; `fork`, or one
  // above it.  REQUIRES: all bodies up to `fork` are here, and it lies on the path to `target`.
  BlockId towards(const BlockTree& tree, BlockId fork, BlockId target) const {
    BlockId highest = fork;
    for (const BlockId end : ends_) {
      const BlockId shared = end == kNoBlock ? kNoBlock : tree.fork_point(end, target);
      if (shared != kNoBlock && tree.height(shared) > tree.height(highest)) highest = shared;
    }
    return highest;
  }

 private:
  static constexpr std::size_t kKept = 4;

  std::array<BlockId, kKept> ends_{kNoBlock, kNoBlock, kNoBlock, kNoBlock};
  std::uint8_t next_ = 0;  // the place of the oldest
};

}  // namespace chain
