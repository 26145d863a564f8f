// Which links of a growing graph exist already: a set of unordered pairs of nodes.
//
// One flat table with linear probing, 11 to 23 bytes a link. A std::unordered_set takes four times
// as long and twice the memory, and that is most of what drawing a network of 100,000 nodes costs.
// It is asked for membership only and never iterated, so its order decides nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "net-sim/scenario.h"

namespace sim {

// REQUIRES of all methods: a != b.
class LinkSet {
 public:
  LinkSet() : slots_(kFewest, kEmpty) {}

  bool has(NodeIndex a, NodeIndex b) const { return slots_[find(key(a, b))] != kEmpty; }

  // False if it was there already.
  bool add(NodeIndex a, NodeIndex b) {
    const std::uint64_t wanted = key(a, b);
    std::size_t at = find(wanted);
    if (slots_[at] != kEmpty) return false;
    if (10 * (size_ + 1) > 7 * slots_.size()) {
      grow();
      at = find(wanted);
    }
    slots_[at] = wanted;
    ++size_;
    return true;
  }

  void remove(NodeIndex a, NodeIndex b) {
    std::size_t hole = find(key(a, b));
    if (slots_[hole] == kEmpty) return;
    --size_;
    // What probing would no longer find beyond the hole moves into it.
    for (std::size_t at = next(hole); slots_[at] != kEmpty; at = next(at)) {
      const std::size_t from_home = (at - home(slots_[at])) & (slots_.size() - 1);
      const std::size_t from_hole = (at - hole) & (slots_.size() - 1);
      if (from_home < from_hole) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = kEmpty;
  }

 private:
  static constexpr std::uint64_t kEmpty = 0;  // nodes 0 and 0, which is no link
  static constexpr std::size_t kFewest = 16;  // slots; always a power of two

  static std::uint64_t key(NodeIndex a, NodeIndex b) {
    const auto [low, high] = std::minmax(a, b);
    return std::uint64_t{low} << 32 | high;
  }
  std::size_t home(std::uint64_t wanted) const {
    wanted = (wanted ^ (wanted >> 32)) * 0x9e3779b97f4a7c15u;
    return static_cast<std::size_t>((wanted ^ (wanted >> 29)) & (slots_.size() - 1));
  }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
  // The slot of `wanted`, or the empty one where it would stand.
  std::size_t find(std::uint64_t wanted) const {
    std::size_t at = home(wanted);
    while (slots_[at] != kEmpty && slots_[at] != wanted) at = next(at);
    return at;
  }
  void grow() {
    std::vector<std::uint64_t> old(2 * slots_.size(), kEmpty);
    old.swap(slots_);
    for (const std::uint64_t each : old) {
      if (each != kEmpty) slots_[find(each)] = each;
    }
  }

  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
};

}  // namespace sim
