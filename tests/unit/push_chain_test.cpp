// The original protocol, rule by rule, through the one door.
//
//   0 <- 1 <- 2 <- 3        the blocks of these tests; the node starts at 0
//    \- 4 <- 5
#include "core/push_chain.h"

#include <gtest/gtest.h>

#include "core/node.h"

namespace {

using namespace chain;

class PushChainTest : public testing::Test {
 protected:
  PushChainTest() {
    Header header;
    tree_.add_root(header, "genesis");
    for (const BlockId parent : {0u, 1u, 2u, 0u, 4u}) {
      const std::int64_t height = std::int64_t{tree_.height(parent)} + 1;
      header.height = height;
      header.hash = sha256(std::to_string(tree_.size()));
      header.previous_hash = tree_.header(parent).hash;
      tree_.add_body(tree_.add_header(header, parent, 1), 2);
    }
    node_.emplace(tree_, ChainView(0), NodeOptions{});
  }

  void step(const Input& input) {
    out_.clear();
    now_ = now_ + milliseconds(1);
    node_->step(now_, input, out_);
  }
  void connect(std::initializer_list<PeerId> peers) {
    for (const PeerId peer : peers) step(PeerUp{peer, kNoAddress});
  }
  void receive(PeerId from, const Message& message) { step(Received{from, message}); }
  // The node has followed 1, 2, 3 up to `tip`.
  void be_at(BlockId tip) {
    for (BlockId id = 1; id <= tip; ++id) step(Mined{id});
    ASSERT_EQ(node_->chain().tip(), tip);
  }

  // "peer: Type tip" of each frame sent, in order.
  std::string said() const {
    std::string text;
    for (const Send& send : out_.sends()) {
      text += std::to_string(send.to) + ':' + std::string(name_of(send.message.type));
      if (!is_staged(send.message.last)) text += ' ' + std::to_string(send.message.last);
      text += "; ";
    }
    return text;
  }
  Refusal refused() const {
    return out_.refusals().empty() ? Refusal::none : out_.refusals().front().why;
  }

