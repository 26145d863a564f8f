// How long the last answers with bodies took, and how long to wait for the next.
//
// The timeout is the larger of a least one and four times the slowest of the last eight answers,
// and at most the greatest one. Before eight have come, it is the greatest one. A peer that
// withholds a body then delays it by a few transfers, not by the time that the slowest link needs.
// If more bodies are requested than came in an answer, each is taken to need its share of that
// time.
#pragma once

#include <algorithm>
#include <array>

#include "core/fixed_math.h"
#include "core/time.h"

namespace chain {

class BodyTimes {
 public:
  // An answer of so many bodies came so long after it was requested.
  void add(Duration took, std::uint32_t count) {
    answers_[next_ % kKept] = {took, count};
    ++next_;
    if (next_ == 2 * kKept) next_ = kKept;
  }
  // For `count` bodies.
  Duration timeout(std::uint32_t count, Duration least, Duration most) const {
    if (next_ < kKept) return most;
    Int128 slowest = 0;  // in ns
    for (const Answer& answer : answers_) {
      const Int128 share = Int128{answer.took.ns} * std::max(count, answer.count) / answer.count;
      slowest = std::max(slowest, share);
    }
    const Int128 enough = std::max<Int128>(least.ns, kFactor * slowest);
    return enough >= most.ns ? most : Duration{static_cast<std::int64_t>(enough)};
  }

 private:
  static constexpr std::uint8_t kKept = 8;
  static constexpr std::int64_t kFactor = 4;
  struct Answer {
    Duration took;
    std::uint32_t count = 1;
  };

  std::array<Answer, kKept> answers_{};
  std::uint8_t next_ = 0;  // from kKept on all places are taken
};

}  // namespace chain
