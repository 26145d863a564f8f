// Draws against the closed formulas of their distributions, in long double.
#include "net-sim/distribution.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/random_blocks.h"

namespace {

using chain::Random;
using sim::Distribution;
using sim::Sampler;
using LawKind = Distribution::Kind;

constexpr std::int64_t kMs = 1'000'000;

std::vector<std::int64_t> sorted_draws(const Distribution& distribution, int count) {
  const Sampler sampler(distribution);
  Random random(11);
  std::vector<std::int64_t> draws;
  for (int i = 0; i < count; ++i) draws.push_back(sampler.draw(random));
  std::sort(draws.begin(), draws.end());
  return draws;
}

long double part(std::uint64_t uniform) { return static_cast<long double>(uniform) / 0x1p64L; }

TEST(Distribution, AConstantIsOne) {
  Random random(1);
  const Sampler sampler({.kind = LawKind::constant, .value = 7 * kMs});
  EXPECT_EQ(sampler.draw(random), 7 * kMs);
  EXPECT_TRUE(sampler.constant());
}

TEST(Distribution, AUniformDrawReachesBothEndsAndNoFurther) {
  const Sampler sampler({.kind = LawKind::uniform, .min = 10, .max = 19});
  EXPECT_EQ(sampler.quantile(0), 10);
  EXPECT_EQ(sampler.quantile(~std::uint64_t{0}), 19);
  std::array<int, 10> seen{};
  Random random(2);
  for (int i = 0; i < 100'000; ++i) ++seen[static_cast<std::size_t>(sampler.draw(random) - 10)];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Distribution, TheExponentialIsMinusTheLogarithm) {
  const std::int64_t mean = 600'000 * kMs;
  const Sampler sampler({.kind = LawKind::exponential, .mean = mean});
  Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t uniform = random.next() >> random.below(60);
    const long double expected = -static_cast<long double>(mean) * std::log(part(uniform | 1));
    EXPECT_LE(std::abs(static_cast<long double>(sampler.quantile(uniform | 1)) - expected),
              expected * 1e-9L + static_cast<long double>(mean) * 1e-9L);
  }
}

TEST(Distribution, TheParetoIsAPowerOfTheUniform) {
  const std::int64_t mean = 100 * kMs;
  const Sampler sampler(
      {.kind = LawKind::pareto, .mean = mean, .shape = {sim::kBillion * 5 / 2}});  // shape 2.5
  Random random(4);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t uniform = random.next() | 1;
    const long double scale = static_cast<long double>(mean) * 1.5L / 2.5L;
    const long double expected = scale * std::pow(part(uniform), -1.0L / 2.5L);
    EXPECT_LE(std::abs(static_cast<long double>(sampler.quantile(uniform)) - expected),
              expected * 1e-7L + 1);
  }
}

TEST(Distribution, QuantileTablesAreStraightBetweenTheirValues) {
  const Sampler sampler({.kind = LawKind::quantiles, .values = {0, 100, 1000}});
  EXPECT_EQ(sampler.quantile(0), 0);
  EXPECT_EQ(sampler.quantile(std::uint64_t{1} << 62), 50);
  EXPECT_EQ(sampler.quantile(std::uint64_t{1} << 63), 100);
  EXPECT_EQ(sampler.quantile(std::uint64_t{3} << 62), 550);
  EXPECT_EQ(sampler.quantile(~std::uint64_t{0}), 999);
}

// Kolmogorov and Smirnov: the largest distance of n draws from their law is rarely above
// 1.63 / sqrt(n), once in a hundred seeds; this seed is one of the others.
TEST(Distribution, TheLognormalHasItsMedianAndItsP90) {
  const int n = test::scaled(200'000);
  const Distribution law{.kind = LawKind::lognormal, .median = 60 * kMs, .p90 = 180 * kMs};
  const auto draws = sorted_draws(law, n);
  const long double sigma = std::log(3.0L) / 1.2815515655446004L;
  long double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const long double z =
        std::log(static_cast<long double>(draws[i]) / static_cast<long double>(60 * kMs)) / sigma;
    const long double expected = 0.5L * std::erfc(-z / std::sqrt(2.0L));
    distance = std::max(distance, std::abs(expected - static_cast<long double>(i) / n));
  }
  EXPECT_LT(distance, 1.63L / std::sqrt(static_cast<long double>(n)));
}

TEST(Distribution, ALognormalOfNoLatencyIsNone) {
  Random random(5);
  EXPECT_EQ(Sampler({.kind = LawKind::lognormal, .median = 0, .p90 = 0}).draw(random), 0);
}

TEST(Distribution, TailsAreCutAndNeverNegative) {
  const Sampler wild({.kind = LawKind::pareto,
                      .mean = 1000 * kMs,
                      .shape = {sim::kBillion + 1}});  // hardly a mean
  EXPECT_LE(wild.quantile(0), std::int64_t{1} << 61);
  EXPECT_GE(wild.quantile(0), 0);
  Random random(6);
  const Sampler wide({.kind = LawKind::lognormal, .median = 1, .p90 = 1'000'000'000 * kMs});
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t draw = wide.draw(random);
    EXPECT_GE(draw, 0);
    EXPECT_LE(draw, std::int64_t{1} << 61);
  }
}

TEST(Distribution, ANormalDrawHasMeanNoughtAndVarianceOne) {
  Random random(7);
  const int n = test::scaled(200'000);
  long double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const long double z = static_cast<long double>(sim::normal_q32(random)) / 0x1p32L;
    sum += z;
    squares += z * z;
  }
  const long double slack = 4 / std::sqrt(static_cast<long double>(n));
  EXPECT_LT(std::abs(sum / n), slack);
  EXPECT_LT(std::abs(squares / n - 1), 2 * slack);
}

}  // namespace
