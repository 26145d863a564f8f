// The intake of simulated nodes: the limits of lighter branches, each at one less, at it, and at
// one more. Downloads in two passes are tested in sync_limits_test.cpp.
#include "net-sim/header_downloads.h"

#include <gtest/gtest.h>

#include "tests/support/random_blocks.h"

namespace {

using namespace chain;
using sim::HeaderDownloads;

constexpr sim::NodeIndex kNode = 3;
constexpr std::uint64_t kTipWork = 10;

class Downloads : public testing::Test {
 protected:
  Downloads() : random_(1) {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
    const BlockId tip = grow(0, 20, kTipWork);
    for (BlockId block = 0; block <= tip; ++block) view_.add_body(block);
    view_.follow(tip);
  }

  // Blocks on `parent`, of so much work each; the last.
  BlockId grow(BlockId parent, int blocks, std::uint64_t work) {
    for (int i = 0; i < blocks; ++i) {
      const Block block = test::random_child(random_, tree_.header(parent), true);
      parent = tree_.add_header(block.header, parent, work);
      tree_.add_body(parent, 100);
    }
    return parent;
  }
  Staged present(PeerId from, MessageType type, BlockId last, std::uint32_t count) {
    Received received{from, make(type, last, count), kNoAddress};
    downloads_.present(kNode, options_, view_, received);
    downloads_.charge(kNode, view_, received);
    return received.message.staged;
  }
  // Whether so many new headers on `parent` are taken; then the node has them.
  bool takes_headers(PeerId from, BlockId& parent, std::uint32_t count, std::uint64_t work = 1) {
    const BlockId last = grow(parent, static_cast<int>(count), work);
    if (present(from, MessageType::headers, last, count) != Staged::no) {
      downloads_.forget(kNode, kNoPeer);
      return false;
    }
    for (BlockId block = last; block != parent; block = tree_.parent(block)) {
      view_.add_header(block);
    }
    parent = last;
    return true;
  }
  bool takes_body(PeerId from, BlockId block) {
    if (present(from, MessageType::blocks, block, 1) != Staged::no) return false;
    view_.add_body(block);
    return true;
  }

