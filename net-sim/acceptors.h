// Nodes that still accept a connection, to be drawn from at random, without replacement for each
// dialler.
//
// What a dialler has drawn moves to the end of the list until the next dialler begins, so a draw
// costs the same however few are left, and a dialler that runs out of nodes knows it.
#pragma once

#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "core/random.h"
#include "net-sim/scenario.h"

namespace sim {

class Acceptors {
 public:
  explicit Acceptors(std::uint32_t nodes) : open_(nodes) {
    std::iota(open_.begin(), open_.end(), NodeIndex{0});
  }

  void begin_dialler() { passed_ = 0; }

  // One that this dialler has not drawn yet; nothing when there is none.
  std::optional<NodeIndex> draw(chain::Random& random) {
    if (passed_ == open_.size()) return std::nullopt;
    const std::size_t pick = random.below(open_.size() - passed_);
    ++passed_;
    std::swap(open_[pick], open_[open_.size() - passed_]);
    return open_[open_.size() - passed_];
  }

  // The one drawn last accepts no more.
  void close_last() {
    std::swap(open_[open_.size() - passed_], open_.back());
    open_.pop_back();
    --passed_;
  }

 private:
  std::vector<NodeIndex> open_;
  std::size_t passed_ = 0;  // by this dialler; they stand at the end
};

}  // namespace sim
