// Many peers at once, with header_first: what they cost, and how long they may keep others waiting.
#include <deque>
#include <map>

#include "tests/support/header_first_node.h"

namespace {

using namespace chain;
using test::HeaderFirstNode;

// Each peer has a branch of its own. A body costs a few windows, not one for each peer. No peer
// waits for ever, however many bodies of the first ones come.
TEST_F(HeaderFirstNode, BranchesOfManyPeersCostAFewWindowsAndEachIsAskedFor) {
  constexpr PeerId kPeers = 30;
  limits_.download_window = 400;
  limits_.requests_per_peer = 100;
  std::map<PeerId, BlockId> tips;
  for (PeerId peer = 1; peer <= kPeers; ++peer) {
    greet(peer, 0);
    tips[peer] = grow(0, 600);
    hear(peer, make(MessageType::headers, tips[peer], 600));
  }
  hear(kPeers, make(MessageType::blocks, tree_.ancestor(tips[kPeers], 1), 1));
  const std::string awaited = std::to_string(kPeers) + ":GetBlocks ";
  const std::uint64_t bound = 16 * kPeers + 4 * limits_.download_window;
  EXPECT_LE(out_.work(), bound);
  bool is_asked = said().find(awaited) != std::string::npos;
  for (std::uint32_t height = 1; height < 40 && !is_asked; ++height) {
    hear(1, make(MessageType::blocks, tree_.ancestor(tips[1], height), 1));
    EXPECT_LE(out_.work(), bound);
    is_asked = said().find(awaited) != std::string::npos;
  }
  EXPECT_TRUE(is_asked);
  hear(kPeers - 1, make(MessageType::blocks, tree_.ancestor(tips[kPeers - 1], 1), 1));
  const std::string next = std::to_string(kPeers - 1) + ":GetBlocks ";
  for (int i = 0; i < 40 && said().find(next) == std::string::npos; ++i) {
    EXPECT_LE(out_.wake(), now_ + limits_.min_body_timeout);
    wake_at(now_ + limits_.min_body_timeout);
  }
  EXPECT_NE(said().find(next), std::string::npos);
}

// However many branches are downloaded at once: each body is walked over once. The same after a
// start, which finds all but the last bodies of each branch.
TEST_F(HeaderFirstNode, BranchesOfManyPeersAreWalkedOverOnce) {
  constexpr PeerId kPeers = 12;
  constexpr std::uint32_t kHeight = 600, kStored = 500;
  limits_.download_window = 8;
  limits_.requests_per_peer = 1;
  limits_.bodies_per_request = 4;
  std::vector<BlockId> tips;
  for (PeerId peer = 0; peer < kPeers; ++peer) tips.push_back(grow(0, kHeight));
  const std::uint64_t bound = 16 * kPeers + 4 * limits_.download_window;
  for (const std::uint32_t stored : {0u, kStored}) {
    ChainView view(0);
    for (std::uint32_t height = 1; height <= stored; ++height) {
      for (const BlockId tip : tips) view.add_body(tree_.ancestor(tip, height));
    }
    make_node(view);
    std::deque<Send> asked;
    std::uint64_t excess = 0;
    const auto note = [&] {
      for (const Send& send : out_.sends()) {
        if (send.message.type == MessageType::get_blocks) asked.push_back(send);
      }
      excess += out_.work() - std::min(out_.work(), bound);
    };
    for (PeerId peer = 0; peer < kPeers; ++peer) {
      greet(peer, 0);
      hear(peer, make(MessageType::headers, tips[peer], kHeight));
      note();
    }
    std::size_t answers = 0;
    for (; !asked.empty(); ++answers) {
      const Send next = asked.front();
      asked.pop_front();
      hear(next.to, make(MessageType::blocks, next.message.last, next.message.count()));
      note();
      if (!asked.empty()) continue;
      wake_at(now_ + limits_.min_body_timeout);
      note();
    }
    EXPECT_GE(answers, (kHeight - stored) / 4 * kPeers / 2) << "most branches are downloaded";
    EXPECT_LE(excess, stored * kPeers) << stored;
  }
}

// Blocks that it mined, or took one by one, are walked over no more once another chain won.
TEST_F(HeaderFirstNode, ABranchThatWasTheOwnChainIsNotWalkedOver) {
  limits_.download_window = 8;
  make_node();
  BlockId own = 0;
  for (int i = 0; i < 600; ++i) step(Mined{own = grow(own, 1)});
  ASSERT_EQ(node_->chain().tip(), own);
  const BlockId other = grow(0, 601);
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  hear(1, make(MessageType::headers, other, 601));
  for (std::uint32_t height = 1; height <= 601; ++height) {
    hear(1, make(MessageType::blocks, tree_.ancestor(other, height), 1));
  }
  ASSERT_EQ(node_->chain().tip(), other);
  hear(2, make(MessageType::headers, grow(own, 2), 2));
  EXPECT_EQ(said(), "2:GetBlocks ");
  EXPECT_LE(out_.work(), 4 * limits_.download_window);
}

// Peers that claim a tip and hang up before their time is over: one timeout in all.
TEST_F(HeaderFirstNode, PeersThatHangUpCostOneTimeoutInAll) {
  constexpr PeerId kSilent = 5, kHonest = kSilent + 1;
  claimed_by(kHonest);
  const Time before = now_;
  const Duration step_of_time = Duration{limits_.header_timeout.ns / (kSilent + 1)};
  for (PeerId peer = 1; peer < kSilent; ++peer) {
    now_ = before + step_of_time * peer;
    step(PeerDown{peer});
    EXPECT_EQ(said(), std::to_string(peer + 1) + ":GetHeaders ");
  }
  wake_at(before + limits_.header_timeout - nanoseconds(1));
  EXPECT_EQ(said(), "");
  wake_at(before + limits_.header_timeout);
  EXPECT_EQ(said(), std::to_string(kHonest) + ":GetHeaders ");
}

// The same where each sends one header before it hangs up.
TEST_F(HeaderFirstNode, PeersThatSendOneHeaderAndHangUpCostOneTimeoutInAll) {
  constexpr PeerId kSlow = 5, kHonest = kSlow + 1;
  const BlockId far = claimed_by(kHonest);
  const Time before = now_;
  for (PeerId peer = 1; peer < kSlow; ++peer) {
    now_ = before + Duration{limits_.header_timeout.ns / kSlow} * peer;
    hear(peer, make(MessageType::headers, tree_.ancestor(far, peer), 1));
    step(PeerDown{peer});
  }
  wake_at(before + limits_.header_timeout);
  EXPECT_NE(said().find(std::to_string(kHonest) + ":GetHeaders "), std::string::npos);
}

// Its tip is announced every minute: one download in vain is enough.
TEST_F(HeaderFirstNode, ABranchWithoutRoomIsDownloadedOnce) {
  const BlockId far = grow(0, 50);
  greet(1, 0);
  hear(1, make(MessageType::inv, far, 50));
  EXPECT_EQ(said(), "1:GetHeaders ");
  Message page = make(MessageType::headers, far, 50);
  page.staged = Staged::low_work;
  page.refusal = Refusal::low_work;
  hear(1, page);
  EXPECT_EQ(said(), "1:GetHeaders ");
  hear(1, make(MessageType::inv, far, 50));
  EXPECT_EQ(said(), "") << "the branch ends here";
  hear(1, make(MessageType::ping, far, 50));
  EXPECT_EQ(said(), "1:Pong ");
  hear(1, make(MessageType::inv, grow(far, 1), 51));
  EXPECT_EQ(said(), "1:GetHeaders ") << "another tip";
}

// A liar names a block by its hash, and then sends its header: it has no longer time than any
// other.
TEST_F(HeaderFirstNode, AHeaderAfterTheHashEndsTheLongTimeout) {
  for (const PeerId peer : {1u, 2u, 3u, 4u}) greet(peer, 0);
  for (int i = 0; i < 8; ++i) pass_on(milliseconds(1));
  // The same liar, or another one.
  for (const auto& [first, second] : {std::pair{2u, 2u}, std::pair{4u, 3u}}) {
    const BlockId block = grow(node_->chain().tip(), 1);
    hear(first, make(MessageType::inv, block, tree_.height(block)));
    EXPECT_EQ(said(), std::to_string(first) + ":GetBlocks ");
    hear(second, make(MessageType::headers, block, 1));
    EXPECT_EQ(said(), second == 3 ? "3:GetBlocks " : "");
    hear(1, make(MessageType::headers, block, 1));
    wake_at(now_ + limits_.min_body_timeout);
    EXPECT_NE(said().find("1:GetBlocks "), std::string::npos) << second;
    hear(1, make(MessageType::blocks, block, 1));
    EXPECT_EQ(node_->chain().tip(), block);
  }
}

// Headers whose bodies nobody gives: the node goes on to tell of its own tips.
TEST_F(HeaderFirstNode, AHeavierBranchWithoutBodiesDoesNotMuteTheNode) {
  for (const PeerId peer : {1u, 2u, 3u}) greet(peer, 0);
  hear(1, make(MessageType::headers, grow(0, 100), 100));
  const BlockId block = grow(0, 1);
  hear(2, make(MessageType::headers, block, 1));
  hear(2, make(MessageType::blocks, block, 1));
  ASSERT_EQ(node_->chain().tip(), block);
  EXPECT_NE(said().find("3:Headers "), std::string::npos);
}

// The pages were announced, not asked for, and together they are enough: the second pass begins.
TEST_F(HeaderFirstNode, AnAnnouncementMayBeginTheSecondPass) {
  greet(1, 0);
  Message again = make(MessageType::headers, 0, 1);  // from the block below the branch
  again.staged = Staged::low_work;
  again.refusal = Refusal::low_work;
  hear(1, again);
  EXPECT_EQ(said(), "1:GetHeaders ");
}

// The peer that has the place for headers answers with what is refused: the next one is asked.
TEST_F(HeaderFirstNode, ARefusedPageGivesThePlaceToTheNextPeer) {
  const BlockId far = claimed_by(2);
  Message early = make(MessageType::headers, kNoBlock, 1);
  early.staged = Staged::early;
  early.refusal = Refusal::early;
  hear(2, early);
  EXPECT_EQ(said(), "") << "an announcement: what the peer claimed before still stands";
  hear(1, early);
  EXPECT_EQ(said(), "2:GetHeaders ");
  hear(2, early);
  EXPECT_EQ(said(), "") << "not again, in turn for ever";
  hear(1, make(MessageType::inv, far, 100));
  EXPECT_EQ(said(), "1:GetHeaders ") << "it tells its tip again";
}

// A header that stands on an unknown block is a claim, also where another peer has the place.
TEST_F(HeaderFirstNode, AHeaderThatDoesNotLinkWaitsForThePlace) {
  const BlockId far = claimed_by(1);
  greet(2, 0);
  hear(2, make(MessageType::headers, far, 1));
  EXPECT_EQ(said(), "");
  EXPECT_EQ(node_->tip_of(2), far);
  const BlockId told = grow(0, 60);
  greet(3, 0);
  hear(3, make(MessageType::inv, told, 60));
  hear(3, make(MessageType::headers, far, 1));
  EXPECT_EQ(node_->tip_of(3), told) << "what it claimed before still stands";
  wake_at(now_ + limits_.header_timeout);
  EXPECT_NE(said().find("2:GetHeaders "), std::string::npos);
}

// In time each, and 20 s apart at worst: the honest peer would never be asked.
TEST_F(HeaderFirstNode, APeerThatSendsABodyAtATimeIsAskedLastTheNextTime) {
  limits_.download_window = limits_.bodies_per_request = 8;
  limits_.requests_per_peer = 1;
  const BlockId far = grow(0, 40);
  for (const PeerId peer : {1u, 2u}) {
    greet(peer, 0);
    hear(peer, make(MessageType::headers, far, 40));
    EXPECT_EQ(said(), peer == 1 ? "1:GetBlocks " : "") << "the window is asked of the first";
  }
  hear(1, make(MessageType::blocks, tree_.ancestor(far, 1), 1));
  EXPECT_EQ(said(), "2:GetBlocks ");
  hear(2, make(MessageType::blocks, tree_.ancestor(far, 9), 8));
  EXPECT_EQ(said(), "1:GetBlocks ") << "whole answers turn nothing";
}

// A branch as heavy as the own chain, whose bodies have no room. Each peer may have room of its
// own, and is asked once.
TEST_F(HeaderFirstNode, BodiesWithoutRoomAreAskedOfEachPeerOnce) {
  const BlockId own = grow(0, 1), other = grow(0, 1);
  step(Mined{own});
  for (const PeerId peer : {1u, 2u}) {
    greet(peer, 0);
    hear(peer, make(MessageType::headers, other, 1));
  }
  Message bodies = make(MessageType::blocks, other, 1);
  bodies.staged = Staged::low_work;
  bodies.refusal = Refusal::low_work;
  hear(1, bodies);
  hear(2, make(MessageType::ping, other, 1));
  EXPECT_EQ(said(), "2:Pong 2:GetBlocks ");
  hear(2, bodies);
  for (const PeerId peer : {1u, 2u}) {
    hear(peer, make(MessageType::ping, other, 1));
    EXPECT_EQ(said(), std::to_string(peer) + ":Pong ");
  }
  hear(1, make(MessageType::headers, grow(other, 1), 1));
  EXPECT_EQ(said(), "1:GetBlocks ") << "another tip";
}

// The download is over, as after low_work_pages pages; another peer may have the tip all the same.
TEST_F(HeaderFirstNode, ADownloadThatWasGivenUpIsNotBegunAgainFromThatPeer) {
  const BlockId far = claimed_by(1);
  Message page = make(MessageType::headers, kNoBlock, 50);
  page.staged = Staged::low_work;
  page.refusal = Refusal::low_work;
  hear(1, page);
  EXPECT_EQ(said(), "");
  hear(1, make(MessageType::ping, far, 100));
  EXPECT_EQ(said(), "1:Pong ");
  greet(2, far);
  EXPECT_EQ(said(), "2:GetHeaders ");
  hear(2, make(MessageType::headers, far, 100));
  EXPECT_EQ(node_->best_header(), far);
}

// A clone may compute another merkle root: its chain is invalid here, and ours valid there.
TEST_F(HeaderFirstNode, AChainThatIsInvalidHereIsAnsweredOnce) {
  for (int i = 0; i < 11; ++i) step(Mined{grow(node_->chain().tip(), 1)});
  step(PeerUp{1, kNoAddress});
  hear(1, latest_block(0));
  Message chain = make(MessageType::whole_chain, kStagedBit, 5);
  chain.refusal = Refusal::merkle_root;
  for (const Staged why : {Staged::other_body, Staged::invalid}) {
    step(Mined{grow(node_->chain().tip(), 1)});
    chain.staged = why;
    hear(1, chain);
    EXPECT_EQ(said(), "1:WholeChain ");
    hear(1, chain);
    EXPECT_EQ(said(), "") << "it rejected that tip";
  }
  step(Mined{grow(node_->chain().tip(), 1)});
  chain.staged = Staged::wrong_genesis;
  hear(1, chain);
  EXPECT_EQ(said(), "");
}

// It would go on for ever with a peer that answers a block that it does not take with its own.
TEST_F(HeaderFirstNode, ABlockOfABranchIsAnsweredOnceUntilTheChainComes) {
  Message ahead = latest_block(kStagedBit);
  ahead.staged = Staged::unlinked;
  ahead.refusal = Refusal::height;
  const BlockId far = grow(0, 9), beside = grow(0, 1);
  step(Mined{grow(0, 1)});
  step(PeerUp{1, kNoAddress});
  for (const Message& block : {ahead, latest_block(far), latest_block(beside)}) {
    step(Mined{grow(node_->chain().tip(), 1)});
    hear(1, block);
    EXPECT_EQ(said(), "1:LatestBlock ");
    hear(1, block);
    EXPECT_EQ(said(), "") << "its chain is to come";
    hear(1, whole_chain(beside));
    hear(1, block);
    EXPECT_EQ(said(), "1:LatestBlock ") << "its chain has come";
    hear(1, block);
    EXPECT_EQ(said(), "");
  }
  step(PeerDown{1});
  step(PeerUp{1, kNoAddress});
  hear(1, ahead);
  EXPECT_EQ(said(), "1:LatestBlock ") << "another connection";
}

}  // namespace
