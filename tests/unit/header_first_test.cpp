// A node of header_first, one message at a time, where the network around it cannot be trusted to
// be kind. The usual ways are told by tests/golden/header_first.
#include <gtest/gtest.h>

#include <map>

#include "core/json_codec.h"
#include "core/node.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

class HeaderFirstNode : public testing::Test {
 protected:
  HeaderFirstNode() : random_(1) {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
    node_ = std::make_unique<Node>(
        tree_, ChainView(0),
        NodeOptions{.protocol = ProtocolKind::header_first, .keepalive = minutes(2), .nonce = 99});
  }

  // Blocks on `parent` in the tree, each of `data_bytes`; the last.
  BlockId grow(BlockId parent, int blocks, std::uint64_t data_bytes = 100) {
    for (int i = 0; i < blocks; ++i) {
      const Block block = test::random_child(random_, tree_.header(parent), true);
      parent = tree_.add_header(block.header, parent, 1);
      tree_.add_body(parent, data_bytes);
    }
    return parent;
  }
  void step(const Input& input) {
    out_.clear();
    node_->step(now_, input, out_);
  }
  void hear(PeerId from, const Message& message) { step(Received{from, message, kNoAddress}); }
  void greet(PeerId peer, BlockId tip) {
    step(PeerUp{peer, peer});
    hear(peer, hello(tip, Relay::headers, peer));
  }
  void wake_at(Time when) {
    now_ = when;
    step(Wake{});
  }
  // "1:GetHeaders 2:Ping "
  std::string said() const {
    std::string text;
    for (const Send& send : out_.sends()) {
      text += std::to_string(send.to) + ':' + std::string(name_of(send.message.type)) + ' ';
    }
    return text;
  }

  Random random_;
  BlockTree tree_;
  std::unique_ptr<Node> node_;
  Effects out_;
  Time now_{};
};

// Whoever owes an answer and talks of other things is passed over all the same.
TEST_F(HeaderFirstNode, APeerThatStallsLosesItsTurnHoweverMuchItTalks) {
  const BlockId far = grow(0, 50);
  greet(1, far);
  EXPECT_EQ(said(), "1:GetHeaders ");
  greet(2, far);
  EXPECT_EQ(said(), "") << "one at a time, from far behind";
  for (int second = 1; second <= 19; ++second) {
    now_ = kTimeZero + seconds(second);
    hear(1, make(MessageType::ping, far, 50));
  }
  wake_at(kTimeZero + kDefaultSyncLimits.body_timeout);
  EXPECT_EQ(said(), "2:GetHeaders ");
  hear(1, make(MessageType::ping, far, 50));
  EXPECT_EQ(said(), "1:Pong ");
  step(PeerDown{2});
  greet(3, far);
  EXPECT_EQ(said(), "3:GetHeaders ") << "talk makes up for nothing";
}

// Names cost their inventor nothing: so many are believed, then it has to show headers.
TEST_F(HeaderFirstNode, APeerThatInventsTipsIsAskedForFewOfThem) {
  greet(1, 0);
  std::map<std::string, std::size_t> asked;
  for (int i = 0; i < 1000; ++i) {
    hear(1, make(MessageType::inv, grow(0, 1), 1));
    ++asked[said()];
  }
  const std::size_t most = kDefaultSyncLimits.unseen_tips;
  EXPECT_EQ(asked, (std::map<std::string, std::size_t>{
                       {"1:GetBlocks ", most}, {"1:GetHeaders ", 1}, {"", 999 - most}}))
      << "an Inv of an unknown tip is no answer to GetHeaders";
}

TEST_F(HeaderFirstNode, ABodyThatDoesNotComeIsAskedOfAnother) {
  const BlockId far = grow(0, 20);
  greet(1, far);
  hear(1, make(MessageType::headers, far, 20));
  EXPECT_EQ(said(), "1:GetBlocks 1:GetBlocks ");
  greet(2, far);
  EXPECT_EQ(said(), "") << "of one peer at a time";
  for (int second = 1; second <= 19; ++second) {
    now_ = kTimeZero + seconds(second);
    hear(1, make(MessageType::ping, far, 20));
  }
  wake_at(kTimeZero + kDefaultSyncLimits.body_timeout);
  EXPECT_EQ(said(), "2:GetBlocks 2:GetBlocks ");
}

