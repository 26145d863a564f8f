// The integers against long double, which is exact enough to see 2^-29.
#include "core/fixed_math.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace {

using namespace chain;

constexpr long double kOne = 4294967296.0L;
constexpr long double kTolerance = 1.0L / (1 << 29);

// Numbers of every length, so that small ones are met as often as large ones.
std::uint64_t any_length(Random& random) {
  const std::uint64_t shift = random.below(64);
  return random.next() >> shift;
}

TEST(FixedMath, Log2IsWithin2ToTheMinus29) {
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t x = any_length(random) | 1;
    const long double exact = std::log2(static_cast<long double>(x));
    const long double got = static_cast<long double>(log2_q32(x)) / kOne;
    ASSERT_LE(std::abs(got - exact), kTolerance * std::max(1.0L, exact)) << x;
  }
}

TEST(FixedMath, Log2OfPowersOfTwoIsExact) {
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(log2_q32(std::uint64_t{1} << bit), std::int64_t{bit} << 32);
  }
}

TEST(FixedMath, Log2NeverFalls) {
  for (std::uint64_t x = 1; x < 100'000; ++x) ASSERT_LE(log2_q32(x), log2_q32(x + 1)) << x;
}

TEST(FixedMath, Exp2IsWithin2ToTheMinus29) {
  Random random(2);
  for (int i = 0; i < 100'000; ++i) {
    const auto x = static_cast<std::int64_t>(random.below(63ull << 32)) - (32ll << 32);
    const long double exact = std::exp2(static_cast<long double>(x) / kOne) * kOne;
    const auto got = static_cast<long double>(exp2_q32(x));
    // The result is an integer: half of the error may be that it is one.
    ASSERT_LE(std::abs(got - exact), exact * kTolerance + 1.0L) << x;
  }
}

TEST(FixedMath, Exp2OfWholeNumbersIsExact) {
  for (int whole = -32; whole < 31; ++whole) {
    EXPECT_EQ(exp2_q32(std::int64_t{whole} * kOneQ32), std::int64_t{1} << (32 + whole)) << whole;
  }
  EXPECT_EQ(exp2_q32(-40 * kOneQ32), 0);
}

TEST(FixedMath, MinusLnIsWithin2ToTheMinus29) {
  Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t u = any_length(random) | 1;
    const long double exact = 64 * std::log(2.0L) - std::log(static_cast<long double>(u));
    const long double got = static_cast<long double>(minus_ln_q32(u)) / kOne;
    ASSERT_LE(std::abs(got - exact), kTolerance * std::max(1.0L, exact)) << u;
  }
  EXPECT_EQ(minus_ln_q32(0), minus_ln_q32(1));
  EXPECT_GE(minus_ln_q32(~std::uint64_t{0}), 0);
}

TEST(FixedMath, IsqrtIsTheFloor) {
  Random random(4);
  const auto check = [](std::uint64_t x) {
    const Uint128 r = isqrt(x);
    ASSERT_LE(r * r, x);
    ASSERT_GT((r + 1) * (r + 1), x);
  };
  for (std::uint64_t x = 0; x < 10'000; ++x) check(x);
  for (int i = 0; i < 100'000; ++i) check(any_length(random));
  for (std::uint64_t r = 4'294'967'290; r < 4'294'967'296; ++r) {
    check(r * r);
    check(r * r - 1);
  }
  check(~std::uint64_t{0});
}

TEST(FixedMath, ProductsRoundTowardsZeroAndSaturate) {
  EXPECT_EQ(mul_q32(3 * kOneQ32, -2 * kOneQ32), -6 * kOneQ32);
  EXPECT_EQ(mul_q32(1, kOneQ32 - 1), 0);
  EXPECT_EQ(mul_q32(-1, kOneQ32 - 1), 0);
  EXPECT_EQ(mul_q32(kOneQ32 / 2, 3), 1);
  EXPECT_EQ(mul_q32(INT64_MAX, INT64_MAX), INT64_MAX);
  EXPECT_EQ(mul_q32(INT64_MAX, INT64_MIN), INT64_MIN);
}

}  // namespace
