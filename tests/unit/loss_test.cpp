// Rounds of retransmission against their closed formula, in long double.
#include "net-sim/loss.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "tests/support/random_blocks.h"

namespace {

using chain::Duration;
using sim::any_lost_q64;
using sim::kFirstRetransmission;
using sim::probability_q64;
using sim::rounds_lost;
using sim::Share;

constexpr std::uint64_t kMostQ64 = std::numeric_limits<std::uint64_t>::max();

Share percent(std::int64_t n) { return Share{n * sim::kBillion / 100}; }

// P(k >= r) = 1 - (1 - p^r)^s.
long double formula(long double p, long double s, int r) {
  return -std::expm1(s * std::log1p(-std::pow(p, static_cast<long double>(r))));
}

TEST(Loss, OfAnySegmentIsTheFormula) {
  for (const std::int64_t ppb : {1'000LL, 10'000'000LL, 100'000'000LL, 500'000'000LL}) {
    const std::uint64_t loss = probability_q64(Share{ppb});
    for (const std::uint64_t segments : {1u, 2u, 14u, 700u, 68'494u}) {
      const long double expected =
          formula(static_cast<long double>(ppb) / 1e9L, static_cast<long double>(segments), 1);
      const long double found = static_cast<long double>(any_lost_q64(loss, segments)) / 0x1p64L;
      EXPECT_LE(std::abs(found - expected), static_cast<long double>(segments) * 0x1p-62L)
          << ppb << " ppb, " << segments << " segments";
    }
  }
}

// The draws that lose r rounds or more are those below P(k >= r): found from both sides.
TEST(Loss, EachNumberOfRoundsHasItsShareOfTheDraws) {
  for (const int hundredths : {1, 10, 50, 90}) {
    const std::uint64_t loss = probability_q64(percent(hundredths));
    for (const std::uint64_t segments : {1u, 14u, 700u}) {
      for (int r = 1; r <= 8; ++r) {
        const long double p = formula(static_cast<long double>(hundredths) / 100,
                                      static_cast<long double>(segments), r);
        const long double slack = 1e-9L * p + 0x1p-50L;
        const auto draw = [](long double part) {
          return part <= 0 ? 0 : part >= 1 ? kMostQ64 : static_cast<std::uint64_t>(part * 0x1p64L);
        };
        if (p > 0x1p-45L) {
          EXPECT_GE(rounds_lost(loss, segments, draw(p - slack)), r) << p << " " << segments;
        }
        if (p + slack < 1) {
          EXPECT_LT(rounds_lost(loss, segments, draw(p + slack)), r) << p << " " << segments;
        }
      }
    }
  }
}

TEST(Loss, RoundsCostATimeoutThatDoubles) {
  const std::uint64_t loss = probability_q64(percent(50));
  std::array<std::int64_t, 8> seen{};
  std::uint64_t state = 3;
  const int draws = test::scaled(200'000);
  for (int i = 0; i < draws; ++i) {
    const Duration delay = sim::loss_delay(loss, 3000, state);  // 3 segments
    const std::int64_t step = delay.ns / kFirstRetransmission.ns + 1;
    EXPECT_EQ(step & (step - 1), 0) << delay.ns << " is no 200 ms * (2^k - 1)";
    EXPECT_EQ(delay.ns % kFirstRetransmission.ns, 0);
    for (std::size_t r = 0; r < seen.size(); ++r) seen[r] += step >= std::int64_t{1} << r;
  }
  for (std::size_t r = 1; r < seen.size(); ++r) {
    const long double p = formula(0.5L, 3, static_cast<int>(r));
    const long double deviation = std::sqrt(p * (1 - p) * draws);
    EXPECT_NEAR(static_cast<double>(seen[r]), static_cast<double>(p * draws),
                static_cast<double>(5 * deviation))
        << r;
  }
}

TEST(Loss, NoneAndAll) {
  EXPECT_EQ(probability_q64(Share{0}), 0u);
  EXPECT_EQ(probability_q64(sim::kWhole), kMostQ64);
  EXPECT_EQ(rounds_lost(0, 1000, 0), 0);
  EXPECT_EQ(rounds_lost(kMostQ64, 1, kMostQ64 / 2), sim::kMaxRounds);
  EXPECT_EQ(any_lost_q64(kMostQ64, 1'000'000), kMostQ64);
  EXPECT_EQ(any_lost_q64(probability_q64(percent(1)), 0), 0u) << "nothing is lost of nothing";
}

}  // namespace
