// Means and intervals against published tables and against slower ways to the same numbers.
#include "net-sim/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.h"

namespace {

// The share of Student's t within -t and t, by the finite series of Abramowitz and Stegun 26.7.3
// (odd degrees) and 26.7.4 (even).
double share_within(double t, int degrees) {
  const double angle = std::atan(t / std::sqrt(degrees));
  const double s = std::sin(angle), c = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? c : 1, sum = degrees == 1 ? 0 : term;
  for (int k = odd ? 3 : 2; k < degrees - 1; k += 2) {
    term *= c * c * (k - 1) / k;
    sum += term;
  }
  return odd ? 2 / std::acos(-1.0) * (angle + s * sum) : s * sum;
}

TEST(Statistics, StudentsTIsThatOfPublishedTables) {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, column 0.975.
  const std::pair<std::uint64_t, double> table[] = {
      {1, 12.706}, {2, 4.303},  {3, 3.182},  {4, 2.776},  {5, 2.571},  {9, 2.262},
      {10, 2.228}, {20, 2.086}, {21, 2.080}, {30, 2.042}, {60, 2.000}, {100, 1.984}};
  for (const auto& [degrees, t] : table) {
    EXPECT_NEAR(sim::student_t_975(degrees), t, 0.0006) << degrees;
  }
  EXPECT_NEAR(sim::student_t_975(1'000'000'000), sim::kNormal975, 1e-8);
}

TEST(Statistics, StudentsTHasTheShareOf95PercentWithinIt) {
  for (int degrees = 1; degrees < 300; ++degrees) {
    const double t = sim::student_t_975(static_cast<std::uint64_t>(degrees));
    EXPECT_NEAR(share_within(t, degrees), 0.95, 3e-8) << degrees;
  }
}

TEST(Statistics, TheNormalQuantileIsThatOfTheErrorFunction) {
  EXPECT_NEAR(std::erf(sim::kNormal975 / std::sqrt(2.0)), 0.95, 1e-15);
}

TEST(Statistics, MeanAndDeviationOfAKnownSample) {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(sim::mean(values), 5);
  EXPECT_DOUBLE_EQ(sim::standard_deviation(values), std::sqrt(32.0 / 7));
  const sim::Estimate estimate = sim::mean_estimate(values);
  EXPECT_DOUBLE_EQ(estimate.value, 5);
  EXPECT_NEAR(estimate.high - 5, 2.3646242516 * std::sqrt(32.0 / 7 / 8), 1e-12);
  EXPECT_DOUBLE_EQ(5 - estimate.low, estimate.high - 5);
}

TEST(Statistics, ASmallSpreadFarFromZeroIsKept) {
  const double far = 1e9;
  EXPECT_NEAR(sim::standard_deviation({far, far + 0.25, far + 0.5}), 0.25, 1e-9);
}

TEST(Statistics, OfOneValueTheIntervalIsInfinite) {
  const sim::Estimate estimate = sim::mean_estimate({3});
  EXPECT_EQ(estimate.value, 3);
  EXPECT_EQ(estimate.low, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(estimate.high, std::numeric_limits<double>::infinity());
}

TEST(Statistics, WilsonsIntervalIsThatOfPublishedExamples) {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3 (score without correction).
  const struct {
    std::uint64_t successes, trials;
    double low, high;
  } examples[] = {{81, 263, 0.2553, 0.3662},
                  {15, 148, 0.0624, 0.1605},
                  {0, 20, 0, 0.1611},
                  {1, 29, 0.0061, 0.1718}};
  for (const auto& example : examples) {
    const sim::Estimate estimate = sim::share_estimate(example.successes, example.trials);
    EXPECT_NEAR(estimate.low, example.low, 5e-5) << example.successes;
    EXPECT_NEAR(estimate.high, example.high, 5e-5) << example.successes;
  }
  EXPECT_EQ(sim::share_estimate(20, 20).high, 1);
  EXPECT_NEAR(sim::share_estimate(20, 20).low, 1 - 0.1611, 5e-5);
}

// The bounds of Wilson's interval are where a share p would be as far from what was seen as 95 %
// allow: (seen - p)^2 = z^2 p (1 - p) / n.
TEST(Statistics, WilsonsBoundsSolveTheirEquation) {
  for (const std::uint64_t trials : {1u, 7u, 100u, 123'456u}) {
    for (std::uint64_t successes = 0; successes <= trials; successes += 1 + trials / 9) {
      const sim::Estimate estimate = sim::share_estimate(successes, trials);
      for (const double p : {estimate.low, estimate.high}) {
        const double apart = estimate.value - p;
        EXPECT_NEAR(apart * apart,
                    sim::kNormal975 * sim::kNormal975 * p * (1 - p) / static_cast<double>(trials),
                    1e-12);
      }
    }
  }
}

TEST(Statistics, AQuantileLiesBetweenItsRanksIn95Of100Samples) {
  chain::Random random(5);
  constexpr std::size_t kSize = 400;
  constexpr int kSamples = 4000;
  for (const double share : {0.1, 0.5, 0.9}) {
    const sim::QuantileRanks ranks = sim::quantile_ranks(kSize, share);
    EXPECT_LT(ranks.low, ranks.value);
    EXPECT_LT(ranks.value, ranks.high);
    int covered = 0;
    for (int i = 0; i < kSamples; ++i) {
      std::size_t below = 0;  // of a sample from 0 to 1, the values below its true quantile
      for (std::size_t k = 0; k < kSize; ++k) {
        below += static_cast<double>(random.next()) / 0x1p64 < share ? 1 : 0;
      }
      covered += ranks.low < below && below <= ranks.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(covered) / kSamples, 0.95, 0.015) << share;
  }
}

TEST(Statistics, RanksStayInTheSample) {
  for (const std::size_t size : {1u, 2u, 3u, 10u}) {
    for (const double share : {0.001, 0.5, 0.999}) {
      const sim::QuantileRanks ranks = sim::quantile_ranks(size, share);
      EXPECT_LE(ranks.low, ranks.value);
      EXPECT_LE(ranks.value, ranks.high);
      EXPECT_LT(ranks.high, size);
    }
  }
}

}  // namespace
