// How long the last bodies took to come, and how long to wait for the next.
//
// The timeout is the larger of a least one and four times the slowest of the last eight bodies, and
// at most the greatest one. Before eight bodies have come, it is the greatest one. A peer that
// withholds a body then delays it by a few transfers, not by the time that the slowest link needs.
#pragma once

#include <algorithm>
#include <array>

#include "core/time.h"

namespace chain {

class BodyTimes {
 public:
  // A body came so long after it was requested.
  void add(Duration took) {
    times_[next_ % kKept] = took;
    ++next_;
    if (next_ == 2 * kKept) next_ = kKept;
  }
  Duration timeout(Duration least, Duration most) const {
    if (next_ < kKept) return most;
    const Duration slowest = *std::max_element(times_.begin(), times_.end());
    const bool is_long = slowest.ns >= most.ns / kFactor;
    return is_long ? most : std::min(most, std::max(least, slowest * kFactor));
  }

 private:
  static constexpr std::uint8_t kKept = 8;
  static constexpr std::int64_t kFactor = 4;

  std::array<Duration, kKept> times_{};
  std::uint8_t next_ = 0;  // from kKept on all places are taken
};

}  // namespace chain
