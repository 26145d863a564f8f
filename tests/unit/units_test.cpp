#include "net-sim/units.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace {

using namespace sim;

std::int64_t parsed(const std::string& text, Dimension dimension) {
  const auto result = parse_quantity(text, dimension);
  EXPECT_TRUE(result.ok()) << text << ": " << (result.ok() ? "" : result.error().found);
  return result.ok() ? *result : -1;
}

std::string refused(const std::string& text, Dimension dimension) {
  const auto result = parse_quantity(text, dimension);
  EXPECT_FALSE(result.ok()) << text;
  return result.ok() ? "" : result.error().found + "; " + result.error().expected;
}

TEST(Units, OfTime) {
  EXPECT_EQ(parsed("1 ns", Dimension::time), 1);
  EXPECT_EQ(parsed("2 us", Dimension::time), 2'000);
  EXPECT_EQ(parsed("2 µs", Dimension::time), 2'000);
  EXPECT_EQ(parsed("50 ms", Dimension::time), 50'000'000);
  EXPECT_EQ(parsed("50ms", Dimension::time), 50'000'000);
  EXPECT_EQ(parsed("1.5 s", Dimension::time), 1'500'000'000);
  EXPECT_EQ(parsed("10 min", Dimension::time), 600'000'000'000);
  EXPECT_EQ(parsed("2 h", Dimension::time), 7'200'000'000'000);
  EXPECT_EQ(parsed("1 d", Dimension::time), 86'400'000'000'000);
  EXPECT_EQ(parsed("-3 s", Dimension::time), -3'000'000'000);
}

TEST(Units, OfSizesRatesSharesAndNumbers) {
  EXPECT_EQ(parsed("20 kB", Dimension::size), 20'000);
  EXPECT_EQ(parsed("1.5 MB", Dimension::size), 1'500'000);
  EXPECT_EQ(parsed("1 KiB", Dimension::size), 1'024);
  EXPECT_EQ(parsed("2 GiB", Dimension::size), std::int64_t{2} << 30);
  EXPECT_EQ(parsed("20 Mbit/s", Dimension::rate), 2'500'000);
  EXPECT_EQ(parsed("8 bit/s", Dimension::rate), 1);
  EXPECT_EQ(parsed("3 kB/s", Dimension::rate), 3'000);
  EXPECT_EQ(parsed("30 %", Dimension::share), 300'000'000);
  EXPECT_EQ(parsed("0.0000001%", Dimension::share), 1);
  EXPECT_EQ(parsed("2.5", Dimension::number), 2'500'000'000);
}

// 0.1 is no binary fraction: only decimal arithmetic gives these.
TEST(Units, DecimalsAreExactAndRoundedOnce) {
  EXPECT_EQ(parsed("0.1 s", Dimension::time), 100'000'000);
  EXPECT_EQ(parsed("0.3 ms", Dimension::time), 300'000);
  EXPECT_EQ(parsed("7.9370052598409979 s", Dimension::time), 7'937'005'260);
  EXPECT_EQ(parsed("0.5 ns", Dimension::time), 1);
  EXPECT_EQ(parsed("-0.5 ns", Dimension::time), -1);
  EXPECT_EQ(parsed("33.333 kbit/s", Dimension::rate), 4'167);
  EXPECT_EQ(parsed("9223372036.854775807 s", Dimension::time), INT64_MAX);
}

TEST(Units, ZeroNeedsNoUnit) {
  EXPECT_EQ(parsed("0", Dimension::time), 0);
  EXPECT_EQ(parsed("0", Dimension::share), 0);
}

TEST(Units, ARefusalSaysWhatWasFoundAndWhatWasExpected) {
  const std::string time = "a duration such as `50 ms` or `10 min`";
  EXPECT_EQ(refused("5", Dimension::time), "`5` has no unit; " + time);
  EXPECT_EQ(refused("5 MB", Dimension::time), "`5 MB` is a size; " + time);
  EXPECT_EQ(refused("5 minutes", Dimension::time),
            "unknown unit `minutes` in `5 minutes`; one of ns, us, ms, s, min, h, d");
  EXPECT_EQ(refused("fast", Dimension::time), "`fast` is not a duration; " + time);
  EXPECT_EQ(refused("", Dimension::time), "`` is not a duration; " + time);
  EXPECT_EQ(refused("1.2.3 s", Dimension::time),
            "unknown unit `.3 s` in `1.2.3 s`; one of ns, us, ms, s, min, h, d");
  EXPECT_EQ(refused("1. s", Dimension::time), "`1. s` is not a duration; " + time);
  EXPECT_EQ(refused(".5 s", Dimension::time), "`.5 s` is not a duration; " + time);
  EXPECT_EQ(refused("1,5 s", Dimension::time),
            "unknown unit `,5 s` in `1,5 s`; one of ns, us, ms, s, min, h, d");
  EXPECT_EQ(refused("0.1 ns", Dimension::time),
            "`0.1 ns` is too small to tell from 0; 0 or at least 1 ns");
  EXPECT_EQ(refused("0.5", Dimension::share), "`0.5` has no unit; a share such as `30 %`");
  EXPECT_EQ(refused("5 s", Dimension::number),
            "`5 s` is a duration; a number without unit such as `2.5`");
}

TEST(Units, WhatDoesNotFitIsTooLargeAndNeverWrapsAround) {
  for (const char* text :
       {"300 d 1", "106752 d", "99999999999999999999 s", "999999999999999999999999 d",
        "9223372036854775808 ns", "1111111111111111111111111111 ns"}) {
    EXPECT_FALSE(parse_quantity(text, Dimension::time).ok()) << text;
  }
  EXPECT_TRUE(parse_quantity("106751 d", Dimension::time).ok());
}

TEST(Units, ALongTextIsShownInPartOnOneLine) {
  const std::string found = refused(std::string(500, 'x') + "\n\ny", Dimension::time);
  EXPECT_LT(found.size(), 150u);
  EXPECT_EQ(shown("a\nb\tc"), "a b c");
  // Never half a character.
  EXPECT_EQ(shown(std::string(59, 'x') + "한글"), std::string(59, 'x') + "한…");
}

TEST(QuantityText, IsTheShortestThatIsExact) {
  EXPECT_EQ(duration_text(chain::seconds(90)), "90 s");
  EXPECT_EQ(duration_text(chain::minutes(60)), "1 h");
  EXPECT_EQ(duration_text(chain::milliseconds(1500)), "1.5 s");
  EXPECT_EQ(duration_text(chain::nanoseconds(1'000'001)), "1000.001 us");
  EXPECT_EQ(duration_text({}), "0 s");
  EXPECT_EQ(duration_text(chain::seconds(-3)), "-3 s");
  EXPECT_EQ(quantity_text(Dimension::size, 20'000), "20 kB");
  EXPECT_EQ(quantity_text(Dimension::size, 1'234'567), "1234.567 kB");
  EXPECT_EQ(quantity_text(Dimension::rate, 587'500), "4.7 Mbit/s");
  EXPECT_EQ(quantity_text(Dimension::rate, 1), "1 B/s");
  EXPECT_EQ(quantity_text(Dimension::share, 300'000'000), "30 %");
  EXPECT_EQ(quantity_text(Dimension::share, 1), "0.0000001 %");
  EXPECT_EQ(quantity_text(Dimension::number, 2'500'000'000), "2.5");
}

TEST(QuantityText, ReadsBackAsTheSameNumber) {
  chain::Random random(1);
  for (const Dimension dimension :
       {Dimension::time, Dimension::size, Dimension::rate, Dimension::share, Dimension::number}) {
    for (int i = 0; i < 5'000; ++i) {
      const std::uint64_t bits = random.below(63) + 1;
      const auto magnitude = static_cast<std::int64_t>(random.next() >> (64 - bits));
      const std::int64_t value = random.below(2) == 0 ? magnitude : -magnitude;
      ASSERT_EQ(parsed(quantity_text(dimension, value), dimension), value)
          << quantity_text(dimension, value);
    }
  }
}

TEST(Count, IsAWholeNumber) {
  EXPECT_EQ(*parse_count("0"), 0u);
  EXPECT_EQ(*parse_count("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", "1.0", "1e3", " 1", "0x10", "18446744073709551616"}) {
    EXPECT_FALSE(parse_count(text).ok()) << text;
  }
}

}  // namespace
