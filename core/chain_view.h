// What one node knows of the tree: the tip that it follows, which headers and which bodies it has.
//
// Only the view answers a node's questions, so that no simulated node peeks at a block that it has
// not been sent. Two bits a block.
//
// A block is whole if its body and all bodies before it are here. The view is told so where a walk
// along a branch saw it; the next walk begins there. Bodies never go, so that it stays true.
#pragma once

#include <cstdint>
#include <vector>

#include "core/block_tree.h"
#include "core/prefetch.h"

namespace chain {

class ChainView {
 public:
  // A new node follows the root.
  explicit ChainView(BlockId root) : tip_(root) { add_body(root); }

  BlockId tip() const { return tip_; }
  // REQUIRES: has_body(tip).
  void follow(BlockId tip) { tip_ = tip; }

  bool has_header(BlockId id) const { return facts(id) >= kHeader; }
  bool has_body(BlockId id) const { return facts(id) >= kBody; }
  // Known to be whole. False says nothing.
  bool is_whole(BlockId id) const { return facts(id) == kWhole; }
  void add_header(BlockId id) { raise(id, kHeader); }
  void add_body(BlockId id) { raise(id, kBody); }
  // REQUIRES: all bodies up to it are here.
  void add_whole(BlockId id) { raise(id, kWhole); }
  // No record tells which blocks are whole: a node that starts knows of none.
  void forget_whole() {
    for (std::uint64_t& word : words_) word &= ~(word >> 1 & kLowBits);
  }
  // A hint: what is asked next is likely about the newest blocks.
  void prefetch() const {
    if (!words_.empty()) prefetch_line(&words_.back());
  }

 private:
  // Each says all that the lower ones say.
  static constexpr std::uint64_t kHeader = 1, kBody = 2, kWhole = 3;
  static constexpr std::uint64_t kLowBits = 0x5555'5555'5555'5555;  // of each pair
  static constexpr std::uint32_t kBlocks = 32;                      // in a word

  static int shift(BlockId id) { return static_cast<int>(2 * (id % kBlocks)); }
  // None for a staged id: no view is so large.
  std::uint64_t facts(BlockId id) const {
    return id / kBlocks < words_.size() ? words_[id / kBlocks] >> shift(id) & 3 : 0;
  }
  void raise(BlockId id, std::uint64_t to) {
    if (id / kBlocks >= words_.size()) words_.resize(id / kBlocks + 1);
    std::uint64_t& word = words_[id / kBlocks];
    const std::uint64_t from = word >> shift(id) & 3;
    if (from < to) word += (to - from) << shift(id);
  }

  BlockId tip_;
  std::vector<std::uint64_t> words_;
};

}  // namespace chain
