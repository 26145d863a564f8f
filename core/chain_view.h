// What one node knows of the tree: the tip that it follows, which headers and which bodies it has.
//
// Only the view answers a node's questions, so that no simulated node peeks at a block that it has
// not been sent. Two bits a block.
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

  bool has_header(BlockId id) const { return (bits_of(id) & kHeader) != 0; }
  bool has_body(BlockId id) const { return (bits_of(id) & kBody) != 0; }
  void add_header(BlockId id) { add(id, kHeader); }
  void add_body(BlockId id) { add(id, kHeader | kBody); }
  // A hint: what is asked next is likely about the newest blocks.
  void prefetch() const {
    if (!words_.empty()) prefetch_line(&words_.back());
  }

 private:
  static constexpr std::uint64_t kHeader = 1, kBody = 2;
  static constexpr std::uint32_t kBlocks = 32;  // in a word

  static int shift(BlockId id) { return static_cast<int>(2 * (id % kBlocks)); }
  // None for a staged id: no view is so large.
  std::uint64_t bits_of(BlockId id) const {
    return id / kBlocks < words_.size() ? words_[id / kBlocks] >> shift(id) : 0;
  }
  void add(BlockId id, std::uint64_t bits) {
    if (id / kBlocks >= words_.size()) words_.resize(id / kBlocks + 1);
    words_[id / kBlocks] |= bits << shift(id);
  }

  BlockId tip_;
  std::vector<std::uint64_t> words_;
};

}  // namespace chain
