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

TEST(ChainView, NothingStagedIsKnown) {
  const ChainView view(0);
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
