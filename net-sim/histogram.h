// A histogram of durations with a relative error below 2^-12, whatever their number.
//
// Buckets double every 4,096 (as in HDR histograms), so memory does not grow with the samples, and
// a quantile is an integer found by counting. Minimum and maximum are exact.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.h"

namespace sim {

class Histogram {
 public:
  void add(chain::Duration sample) {
    const auto ns = static_cast<std::uint64_t>(sample.ns < 0 ? 0 : sample.ns);
    const int shift = std::max(0, static_cast<int>(std::bit_width(ns)) - kBits);
    std::vector<std::uint32_t>& octave = octaves_[static_cast<std::size_t>(shift)];
    if (octave.empty()) octave.resize(std::size_t{1} << kBits);
    ++octave[static_cast<std::size_t>(ns >> shift)];
    ++count_;
    if (max_ < sample) max_ = sample;
  }

  std::uint64_t count() const { return count_; }
  // The smallest value that at least `numerator / denominator` of the samples do not exceed: the
  // middle of its bucket, or the maximum if that is less.
  std::optional<chain::Duration> quantile(std::uint64_t numerator,
                                          std::uint64_t denominator) const {
    if (count_ == 0) return std::nullopt;
    const std::uint64_t rank = (count_ * numerator + denominator - 1) / denominator;
    if (rank >= count_) return max_;
    std::uint64_t seen = 0;
    for (std::size_t shift = 0; shift < octaves_.size(); ++shift) {
      for (std::size_t i = 0; i < octaves_[shift].size(); ++i) {
        seen += octaves_[shift][i];
        if (seen >= rank && seen > 0) {
          const std::uint64_t half = shift == 0 ? 0 : std::uint64_t{1} << (shift - 1);
          const auto middle = static_cast<std::int64_t>((std::uint64_t{i} << shift) + half);
          return std::min(chain::nanoseconds(middle), max_);
        }
      }
    }
    return max_;
  }

 private:
  static constexpr int kBits = 12;

  std::vector<std::vector<std::uint32_t>> octaves_{64 - kBits};
  std::uint64_t count_ = 0;
  chain::Duration max_{};
};

}  // namespace sim