  BlockTree tree_;
  std::optional<Node> node_;
  Effects out_;
  Time now_{};
};

TEST_F(PushChainTest, AConnectionOpensWithAQuestionOnEitherSide) {
  step(PeerUp{1, kNoAddress});
  EXPECT_EQ(said(), "1:QueryLatest; ");
  step(PeerUp{2, 77});
  EXPECT_EQ(said(), "2:QueryLatest; ");
}

TEST_F(PushChainTest, AQuestionIsAnsweredWithTheTip) {
  connect({1, 2});
  be_at(2);
  receive(1, query_latest());
  EXPECT_EQ(said(), "1:LatestBlock 2; ");
}

TEST_F(PushChainTest, ABlockThatExtendsGoesToAllTheSenderIncluded) {
  connect({1, 2, 3});
  receive(2, latest_block(1));
  EXPECT_EQ(said(), "1:LatestBlock 1; 2:LatestBlock 1; 3:LatestBlock 1; ");
  EXPECT_EQ(node_->chain().tip(), 1u);
  EXPECT_EQ(out_.accepted(), std::vector<BlockId>{1});
  ASSERT_EQ(out_.tip_changes().size(), 1u);
  EXPECT_EQ(out_.tip_changes()[0].from, 0u);
  EXPECT_EQ(out_.tip_changes()[0].to, 1u);
}

TEST_F(PushChainTest, AnyOtherBlockIsAnsweredWithTheOwnChain) {
  connect({1, 2});
  be_at(2);
  for (const BlockId block : {0u, 1u, 2u, 4u, 5u}) {
    receive(2, latest_block(block));
    EXPECT_EQ(said(), "2:WholeChain 2; ") << block;
    EXPECT_EQ(refused(), Refusal::height) << block;
    EXPECT_EQ(node_->chain().tip(), 2u);
  }
}

TEST_F(PushChainTest, ABlockOfTheNextHeightOnAnotherBlockHasTheWrongPreviousHash) {
  connect({1});
  be_at(1);
  receive(1, latest_block(5));
  EXPECT_EQ(refused(), Refusal::previous_hash);
  EXPECT_EQ(said(), "1:WholeChain 1; ");
}

TEST_F(PushChainTest, AStagedBlockIsAnsweredForItsReason) {
  connect({1});
  receive(1, {MessageType::latest_block, Staged::invalid, Refusal::hash, 0, kStagedBit, {}});
  EXPECT_EQ(refused(), Refusal::hash);
  EXPECT_EQ(said(), "1:WholeChain 0; ");
}

TEST_F(PushChainTest, AChainTwoLongerReplacesAndGoesToAllTheSenderIncluded) {
  connect({1, 2});
  receive(1, whole_chain(2));
  EXPECT_EQ(said(), "1:WholeChain 2; 2:WholeChain 2; ");
  EXPECT_EQ(out_.accepted(), (std::vector<BlockId>{1, 2}));
  EXPECT_EQ(node_->chain().tip(), 2u);
}

TEST_F(PushChainTest, AReorganisationAcceptsOnlyWhatIsNew) {
  connect({1});
  be_at(3);
  node_.emplace(tree_, ChainView(0), NodeOptions{});
  connect({1});
  step(Mined{4});
  receive(1, whole_chain(3));
  EXPECT_EQ(out_.accepted(), (std::vector<BlockId>{1, 2, 3}));
  EXPECT_EQ(out_.tip_changes().front().from, 4u);
}

TEST_F(PushChainTest, AChainThatDoesNotReplaceIsNotAnswered) {
  connect({1, 2});
  receive(1, whole_chain(0));
  EXPECT_EQ(refused(), Refusal::genesis_tip);
  EXPECT_EQ(said(), "");
  receive(1, whole_chain(1));
  EXPECT_EQ(refused(), Refusal::one_block_short);
  EXPECT_EQ(said(), "");
  be_at(2);
  receive(1, whole_chain(5));
  EXPECT_EQ(refused(), Refusal::not_longer);
  EXPECT_EQ(said(), "");
  receive(
      1,
      {MessageType::whole_chain, Staged::wrong_genesis, Refusal::wrong_genesis, 0, kStagedBit, {}});
  EXPECT_EQ(refused(), Refusal::wrong_genesis);
  EXPECT_EQ(said(), "");
}

// Equal heights, different blocks: one more block on the other side is no child of the own tip.
TEST_F(PushChainTest, OneLongerOnAnotherForkReplaces) {
  connect({1});
  be_at(1);
  receive(1, whole_chain(5));
  EXPECT_EQ(node_->chain().tip(), 5u);
  EXPECT_EQ(said(), "1:WholeChain 5; ");
}

TEST_F(PushChainTest, AMinedBlockGoesToAll) {
  connect({1, 2});
  step(Mined{1});
  EXPECT_EQ(said(), "1:LatestBlock 1; 2:LatestBlock 1; ");
  EXPECT_EQ(out_.accepted(), std::vector<BlockId>{1});
}

TEST_F(PushChainTest, ABlockMinedOnAnotherTipComesTooLate) {
  connect({1});
  be_at(1);
  step(Mined{4});
  EXPECT_EQ(refused(), Refusal::previous_hash);
  EXPECT_EQ(said(), "");
  EXPECT_TRUE(out_.accepted().empty());
  EXPECT_EQ(node_->chain().tip(), 1u);
}

TEST_F(PushChainTest, ALostPeerIsSkippedAndNoOther) {
  connect({1, 2, 3});
  step(PeerDown{2});
  EXPECT_EQ(said(), "");
  step(PeerDown{2});
  step(Mined{1});
  EXPECT_EQ(said(), "1:LatestBlock 1; 3:LatestBlock 1; ");
}

TEST_F(PushChainTest, NothingIsAskedWhileNothingHappens) {
  connect({1});
  step(Wake{});
  EXPECT_TRUE(out_.empty());
}

TEST_F(PushChainTest, ARestartedNodeStandsWhereItCommitted) {
  ChainView durable(0);
  for (const BlockId id : {1u, 2u}) durable.add_body(id);
  durable.follow(2);
  node_.emplace(tree_, durable, NodeOptions{});
  receive(1, query_latest());
  EXPECT_EQ(said(), "1:LatestBlock 2; ");
}

TEST_F(PushChainTest, ConnectAndDisconnectAreDialsAndDrops) {
  step(Connect{9});
  ASSERT_EQ(out_.dials().size(), 1u);
  EXPECT_EQ(out_.dials()[0].address, 9u);
  step(PeerUp{1, 9});
  step(Disconnect{9});
  ASSERT_EQ(out_.drops().size(), 1u);
  EXPECT_EQ(out_.drops()[0].peer, 1u);
  EXPECT_EQ(out_.drops()[0].why, Offence::none);
}

TEST_F(PushChainTest, AnUnwantedConnectionIsDroppedUnsaid) {
  step(Connect{9});
  step(Disconnect{9});
  EXPECT_TRUE(out_.empty());
  step(PeerUp{1, 9});
  ASSERT_EQ(out_.drops().size(), 1u);
  EXPECT_EQ(out_.drops()[0].peer, 1u);
  EXPECT_EQ(said(), "");
  step(PeerDown{1});
  step(Mined{1});
  EXPECT_EQ(said(), "");
}

TEST_F(PushChainTest, ALostNeighbourIsDialledAgainInTime) {
  node_.emplace(tree_, ChainView(0), NodeOptions{.redial = Redial{seconds(1), seconds(60)}});
  step(PeerUp{1, 9});
  step(PeerDown{1});
  const Time due = now_ + seconds(1);
  EXPECT_EQ(out_.wake(), due);
  now_ = due - milliseconds(1);
  step(Wake{});
  ASSERT_EQ(out_.dials().size(), 1u);
  EXPECT_EQ(out_.dials()[0].address, 9u);
  step(PeerUp{2, 9});
  EXPECT_EQ(said(), "2:QueryLatest; ");
}

TEST_F(PushChainTest, TimeDoesNotRunBackwards) {
  connect({1});
  EXPECT_DEATH(
      {
        Effects fresh;
        node_->step(kTimeZero, Wake{}, fresh);
      },
      "CHECK");
}

// --- As a bridge: a node of header_first with a peer of the original ---------------------------

class BridgeTest : public PushChainTest {
 protected:
  BridgeTest() {
    node_.emplace(tree_, ChainView(0), NodeOptions{.protocol = ProtocolKind::header_first});
  }
  // A peer whose first frame is one of the original, on a new connection.
  void connect_original(PeerId peer) {
    step(PeerUp{peer, kNoAddress});
    receive(peer, query_latest());
  }
};

TEST_F(BridgeTest, APeerThatRejectsTheTipIsSentItOnceAsABlock) {
  be_at(1);
  connect_original(1);
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "1:LatestBlock 1; ");
  for (int i = 0; i < 3; ++i) {
    receive(1, whole_chain(0));
    EXPECT_EQ(said(), "");
    EXPECT_EQ(refused(), Refusal::not_longer);
  }
}

