#include "core/time.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

TEST(Time, UnitsAreNanoseconds) {
  EXPECT_EQ(microseconds(1), nanoseconds(1'000));
  EXPECT_EQ(milliseconds(1), microseconds(1'000));
  EXPECT_EQ(seconds(1), milliseconds(1'000));
  EXPECT_EQ(minutes(2), seconds(120));
  EXPECT_EQ(kTimeZero + seconds(3) - seconds(1), Time{2'000'000'000});
  EXPECT_EQ(Time{5} - Time{7}, nanoseconds(-2));
  EXPECT_LT(kTimeZero + minutes(1'000'000), kNever);
}

TEST(Clock, TurnsTimeIntoUnixMillisecondsAndBack) {
  const Clock clock{1'700'000'000'000};
  EXPECT_EQ(clock.unix_ms(kTimeZero), 1'700'000'000'000);
  EXPECT_EQ(clock.unix_ms(kTimeZero + microseconds(1'999)), 1'700'000'000'001);
  EXPECT_EQ(clock.at_unix_ms(1'700'000'000'250), kTimeZero + milliseconds(250));
}

}  // namespace
