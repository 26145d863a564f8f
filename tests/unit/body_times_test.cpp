#include "core/body_times.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

constexpr Duration kLeast = seconds(2), kMost = seconds(20);

BodyTimes eight(Duration took, std::uint32_t count) {
  BodyTimes times;
  for (int i = 0; i < 8; ++i) times.add(took, count);
  return times;
}

TEST(BodyTimes, TheGreatestHoldsBeforeEightAnswers) {
  BodyTimes times;
  for (int i = 0; i < 7; ++i) times.add(milliseconds(1), 1);
  EXPECT_EQ(times.timeout(1, kLeast, kMost), kMost);
  times.add(milliseconds(1), 1);
  EXPECT_EQ(times.timeout(1, kLeast, kMost), kLeast);
}

TEST(BodyTimes, TheLeastTheGreatestAndTheFactor) {
  EXPECT_EQ(eight(milliseconds(499), 1).timeout(1, kLeast, kMost), kLeast);
  EXPECT_EQ(eight(milliseconds(501), 1).timeout(1, kLeast, kMost), milliseconds(2004));
  EXPECT_EQ(eight(milliseconds(4999), 1).timeout(1, kLeast, kMost), milliseconds(19'996));
  EXPECT_EQ(eight(milliseconds(5001), 1).timeout(1, kLeast, kMost), kMost);
}

TEST(BodyTimes, MoreBodiesNeedTheirShareAndFewerTheWholeTime) {
  const BodyTimes times = eight(seconds(1), 4);
  EXPECT_EQ(times.timeout(1, kLeast, kMost), seconds(4));
  EXPECT_EQ(times.timeout(4, kLeast, kMost), seconds(4));
  EXPECT_EQ(times.timeout(6, kLeast, kMost), seconds(6));
  EXPECT_EQ(times.timeout(20, kLeast, kMost), kMost);
}

TEST(BodyTimes, TheSlowestOfTheLastEightCounts) {
  BodyTimes times = eight(seconds(1), 1);
  times.add(seconds(3), 1);
  EXPECT_EQ(times.timeout(1, kLeast, kMost), seconds(12));
  for (int i = 0; i < 7; ++i) times.add(seconds(1), 1);
  EXPECT_EQ(times.timeout(1, kLeast, kMost), seconds(12));
  times.add(seconds(1), 1);
  EXPECT_EQ(times.timeout(1, kLeast, kMost), seconds(4));
}

TEST(BodyTimes, NoSizeIsTooLarge) {
  const BodyTimes times = eight(Duration{INT64_MAX}, 1);
  EXPECT_EQ(times.timeout(UINT32_MAX, kLeast, kMost), kMost);
  EXPECT_EQ(eight(milliseconds(1), UINT32_MAX).timeout(UINT32_MAX, kLeast, kMost), kLeast);
}

}  // namespace