TEST_F(BridgeTest, APeerThatRejectsTheTipIsSentItOnceAsAChain) {
  be_at(3);
  connect_original(1);
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "1:WholeChain 3; ");
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "");
  receive(1, whole_chain(4));  // beside, and lower
  EXPECT_EQ(said(), "");
}

// It may have reached the parent of the tip before the whole chain came, which is then one block
// longer than its own and of no use to it.
TEST_F(BridgeTest, APeerThatReachedTheParentIsSentTheBlockAfterTheChain) {
  be_at(3);
  connect_original(1);
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "1:WholeChain 3; ");
  receive(1, whole_chain(2));
  EXPECT_EQ(said(), "1:LatestBlock 3; ");
  for (const BlockId chain : {2u, 0u, 2u}) {
    receive(1, whole_chain(chain));
    EXPECT_EQ(said(), "") << chain;
  }
}

TEST_F(BridgeTest, AnAnswerToAnOldTipCountsAsOneToAChain) {
  be_at(1);
  connect_original(1);
  receive(1, latest_block(0));
  EXPECT_EQ(said(), "1:LatestBlock 1; ");
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "");
  receive(1, latest_block(0));
  EXPECT_EQ(said(), "");
  receive(1, query_latest());
  EXPECT_EQ(said(), "1:LatestBlock 1; ") << "a question is always answered";
}

TEST_F(BridgeTest, ANewTipIsSentInReplyToAnOldChain) {
  be_at(1);
  connect_original(1);
  receive(1, whole_chain(0));
  step(Mined{2});
  EXPECT_EQ(said(), "1:LatestBlock 2; ");
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "1:WholeChain 2; ");
  receive(1, whole_chain(0));
  EXPECT_EQ(said(), "");
}

TEST_F(BridgeTest, ANewConnectionIsSentTheTipAgain) {
  be_at(1);
  for (int i = 0; i < 2; ++i) {
    connect_original(1);
    connect_original(2);
    for (const PeerId peer : {1u, 2u}) {
      receive(peer, whole_chain(0));
      EXPECT_EQ(said(), std::to_string(peer) + ":LatestBlock 1; ");
      receive(peer, whole_chain(0));
      EXPECT_EQ(said(), "");
      step(PeerDown{peer});
    }
  }
}

}  // namespace
