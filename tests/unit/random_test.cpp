#include "core/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace {

using namespace chain;

TEST(Random, SplitmixGivesItsPublishedNumbers) {
  std::uint64_t state = 0;
  EXPECT_EQ(splitmix64(state), 0xe220a8397b1dcdafu);
  EXPECT_EQ(splitmix64(state), 0x6e789e6aa1b965f4u);
  EXPECT_EQ(splitmix64(state), 0x06c45d188009454fu);
}

TEST(Random, XoshiroSeededWithZeroGivesItsPublishedNumbers) {
  Random random(0);
  EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4u);
  EXPECT_EQ(random.next(), 0xbf6e1f784956452au);
  EXPECT_EQ(random.next(), 0x1a5f849d4933e6e0u);
}

TEST(Random, EveryStreamIsItsOwn) {
  std::vector<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t owner = 0; owner < 10; ++owner) {
      for (std::uint64_t purpose = 0; purpose < 10; ++purpose) {
        firsts.push_back(Random(seed, owner, purpose).next());
      }
    }
  }
  std::sort(firsts.begin(), firsts.end());
  EXPECT_EQ(std::adjacent_find(firsts.begin(), firsts.end()), firsts.end());
}

TEST(Random, TheSameStreamAgainIsTheSame) {
  Random a(7, 8, 9);
  Random b(7, 8, 9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
}

TEST(Random, BelowIsUniform) {
  Random random(1);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[static_cast<std::size_t>(random.below(7))];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);  // five standard deviations
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, BelowHasNoBiasWhereTheRangeHardlyFits) {
  // 3 * 2^62: without rejection the first third would come twice as often.
  Random random(2);
  const std::uint64_t n = std::uint64_t{3} << 62;
  int first_third = 0;
  for (int i = 0; i < 30'000; ++i) first_third += random.below(n) < n / 3 ? 1 : 0;
  EXPECT_NEAR(first_third, 10'000, 450);
}

TEST(Random, ExponentialDrawsHaveMeanAndDeviationOne) {
  Random random(3);
  constexpr int kDraws = 200'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = static_cast<double>(random.exponential_q32()) / static_cast<double>(kOneQ32);
    ASSERT_GE(x, 0);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 1.0, 0.012);
  EXPECT_NEAR(std::sqrt(squares / kDraws - mean * mean), 1.0, 0.02);
}

}  // namespace
