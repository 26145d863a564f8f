#include "core/chain_view.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

TEST(ChainView, ANewNodeHasTheRootAndNothingElse) {
  const ChainView view(3);
  EXPECT_EQ(view.tip(), 3u);
  EXPECT_TRUE(view.has_body(3));
  EXPECT_TRUE(view.has_header(3));
  for (const BlockId id : {0u, 2u, 4u, 67u, 1'000'000u}) {
    EXPECT_FALSE(view.has_header(id)) << id;
    EXPECT_FALSE(view.has_body(id)) << id;
  }
}

TEST(ChainView, HeadersComeWithoutBodiesAndBodiesWithHeaders) {
  ChainView view(0);
  view.add_header(100);
  EXPECT_TRUE(view.has_header(100));
  EXPECT_FALSE(view.has_body(100));
  view.add_body(64);
  EXPECT_TRUE(view.has_header(64));
  EXPECT_TRUE(view.has_body(64));
  EXPECT_FALSE(view.has_header(63));
  EXPECT_FALSE(view.has_header(65));
}

// Four neighbours in one word, each told another thing, in any order, and told less afterwards.
TEST(ChainView, ABlockIsNeverToldBackToLess) {
  ChainView view(0);
  view.add_whole(33);
  view.add_header(33);
  view.add_body(34);
  view.add_header(34);
  view.add_header(35);
  view.add_whole(63);
  view.add_body(63);
  for (const BlockId id : {33u, 63u}) {
    EXPECT_TRUE(view.has_header(id) && view.has_body(id) && view.is_whole(id)) << id;
  }
  EXPECT_TRUE(view.has_header(34) && view.has_body(34) && !view.is_whole(34));
  EXPECT_TRUE(view.has_header(35) && !view.has_body(35) && !view.is_whole(35));
  EXPECT_FALSE(view.has_header(32) || view.has_header(36) || view.has_header(62));
}

TEST(ChainView, WhatIsWholeIsForgottenAndNothingElse) {
  ChainView view(0);
  view.add_whole(33);
  view.add_body(34);
  view.add_header(35);
  view.add_whole(63);
  view.forget_whole();
  for (const BlockId id : {33u, 34u, 63u}) {
    EXPECT_TRUE(view.has_header(id) && view.has_body(id) && !view.is_whole(id)) << id;
  }
  EXPECT_TRUE(view.has_header(35) && !view.has_body(35));
  EXPECT_FALSE(view.has_header(32) || view.has_header(36));
}

TEST(ChainView, NothingStagedIsKnown) {
  const ChainView view(0);
  EXPECT_FALSE(view.is_whole(kStagedBit));
  EXPECT_FALSE(view.has_header(kStagedBit));
  EXPECT_FALSE(view.has_body(kNoBlock));
}

TEST(ChainView, FollowsWhatItIsTold) {
  ChainView view(0);
  view.add_body(5);
  view.follow(5);
  EXPECT_EQ(view.tip(), 5u);
}

}  // namespace
