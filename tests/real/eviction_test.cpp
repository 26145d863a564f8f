// The choice of the peer that gives its inbound place to a newcomer, one property at a time.
#include "net-real/eviction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace net {
namespace {

using chain::kNoPeer;
using chain::milliseconds;
using chain::PeerId;
using chain::seconds;
using chain::Time;

constexpr Time kTestTime{seconds(1000).ns};
using Table = std::vector<EvictionCandidate>;

// `count` peers of one subnet that spoke just now and never sent a block; the first is the oldest.
Table crowd(std::size_t count, const std::string& subnet = "192.0.2.0/24") {
  Table table;
  for (std::size_t i = 0; i < count; ++i) {
    table.push_back({.peer = static_cast<PeerId>(i),
                     .subnet = subnet,
                     .connected = Time{} + seconds(static_cast<std::int64_t>(i)),
                     .last_frame = kTestTime});
  }
  return table;
}

bool is_ever_chosen(const Table& table, PeerId peer) {
  Table rest = table;
  while (true) {
    const PeerId chosen = choose_eviction(rest, kTestTime);
    if (chosen == kNoPeer) return false;
    if (chosen == peer) return true;
    std::erase_if(rest, [chosen](const auto& c) { return c.peer == chosen; });
  }
}

TEST(Eviction, AnEmptyTableHasNobody) { EXPECT_EQ(choose_eviction({}, kTestTime), kNoPeer); }

TEST(Eviction, WhereAllAreProtectedNobodyGoes) {
  EXPECT_EQ(choose_eviction(crowd(1), kTestTime), kNoPeer) << "the only one of its subnet";
  Table table = crowd(1 + kProtectedPings + kProtectedBlocks);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i <= kProtectedPings) table[i].ping = milliseconds(5);
    if (i > kProtectedPings) table[i].useful_block = kTestTime;
  }
  EXPECT_EQ(choose_eviction(table, kTestTime), kNoPeer);
  table.push_back(crowd(20).back());
  EXPECT_EQ(choose_eviction(table, kTestTime), 19u) << "one more";
}

TEST(Eviction, SoManySubnetsKeepOnePeerEach) {
  for (std::size_t others = kProtectedSubnets - 2; others <= kProtectedSubnets; ++others) {
    Table table = crowd(30);
    for (std::size_t i = 0; i < others; ++i) {
      table.push_back({.peer = static_cast<PeerId>(100 + i),
                       .subnet = "subnet " + std::to_string(i),
                       .connected = Time{} + seconds(static_cast<std::int64_t>(100 + i)),
                       .last_frame = Time{}});  // silent: else the first to go
    }
    const PeerId last = table.back().peer;
    const bool fits = others + 1 <= kProtectedSubnets;  // the crowd's is a subnet, too
    EXPECT_EQ(choose_eviction(table, kTestTime), fits ? 29u : last) << others;
  }
}

TEST(Eviction, OfASubnetTheLongestConnectedPeerIsProtected) {
  Table table = crowd(10);
  for (auto& candidate : table) candidate.last_frame = Time{};
  EXPECT_FALSE(is_ever_chosen(table, 0));
  EXPECT_TRUE(is_ever_chosen(table, 9));
}

TEST(Eviction, SoManyLowPingsAreProtected) {
  for (std::size_t quick = kProtectedPings - 1; quick <= kProtectedPings + 1; ++quick) {
    Table table = crowd(60);
    for (auto& candidate : table) candidate.ping = milliseconds(50);
    // The last ones, silent, of which the very last has the highest ping.
    for (std::size_t i = 0; i < quick; ++i) {
      auto& candidate = table[table.size() - quick + i];
      candidate.last_frame = std::nullopt;
      candidate.ping = milliseconds(1 + static_cast<std::int64_t>(i));
    }
    const bool fits = quick <= kProtectedPings;
    EXPECT_EQ(choose_eviction(table, kTestTime), fits ? 59u - quick : 59u) << quick;
  }
}

TEST(Eviction, AnUnknownPingIsNotALowOne) {
  Table table = crowd(40);
  table.back().last_frame = std::nullopt;
  EXPECT_EQ(choose_eviction(table, kTestTime), 39u);
  table.back().ping = seconds(100);
  EXPECT_NE(choose_eviction(table, kTestTime), 39u) << "known at least";
}

