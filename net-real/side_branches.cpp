#include "net-real/side_branches.h"

#include <algorithm>

namespace net {

using chain::BlockId;

std::vector<BlockId> old_side_blocks(const chain::BlockTree& tree, BlockId tip,
                                     std::uint32_t depth) {
  std::vector<std::uint32_t> height(tree.size());  // of the highest block on it
  std::vector<std::uint64_t> work(tree.size());    // of the heaviest
  for (auto block = static_cast<BlockId>(tree.size()); block-- > 0;) {
    height[block] = std::max(height[block], tree.height(block));
    work[block] = std::max(work[block], tree.work(block));
    if (tree.is_root(block)) continue;
    const BlockId parent = tree.parent(block);
    height[parent] = std::max(height[parent], height[block]);
    work[parent] = std::max(work[parent], work[block]);
  }
  std::vector<bool> on_chain(tree.size());
  for (BlockId block = tip; block != chain::kNoBlock; block = tree.parent(block)) {
    on_chain[block] = true;
  }
  std::vector<BlockId> old;
  for (BlockId block = 0; block < tree.size(); ++block) {
    const bool is_far = std::uint64_t{height[block]} + depth < tree.height(tip);
    if (!on_chain[block] && is_far && work[block] <= tree.work(tip)) old.push_back(block);
  }
  return old;
}

}  // namespace net
