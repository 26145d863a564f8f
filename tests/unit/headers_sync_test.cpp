// The two passes of a download of headers, page by page.
#include "core/headers_sync.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

using Next = HeadersSync::Verdict::Next;
using State = HeadersSync::State;

constexpr std::uint32_t kAnyPages = 100;

// The hash of the block at a height of branch `name`; every block counts one.
Hash hash_at(std::uint32_t height, const std::string& name = "branch") {
  return sha256(name + std::to_string(height));
}
HeadersSync::Page page(std::uint32_t first, std::uint32_t count) {
  return {first, count, std::uint64_t{first} + count};
}

// Heights 1 to 10 and 11 to 20 of a branch on the genesis, with a floor of `floor`.
class TwoPages : public testing::Test {
 protected:
  HeadersSync::Verdict second(std::uint64_t floor, std::uint32_t max_pages = kAnyPages) {
    return sync_.take(page(11, 10), hash_at(20), floor, max_pages);
  }
  HeadersSync::Verdict again(std::uint32_t first, std::uint32_t count,
                             const std::string& name = "branch") {
    return sync_.take_again(page(first, count),
                            [&](std::uint32_t height) { return hash_at(height, name); });
  }
  HeadersSync sync_{sha256("genesis"), page(1, 10), hash_at(10)};
};

TEST_F(TwoPages, GoOnBelowTheFloorAndBeginAgainAtIt) {
  EXPECT_TRUE(sync_.continues(hash_at(10)));
  EXPECT_FALSE(sync_.continues(hash_at(9)));
  EXPECT_EQ(second(22).next, Next::after_page);
  EXPECT_EQ(sync_.state(), State::presync);
  EXPECT_EQ(sync_.take(page(21, 1), hash_at(21), 22, kAnyPages).next, Next::from_base);
  EXPECT_EQ(sync_.state(), State::redownload);
  EXPECT_EQ(sync_.base(), sha256("genesis"));
  EXPECT_FALSE(sync_.continues(hash_at(21))) << "the second pass begins at the base";
}

TEST_F(TwoPages, AtTheFloorExactly) { EXPECT_EQ(second(21).next, Next::from_base); }

TEST_F(TwoPages, AreStoredAsTheyComeAgain) {
  second(21);
  EXPECT_EQ(again(1, 10).stored, 10u);
  EXPECT_EQ(sync_.state(), State::redownload);
  EXPECT_EQ(again(11, 12).stored, 10u) << "the floor may have risen since";
  EXPECT_EQ(sync_.state(), State::final);
}

TEST_F(TwoPages, AreStoredUpToTheLastEndThatCameAgain) {
  second(21);
  EXPECT_EQ(again(1, 15).stored, 10u) << "the last five are bound by no end";
  EXPECT_EQ(again(11, 10).stored, 10u);
}

TEST_F(TwoPages, OfAnotherBranchAreNotStored) {
  second(21);
  EXPECT_EQ(again(1, 10, "another").stored, 0u);
  EXPECT_EQ(sync_.state(), State::final);
}

TEST_F(TwoPages, ThatEndOneHeaderEarlyAreNotStored) {
  second(21);
  EXPECT_EQ(again(1, 9).stored, 0u);
  EXPECT_EQ(sync_.state(), State::final);
}

TEST_F(TwoPages, MayBeStoredFromAnotherPeerMeanwhile) {
  second(21);
  EXPECT_EQ(again(11, 10).stored, 10u) << "the first is known by now";
}

TEST_F(TwoPages, AreCountedToTheLimit) {
  EXPECT_EQ(second(99, 2).next, Next::after_page) << "the second of two";
  EXPECT_EQ(sync_.take(page(21, 10), hash_at(30), 99, 2).next, Next::none) << "a third";
  EXPECT_EQ(sync_.state(), State::final);
}

}  // namespace
