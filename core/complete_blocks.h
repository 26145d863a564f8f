// Blocks up to which a node has all bodies: where walks along a branch may begin.
//
// A walk from the fork point would look at every body of a long branch each time. The last few ends
// of such walks are kept, one for each branch. Bodies never go, so that they stay true. Branches
// that part just before their ends are one.
#pragma once

#include <algorithm>
#include <array>

#include "core/block_tree.h"

namespace chain {

class CompleteBlocks {
 public:
  static constexpr std::uint32_t kShort = 8;  // blocks; a walk over so few costs less than this

  // All bodies up to `block` are here.
  void add(const BlockTree& tree, BlockId block) {
    const auto near = std::find_if(ends_.begin(), ends_.end(), [&](BlockId end) {
      const BlockId shared = end == kNoBlock ? kNoBlock : tree.fork_point(end, block);
      return shared != kNoBlock && tree.height(end) - tree.height(shared) <= kShort;
    });
    const auto place = near != ends_.end() ? near : ends_.end() - 1;
    std::rotate(ends_.begin(), place, place + 1);
    ends_.front() = block;
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

  // The last one added comes first.
  std::array<BlockId, kKept> ends_{kNoBlock, kNoBlock, kNoBlock, kNoBlock};
};

}  // namespace chain