// An original peer may tell of a block in the midst of a fetch, on one whose own past is missing.
TEST_F(HeaderFirstNode, FollowsNothingWithAHoleBelow) {
  const BlockId far = grow(0, 50);
  greet(1, far);
  hear(1, make(MessageType::headers, far, 50));
  const BlockId middle = tree_.ancestor(far, 32);
  hear(1, make(MessageType::blocks, middle, 16));
  EXPECT_EQ(node_->chain().tip(), 0u) << "17 to 32 are here, 1 to 16 are not";
  step(PeerUp{7, kNoAddress});
  hear(7, latest_block(tree_.ancestor(far, 33)));
  EXPECT_EQ(node_->chain().tip(), 0u);
  hear(1, make(MessageType::blocks, tree_.ancestor(far, 16), 16));
  EXPECT_EQ(tree_.height(node_->chain().tip()), 33u);
}

// Its whole chain fills every hole.
TEST_F(HeaderFirstNode, AWholeChainIsTakenWhole) {
  const BlockId far = grow(0, 50);
  greet(1, far);
  hear(1, make(MessageType::headers, far, 50));
  hear(1, make(MessageType::blocks, tree_.ancestor(far, 32), 16));
  step(PeerUp{7, kNoAddress});
  hear(7, whole_chain(far));
  EXPECT_EQ(node_->chain().tip(), far);
  EXPECT_EQ(out_.accepted().size(), 50u - 16);
  for (BlockId block = far; block != 0; block = tree_.parent(block)) {
    EXPECT_TRUE(node_->chain().has_body(block)) << tree_.height(block);
  }
}

// What a request may cost who answers it: one page, whatever is asked. The rest is asked for again.
TEST_F(HeaderFirstNode, ARequestIsAnsweredByOnePage) {
  const BlockId tip = grow(0, 30, 100'000);
  greet(1, 0);
  hear(1, make(MessageType::headers, tip, 30));
  hear(1, make(MessageType::blocks, tip, 30));
  ASSERT_EQ(node_->chain().tip(), tip);
  greet(2, 0);
  hear(2, make(MessageType::get_blocks, tip, 30));
  ASSERT_EQ(said(), "2:Blocks ");
  const Message& page = out_.sends()[0].message;
  EXPECT_LE(wire_size(page, tree_), std::uint64_t{1} << 20);
  EXPECT_EQ(tree_.height(page.last) + 1 - page.count(), 1u) << "from the first that was asked";
  EXPECT_EQ(page.count(), 10u);
}

TEST_F(HeaderFirstNode, WhatAPageLeftOutIsAskedForAgain) {
  const BlockId far = grow(0, 16);
  greet(1, far);
  hear(1, make(MessageType::headers, far, 16));
  EXPECT_EQ(said(), "1:GetBlocks ");
  hear(1, make(MessageType::blocks, tree_.ancestor(far, 10), 10));
  ASSERT_EQ(said(), "1:GetBlocks ");
  EXPECT_EQ(out_.sends()[0].message, make(MessageType::get_blocks, far, 6));
  EXPECT_EQ(tree_.height(node_->chain().tip()), 10u);
}

TEST_F(HeaderFirstNode, InvalidBlocksEndTheConnectionWithAWord) {
  greet(1, 0);
  Message forged = make(MessageType::blocks, tree_.name(sha256("forged")), 1);
  forged.staged = Staged::invalid;
  forged.refusal = Refusal::proof;
  hear(1, forged);
  EXPECT_EQ(said(), "1:Reject ");
  ASSERT_EQ(out_.drops().size(), 1u);
  EXPECT_EQ(out_.drops()[0].why, Offence::invalid_block);
}

}  // namespace