  Random random_;
  BlockTree tree_;
  ChainView view_{0};
  SyncLimits limits_;
  NodeOptions options_{.limits = &limits_};
  HeaderDownloads downloads_{tree_};
};

TEST_F(Downloads, ABranchIsTakenWhileItIsShortForItsWork) {
  limits_.branch_headers = 4;
  BlockId at = 5, below = 5, above = 5;
  EXPECT_TRUE(takes_headers(1, below, 3));
  EXPECT_TRUE(takes_headers(2, at, 4));
  EXPECT_FALSE(takes_headers(3, above, 5));
  BlockId worthy = 5;  // one header more for each tip block's worth of work
  EXPECT_TRUE(takes_headers(4, worthy, 5, 2));
}

// A branch that ends so many tip blocks' work below the tip; then by one unit of work.
TEST_F(Downloads, ABranchIsTakenFromTheLowWorkDepthOn) {
  limits_.low_work_depth = 4;
  BlockId three_below = 16, four_below = 15, five_below = 14;
  EXPECT_TRUE(takes_headers(1, three_below, 1, kTipWork));
  EXPECT_TRUE(takes_headers(2, four_below, 1, kTipWork));
  EXPECT_FALSE(takes_headers(3, five_below, 1, kTipWork));
  BlockId above = 15, below = 15;
  EXPECT_TRUE(takes_headers(1, above, 1, kTipWork + 1));
  EXPECT_FALSE(takes_headers(2, below, 1, kTipWork - 1));
}

// Long for its work at first, and short for it in the end: the first pass shows that, and the
// second does not doubt it. It would begin again for ever.
TEST_F(Downloads, APageOfABranchThatTheFirstPassAdmittedIsStored) {
  limits_.branch_headers = 1;
  const BlockId light = grow(5, 4, 1), end = grow(light, 2, 25);
  ASSERT_LT(tree_.work(end), tree_.work(view_.tip()));
  EXPECT_EQ(present(1, MessageType::headers, light, 4), Staged::low_work);
  EXPECT_EQ(present(1, MessageType::headers, end, 2), Staged::low_work);
  EXPECT_EQ(present(1, MessageType::headers, light, 4), Staged::no);
  for (BlockId block = light; block != 5; block = tree_.parent(block)) view_.add_header(block);
  EXPECT_EQ(present(1, MessageType::headers, end, 2), Staged::no);
}

TEST_F(Downloads, ABranchThatOutweighsTheOwnChainHasNoLimit) {
  limits_.branch_headers = 0;
  limits_.peer_branch_headers = 0;
  limits_.total_branch_headers = 0;
  BlockId lighter = 5, as_heavy = 5, heavier = 5;
  EXPECT_FALSE(takes_headers(1, lighter, 1));
  EXPECT_FALSE(takes_headers(2, as_heavy, 15, kTipWork));
  EXPECT_TRUE(takes_headers(3, heavier, 16, kTipWork));
}

TEST_F(Downloads, HeadersOfOneConnectionHaveALimit) {
  limits_.peer_branch_headers = 5;
  BlockId at = 5;
  EXPECT_TRUE(takes_headers(1, at, 4));
  EXPECT_TRUE(takes_headers(1, at, 1));
  EXPECT_FALSE(takes_headers(1, at, 1));
  EXPECT_TRUE(takes_headers(2, at, 1)) << "another connection";
  downloads_.forget(kNode, 1);
  EXPECT_TRUE(takes_headers(1, at, 1)) << "a new connection";
}

TEST_F(Downloads, HeadersOfAllConnectionsHaveALimitThatARestartKeeps) {
  limits_.total_branch_headers = 5;
  BlockId at = 5;
  EXPECT_TRUE(takes_headers(1, at, 2));
  EXPECT_TRUE(takes_headers(2, at, 3));
  EXPECT_FALSE(takes_headers(3, at, 1));
  downloads_.forget(kNode);
  EXPECT_FALSE(takes_headers(1, at, 1)) << "what is stored still counts";
}

TEST_F(Downloads, BodiesOfLighterBranchesHaveALimit) {
  BlockId last = 5;
  ASSERT_TRUE(takes_headers(1, last, 4));
  const BlockId third = tree_.parent(last), second = tree_.parent(third);
  const BlockId first = tree_.parent(second);
  limits_.peer_branch_bytes = tree_.block_bytes(first) + tree_.block_bytes(second);
  EXPECT_TRUE(takes_body(1, first));
  EXPECT_TRUE(takes_body(1, second));
  EXPECT_FALSE(takes_body(1, third));
  EXPECT_TRUE(takes_body(2, third));
  limits_.total_branch_bytes = limits_.peer_branch_bytes + tree_.block_bytes(third);
  EXPECT_FALSE(takes_body(3, last));
  limits_.total_branch_bytes += tree_.block_bytes(last);
  EXPECT_TRUE(takes_body(3, last));
}

TEST_F(Downloads, BlocksPresentedAgainAfterValidatingCountOnce) {
  limits_.peer_branch_headers = 2;
  BlockId at = 5;
  ASSERT_TRUE(takes_headers(1, at, 1));  // the node has accounts from now on
  const BlockId body = grow(at, 1, 1), more = grow(body, 1, 1);
  limits_.peer_branch_bytes = tree_.block_bytes(body) + tree_.block_bytes(more);
  Received received{1, make(MessageType::blocks, body, 1), kNoAddress};
  for (int time = 0; time < 3; ++time) {  // the tip moves twice while it is validated
    downloads_.present(kNode, options_, view_, received);
    EXPECT_EQ(received.message.staged, Staged::no);
  }
  downloads_.charge(kNode, view_, received);
  view_.add_body(body);
  limits_.peer_branch_headers = 3;
  EXPECT_EQ(present(1, MessageType::blocks, more, 1), Staged::no) << "header and body have room";
  view_.add_body(more);
  const BlockId beyond = grow(more, 1, 1);
  EXPECT_EQ(present(1, MessageType::headers, beyond, 1), Staged::low_work);
  limits_.peer_branch_headers = 4;
  EXPECT_EQ(present(1, MessageType::blocks, beyond, 1), Staged::low_work) << "no room for its body";
}

TEST_F(Downloads, BlocksThatTheNodeDoesNotTakeCountForNobody) {
  limits_.peer_branch_headers = 2;
  BlockId at = 5;
  ASSERT_TRUE(takes_headers(1, at, 1));
  const BlockId first = grow(at, 1, 1), second = grow(at, 1, 1);
  Received refused{1, make(MessageType::blocks, first, 1), kNoAddress};
  refused.message.staged = Staged::low_work;
  downloads_.charge(kNode, view_, refused);
  Received unlinked{1, make(MessageType::blocks, grow(first, 1, 1), 1), kNoAddress};
  downloads_.charge(kNode, view_, unlinked);
  Received too_long{1, make(MessageType::blocks, at, tree_.height(at) + 2), kNoAddress};
  downloads_.charge(kNode, view_, too_long);
  EXPECT_EQ(present(1, MessageType::blocks, second, 1), Staged::no);
}

TEST_F(Downloads, NodesHaveAccountsOfTheirOwn) {
  limits_.total_branch_headers = 1;
  BlockId at = 5;
  EXPECT_TRUE(takes_headers(1, at, 1));
  EXPECT_FALSE(takes_headers(1, at, 1));
  Received received{1, make(MessageType::headers, grow(5, 1, 1), 1), kNoAddress};
  ChainView other{0};
  for (BlockId block = 0; block <= 20; ++block) other.add_body(block);
  other.follow(20);
  downloads_.present(kNode + 1, options_, other, received);
  EXPECT_EQ(received.message.staged, Staged::no);
}

}  // namespace
