// Discouraged IP addresses: for how long, how many, and who never is.
#include "net-real/discouraged.h"

#include <gtest/gtest.h>

#include <limits>

namespace net {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kDay = 24 * 3600 * 1000;

TEST(Discouraged, ForADay) {
  Discouraged discouraged;
  EXPECT_FALSE(discouraged.contains("192.0.2.1", kNow));
  EXPECT_TRUE(discouraged.add("192.0.2.1", kNow));
  EXPECT_TRUE(discouraged.contains("192.0.2.1", kNow));
  EXPECT_TRUE(discouraged.contains("192.0.2.1", kNow + kDay - 1));
  EXPECT_FALSE(discouraged.contains("192.0.2.1", kNow + kDay));
  EXPECT_FALSE(discouraged.contains("192.0.2.11", kNow));
}

TEST(Discouraged, OnceMoreIsFromThenOn) {
  Discouraged discouraged;
  discouraged.add("192.0.2.1", kNow);
  discouraged.add("192.0.2.1", kNow + kDay / 2);
  EXPECT_EQ(discouraged.size(), 1u);
  EXPECT_TRUE(discouraged.contains("192.0.2.1", kNow + kDay));
}

TEST(Discouraged, OfTooManyTheOldestLeaves) {
  Discouraged discouraged;
  const auto name = [](std::size_t i) { return "2001:db8::" + std::to_string(i); };
  for (std::size_t i = 0; i < Discouraged::kMost; ++i) discouraged.add(name(i), kNow);
  discouraged.add(name(0), kNow);  // once more: now 1 is the oldest
  discouraged.add("192.0.2.1", kNow);
  EXPECT_EQ(discouraged.size(), Discouraged::kMost);
  EXPECT_FALSE(discouraged.contains(name(1), kNow));
  for (const std::string& ip : {name(0), name(2), std::string("192.0.2.1")}) {
    EXPECT_TRUE(discouraged.contains(ip, kNow)) << ip;
  }
}

TEST(Discouraged, OfTooManyThatWereKeptTheNewestCount) {
  std::vector<DiscouragedIp> kept{{"192.0.2.1", kNow}};
  for (std::size_t i = 0; i < Discouraged::kMost; ++i) kept.push_back({std::to_string(i), kNow});
  const Discouraged discouraged(kept);
  EXPECT_EQ(discouraged.size(), Discouraged::kMost);
  EXPECT_FALSE(discouraged.contains("192.0.2.1", kNow));
  EXPECT_TRUE(discouraged.contains("0", kNow));
}

TEST(Discouraged, NeverTheOperatorsOwnAndOtherLoopbackAddressesLikeAnyOther) {
  Discouraged discouraged;
  for (const char* ip : {"127.0.0.1", "::1", ""}) {
    EXPECT_FALSE(discouraged.add(ip, kNow)) << ip;
    EXPECT_FALSE(discouraged.contains(ip, kNow)) << ip;
  }
  EXPECT_TRUE(discouraged.add("127.0.0.5", kNow));
  EXPECT_TRUE(discouraged.contains("127.0.0.5", kNow));
}

TEST(Discouraged, AClockSetBackALittleForgetsNothingAndAMistakeDoesNotLast) {
  using Limits = std::numeric_limits<std::int64_t>;
  const Discouraged discouraged(
      {{"a", kNow + 1000}, {"b", kNow + kDay}, {"c", Limits::max()}, {"d", Limits::min()}});
  EXPECT_TRUE(discouraged.contains("a", kNow));
  for (const char* ip : {"b", "c", "d"}) EXPECT_FALSE(discouraged.contains(ip, kNow)) << ip;
}

}  // namespace
}  // namespace net