TEST(Eviction, SoManyLatestUsefulBlocksAreProtected) {
  for (std::size_t useful = kProtectedBlocks - 1; useful <= kProtectedBlocks + 1; ++useful) {
    Table table = crowd(60);
    for (std::size_t i = 0; i < useful; ++i) {
      auto& candidate = table[table.size() - useful + i];
      candidate.useful_block = kTestTime - seconds(500 + static_cast<std::int64_t>(i));
      candidate.last_frame = candidate.useful_block;  // silent since
      candidate.sent_blocks = true;
    }
    const bool fits = useful <= kProtectedBlocks;
    EXPECT_EQ(choose_eviction(table, kTestTime), fits ? 59u - useful : 59u) << useful;
  }
}

TEST(Eviction, TheLongestConnectedHalfOfTheRestIsProtected) {
  // One is protected for its subnet; the rest has an even or an odd number.
  for (const std::size_t rest : {1u, 2u, 3u, 10u, 11u}) {
    Table table = crowd(1 + rest);
    for (std::size_t i = 1; i <= rest; ++i) {
      Table silent = table;
      silent[i].last_frame = Time{};
      const bool is_old = i <= rest / 2;
      EXPECT_EQ(choose_eviction(silent, kTestTime) == i, !is_old) << rest << ' ' << i;
    }
  }
}

TEST(Eviction, SilenceGoesFirstFromItsLimitOn) {
  for (const std::int64_t ns : {-1, 0, 1}) {
    Table table = crowd(20);
    for (auto& candidate : table) candidate.sent_blocks = true;
    table[15].last_frame = kTestTime - kSilence - chain::nanoseconds(ns);
    EXPECT_EQ(choose_eviction(table, kTestTime), ns < 0 ? 19u : 15u) << ns;
  }
}

TEST(Eviction, APeerThatNeverSpokeIsSilentSinceItConnected) {
  Table table = crowd(20);
  table[15].last_frame = std::nullopt;
  EXPECT_EQ(choose_eviction(table, kTestTime), 15u);
  Table fresh = crowd(20);
  fresh[15].last_frame = fresh[19].last_frame = std::nullopt;
  for (auto& candidate : fresh) candidate.connected = kTestTime;
  EXPECT_EQ(choose_eviction(fresh, kTestTime), 19u)
      << "not silent yet, but before those that spoke";
}

TEST(Eviction, WithoutSilenceThoseWithoutABlockGo) {
  Table table = crowd(20);
  for (auto& candidate : table) candidate.sent_blocks = true;
  EXPECT_EQ(choose_eviction(table, kTestTime), 19u);
  table[14].sent_blocks = false;
  EXPECT_EQ(choose_eviction(table, kTestTime), 14u);
  table[12].last_frame = Time{};
  EXPECT_EQ(choose_eviction(table, kTestTime), 12u) << "silence comes before it, blocks or not";
}

TEST(Eviction, TheFullestSubnetGivesThePlace) {
  Table table = crowd(40);
  for (const std::size_t i : {25u, 28u, 31u}) table[i].subnet = "198.51.100.0/24";
  // A peer of the larger subnet goes, although one of the smaller connected last.
  table[39].subnet = "198.51.100.0/24";
  EXPECT_EQ(choose_eviction(table, kTestTime), 38u);
}

TEST(Eviction, TiesGoToTheLowerNumberWhateverTheOrder) {
  Table table = crowd(9);
  for (auto& candidate : table) candidate.connected = Time{};
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    std::shuffle(table.begin(), table.end(), random);
    EXPECT_EQ(choose_eviction(table, kTestTime), 8u);
  }
}

// An attacker with as many connections as he likes of one subnet, and chatty, displaces no peer
// that was here before him.
TEST(Eviction, AFloodFromOneSubnetDisplacesOnlyItself) {
  Table table;
  for (PeerId i = 0; i < 50; ++i) {
    table.push_back({.peer = i,
                     .subnet = "10.0." + std::to_string(i) + ".0/24",
                     .connected = Time{} + seconds(i),
                     .last_frame = kTestTime,
                     .sent_blocks = true});
  }
  for (PeerId i = 50; i < 109; ++i) {
    table.push_back({.peer = i,
                     .subnet = "203.0.113.0/24",
                     .ping = milliseconds(1),
                     .connected = Time{} + seconds(i),
                     .last_frame = kTestTime,
                     .sent_blocks = true});
  }
  for (PeerId next = 109; next < 400; ++next) {
    const PeerId gone = choose_eviction(table, kTestTime);
    EXPECT_GE(gone, 50u);
    std::erase_if(table, [gone](const auto& c) { return c.peer == gone; });
    table.push_back({.peer = next,
                     .subnet = "203.0.113.0/24",
                     .ping = milliseconds(1),
                     .connected = Time{} + seconds(next),
                     .last_frame = kTestTime,
                     .sent_blocks = true});
  }
}

}  // namespace
}  // namespace net
