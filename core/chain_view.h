// What one node knows of the tree: the tip that it follows, which headers and which bodies it has.
//
// Only the view answers a node's questions, so that no simulated node peeks at a block that it has
// not been sent. Two bits a block.
#pragma once

#include <cstdint>
#include <vector>

#include "core/block_tree.h"

namespace chain {

class ChainView {
 public:
  // A new node follows the root.
  explicit ChainView(BlockId root) : tip_(root) { add_body(root); }

  BlockId tip() const { return tip_; }
  // REQUIRES: has_body(tip).
  void follow(BlockId tip) { tip_ = tip; }

  bool has_header(BlockId id) const { return !is_staged(id) && test(headers_, id); }
  bool has_body(BlockId id) const { return !is_staged(id) && test(bodies_, id); }
  void add_header(BlockId id) { set(headers_, id); }
  void add_body(BlockId id) {
    set(headers_, id);
    set(bodies_, id);
  }
  // What a crash took: neither header nor body is here any more.
  void lose(BlockId id) {
    clear(headers_, id);
    clear(bodies_, id);
  }

 private:
  using Bits = std::vector<std::uint64_t>;

  static bool test(const Bits& bits, BlockId id) {
    return id / 64 < bits.size() && ((bits[id / 64] >> (id % 64)) & 1) != 0;
  }
  static void set(Bits& bits, BlockId id) {
    if (id / 64 >= bits.size()) bits.resize(id / 64 + 1);
    bits[id / 64] |= std::uint64_t{1} << (id % 64);
  }

  static void clear(Bits& bits, BlockId id) {
    if (id / 64 < bits.size()) bits[id / 64] &= ~(std::uint64_t{1} << (id % 64));
  }

  BlockId tip_;
  Bits headers_;
  Bits bodies_;
};

}  // namespace chain
