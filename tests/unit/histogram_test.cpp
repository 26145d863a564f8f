#include "net-sim/histogram.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace {

using chain::Duration;

// The rank that a quantile asks for, in a sorted list: the slow way.
Duration by_sorting(std::vector<Duration> samples, std::uint64_t numerator,
                    std::uint64_t denominator) {
  std::sort(samples.begin(), samples.end());
  const std::uint64_t n = samples.size();
  const std::uint64_t rank = (n * numerator + denominator - 1) / denominator;
  return samples[rank == 0 ? 0 : rank - 1];
}

TEST(Histogram, HasNoQuantileOfNothing) {
  EXPECT_EQ(sim::Histogram().quantile(1, 2), std::nullopt);
  EXPECT_EQ(sim::Histogram().count(), 0u);
}

TEST(Histogram, SmallValuesAreExact) {
  sim::Histogram histogram;
  for (int ns = 4095; ns >= 0; --ns) histogram.add(chain::nanoseconds(ns));
  EXPECT_EQ(histogram.quantile(50, 100), chain::nanoseconds(2047));
  EXPECT_EQ(histogram.quantile(1, 4096), chain::nanoseconds(0));
  EXPECT_EQ(histogram.quantile(4095, 4096), chain::nanoseconds(4094));
  EXPECT_EQ(histogram.quantile(1, 1), chain::nanoseconds(4095));
}

TEST(Histogram, IsWithinOneIn4096OfASortedList) {
  chain::Random random(3);
  for (int round = 0; round < 200; ++round) {
    sim::Histogram histogram;
    std::vector<Duration> samples;
    const std::uint64_t shift = random.below(50);
    for (std::uint64_t left = 1 + random.below(500); left > 0; --left) {
      samples.push_back(
          {static_cast<std::int64_t>(random.next() >> (1 + random.below(shift + 1)))});
      histogram.add(samples.back());
    }
    EXPECT_EQ(histogram.count(), samples.size());
    for (const std::uint64_t percent : {1u, 10u, 50u, 90u, 99u}) {
      const std::int64_t expected = by_sorting(samples, percent, 100).ns;
      const std::int64_t found = histogram.quantile(percent, 100)->ns;
      EXPECT_LE(std::abs(found - expected), expected / 4096 + 1) << percent << ", " << round;
    }
    EXPECT_EQ(histogram.quantile(1, 1), by_sorting(samples, 1, 1)) << "the most is exact";
  }
}

TEST(Histogram, NoQuantileIsAboveTheMost) {
  sim::Histogram histogram;
  const Duration most = chain::milliseconds(159) + chain::nanoseconds(1);  // low in its bucket
  for (int i = 0; i < 10; ++i) histogram.add(most);
  histogram.add(Duration{});
  EXPECT_EQ(histogram.quantile(50, 100), most);
}

TEST(Histogram, TheLongestTimeFits) {
  sim::Histogram histogram;
  histogram.add(Duration{chain::kNever.ns});
  histogram.add(Duration{chain::kNever.ns});
  EXPECT_EQ(histogram.quantile(1, 1)->ns, chain::kNever.ns);
  EXPECT_GT(histogram.quantile(1, 2)->ns, chain::kNever.ns / 4096 * 4095);
}

}  // namespace
