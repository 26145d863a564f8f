// Requests and announcements of header_first, one message at a time.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/header_first_node.h"

namespace {

using namespace chain;

using test::HeaderFirstNode;

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

// Several peers claim a tip. One answers, and does so at once.
class SilentPeers : public HeaderFirstNode {
 protected:
  static constexpr PeerId kHonest = 50;

  void greet_all(const std::vector<PeerId>& peers) {
    for (const PeerId peer : peers) {
      step(PeerUp{peer, peer});
      look();
      hear(peer, hello(far_, Relay::headers, peer));
      look();
    }
  }
  void look() {
    for (const Send& send : out_.sends()) {
      if (send.to == kHonest) questions_.push_back(send.message);
    }
    wake_ = std::min(wake_, out_.wake());
  }
  void answer(const Message& question) {
    if (question.type == MessageType::get_headers) {
      hear(kHonest, make(MessageType::headers, far_, kHeight));
    } else if (question.type == MessageType::get_blocks) {
      const std::uint32_t end = tree_.height(question.last);
      const std::uint32_t count = std::min(question.count(), 40u);  // a page of its own
      const BlockId last = tree_.ancestor(question.last, end - question.count() + count);
      hear(kHonest, make(MessageType::blocks, last, count));
    } else if (question.type == MessageType::ping) {
      hear(kHonest, make(MessageType::pong, far_, kHeight));
    }
  }
  // How long the node needs to the tip. A silent peer more greets after each answer with bodies.
  Duration sync(std::vector<PeerId> more = {}) {
    while (node_->chain().tip() != far_ && now_ < kTimeZero + minutes(10)) {
      if (questions_.empty()) {
        now_ = std::max(now_, std::exchange(wake_, kNever));
        step(Wake{});
        look();
        continue;
      }
      const Message question = questions_.front();
      questions_.erase(questions_.begin());
      answer(question);
      look();
      if (question.type != MessageType::get_blocks || more.empty()) continue;
      greet_all({more.back()});
      more.pop_back();
    }
    EXPECT_EQ(node_->chain().tip(), far_);
    EXPECT_TRUE(more.empty());
    return now_ - kTimeZero;
  }

  static constexpr std::uint32_t kHeight = 400;
  const BlockId far_ = grow(0, kHeight);
  std::vector<Message> questions_;  // to the honest peer
  Time wake_ = kNever;
};

TEST_F(SilentPeers, BeforeTheHonestOneTheyCostOneTimeoutInAll) {
  greet_all({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, kHonest});
  EXPECT_LE(sync(), limits_.header_timeout);
}

// Then they are asked for no headers, and for bodies.
TEST_F(SilentPeers, AfterTheHonestOneTheyCostOneTimeoutInAll) {
  greet_all({kHonest, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_LE(sync(), limits_.body_timeout);
}

// A peer that has delivered a body is asked along with others, though it named its tip alone.
TEST_F(HeaderFirstNode, APeerThatHasDeliveredIsNoSilentPeer) {
  limits_.bodies_per_request = 4;
  for (const PeerId peer : {1u, 2u, 3u, 4u}) greet(peer, 0);
  const BlockId one = grow(0, 1);
  hear(3, make(MessageType::inv, one, 1));
  wake_at(now_ + limits_.body_timeout);  // a peer was late
  hear(2, make(MessageType::inv, one, 1));
  hear(2, make(MessageType::blocks, one, 1));
  ASSERT_EQ(node_->chain().tip(), one);
  const BlockId far = grow(one, 40);
  hear(1, make(MessageType::headers, far, 40));
  EXPECT_EQ(said(), "1:GetBlocks 1:GetBlocks ");
  hear(4, make(MessageType::inv, far, 41));
  EXPECT_EQ(said(), "") << "it has named a tip and sent nothing";
  hear(2, make(MessageType::inv, far, 41));
  EXPECT_EQ(said(), "2:GetBlocks 2:GetBlocks ");
}

// The window is so small that a body that is withheld holds up all others.
TEST_F(SilentPeers, ThoseThatComeAfterATimeoutForHeadersCostNoOther) {
  limits_.download_window = 64;
  greet_all({1, 2, 3, kHonest});
  EXPECT_LE(sync({4, 5, 6, 7, 8}), limits_.header_timeout);
}

TEST_F(SilentPeers, ThoseThatComeAfterATimeoutForBodiesCostNoOther) {
  limits_.download_window = 64;
  greet_all({kHonest, 1, 2, 3});
  EXPECT_LE(sync({4, 5, 6, 7, 8}), limits_.body_timeout);
}

TEST_F(HeaderFirstNode, ADownloadGoesOnWhileASilentPeerIsAsked) {
  const BlockId far = grow(0, 40);
  for (const PeerId peer : {1u, 2u, 3u}) greet(peer, far);
  wake_at(kTimeZero + limits_.header_timeout);
  EXPECT_EQ(said(), "2:GetHeaders 3:GetHeaders ");
  hear(3, make(MessageType::headers, tree_.ancestor(far, 20), 20));
  EXPECT_NE(said().find("3:GetHeaders"), std::string::npos);
}

// If two tips weigh the same, the one announced last is the peer's: the other was a claim.
TEST_F(HeaderFirstNode, AnEarlierClaimDoesNotReplaceWhatThePeerToldSince) {
  const BlockId base = grow(0, 30), one = grow(base, 1), two = grow(base, 1);
  greet(1, one);
  hear(1, make(MessageType::headers, two, 31));  // its tip has moved meanwhile
  EXPECT_EQ(node_->tip_of(1), one) << "the claim is still open";
  step(PeerUp{7, kNoAddress});
  hear(7, whole_chain(one));
  hear(1, make(MessageType::blocks, tree_.ancestor(two, 16), 16));
  EXPECT_EQ(node_->tip_of(1), two);
}

// A few headers at a time, each in time: the others wait for one timeout, not for the whole chain.
TEST_F(HeaderFirstNode, APeerThatSendsHeadersSlowlyLosesItsTurn) {
  const BlockId far = grow(0, 100);
  for (const PeerId peer : {1u, 2u}) greet(peer, far);
  EXPECT_EQ(said(), "") << "one at a time";
  for (std::uint32_t height = 1; height <= 4; ++height) {
    now_ = now_ + seconds(4);
    hear(1, make(MessageType::headers, tree_.ancestor(far, height), 1));
    EXPECT_EQ(said().find("2:"), std::string::npos) << height;
  }
  wake_at(kTimeZero + limits_.header_timeout);
  EXPECT_NE(said().find("2:GetHeaders"), std::string::npos);
  hear(2, make(MessageType::headers, far, 96));
  EXPECT_EQ(node_->best_header(), far);
}

TEST_F(HeaderFirstNode, APeerThatSendsAPageOfHeadersInTimeKeepsItsTurn) {
  for (const std::uint32_t first : {kMaxHeaders - 1, kMaxHeaders}) {
    make_node();
    now_ = kTimeZero;
    const BlockId far = grow(0, static_cast<int>(kMaxHeaders) + 100);
    for (const PeerId peer : {1u, 2u}) greet(peer, far);
    now_ = now_ + seconds(10);
    hear(1, make(MessageType::headers, tree_.ancestor(far, first), first));
    hear(1, make(MessageType::blocks, tree_.ancestor(far, 1), 1));  // the own chain moves
    wake_at(kTimeZero + limits_.header_timeout);
    EXPECT_EQ(said().find("2:GetHeaders") == std::string::npos, first == kMaxHeaders);
  }
}

// Headers alone, junk for instance, may come for ever: the others wait for one timeout.
TEST_F(HeaderFirstNode, PagesOfHeadersWithoutBodiesDoNotKeepTheTurn) {
  const BlockId far = grow(0, 2 * static_cast<int>(kMaxHeaders) + 100);
  for (const PeerId peer : {1u, 2u}) greet(peer, far);
  for (const std::uint32_t pages : {1u, 2u}) {
    now_ = now_ + seconds(9);
    hear(1, make(MessageType::headers, tree_.ancestor(far, pages * kMaxHeaders), kMaxHeaders));
    EXPECT_EQ(said().find("2:GetHeaders"), std::string::npos);
  }
  wake_at(kTimeZero + limits_.header_timeout - nanoseconds(1));
  EXPECT_EQ(said().find("2:GetHeaders"), std::string::npos);
  wake_at(kTimeZero + limits_.header_timeout);
  EXPECT_NE(said().find("2:GetHeaders"), std::string::npos);
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

// --- Whom a body is asked of ---------------------------------------------------------------------

TEST_F(HeaderFirstNode, AHashThatCameFirstHoldsBackNoBody) {
  for (const PeerId peer : {1u, 2u, 3u}) greet(peer, 0);
  const BlockId block = grow(0, 1);
  hear(1, make(MessageType::inv, block, 1));
  EXPECT_EQ(said(), "1:GetBlocks ");
  hear(2, make(MessageType::headers, block, 1));
  EXPECT_EQ(said(), "2:GetBlocks ") << "at once";
  hear(3, make(MessageType::headers, block, 1));
  EXPECT_EQ(said(), "") << "one duplicate at most";
  hear(2, make(MessageType::blocks, block, 1));
  EXPECT_EQ(node_->chain().tip(), block);
  wake_at(now_ + limits_.body_timeout);
  EXPECT_EQ(said(), "") << "it is here";
}

TEST_F(HeaderFirstNode, AHeaderThatCameFirstIsAskedOfOnePeer) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  const BlockId block = grow(0, 1);
  hear(1, make(MessageType::headers, block, 1));
  EXPECT_EQ(said(), "1:GetBlocks ");
  hear(2, make(MessageType::headers, block, 1));
  EXPECT_EQ(said(), "");
  hear(2, make(MessageType::inv, block, 1));
  EXPECT_EQ(said(), "");
}

TEST_F(HeaderFirstNode, APeerThatLetARequestTimeOutComesLastUntilItDelivers) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  const BlockId first = grow(0, 1);
  hear(1, make(MessageType::headers, first, 1));
  hear(2, make(MessageType::headers, first, 1));
  wake_at(now_ + limits_.body_timeout);
  EXPECT_EQ(said(), "2:GetBlocks ");
  hear(2, make(MessageType::blocks, first, 1));
  const BlockId second = grow(first, 1);
  hear(1, make(MessageType::inv, second, 2));
  EXPECT_EQ(said(), "1:GetHeaders ") << "a name from it is not believed";
  hear(1, make(MessageType::headers, second, 1));
  EXPECT_EQ(said(), "1:GetBlocks ") << "nobody else has it";
  hear(1, make(MessageType::blocks, second, 1));
  const BlockId third = grow(second, 1);
  hear(1, make(MessageType::inv, third, 3));
  EXPECT_EQ(said(), "1:GetBlocks ") << "it has delivered";
}

// Each peer is asked for a body once, and again for what its late answer left out.
TEST_F(HeaderFirstNode, APeerWhoseLateAnswerIsShortIsAskedForTheRest) {
  const BlockId far = grow(0, 2);
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  for (const PeerId peer : {1u, 2u}) hear(peer, make(MessageType::headers, far, 2));
  wake_at(now_ + limits_.body_timeout);
  EXPECT_EQ(said(), "2:GetBlocks ");
  hear(1, make(MessageType::blocks, tree_.parent(far), 1));
  wake_at(now_ + limits_.body_timeout);
  EXPECT_EQ(said(), "1:GetBlocks ");
}

TEST_F(HeaderFirstNode, TheTimeoutIsTheOptionsBeforeEightBodiesHaveCome) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  for (int i = 0; i < 7; ++i) pass_on(seconds(1));
  EXPECT_EQ(until_another_is_asked(), limits_.body_timeout);
}

TEST_F(HeaderFirstNode, TheTimeoutIsFourTimesTheSlowestOfTheLastEightBodies) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  pass_on(seconds(4));  // the ninth before the last
  for (int i = 0; i < 8; ++i) pass_on(seconds(1));
  EXPECT_EQ(until_another_is_asked(), seconds(4));
}

TEST_F(HeaderFirstNode, TheTimeoutHasALeastValue) {
  limits_.min_body_timeout = seconds(3);
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  for (int i = 0; i < 8; ++i) pass_on(milliseconds(749));
  EXPECT_EQ(until_another_is_asked(), seconds(3));
}

// Last is not never.
TEST_F(HeaderFirstNode, APeerThatWasSlowIsAskedWhereNoOtherIsLeft) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  const BlockId one = grow(0, 1), two = grow(one, 1);
  for (const PeerId peer : {1u, 2u}) hear(peer, make(MessageType::headers, one, 1));
  wake_at(now_ + limits_.body_timeout);
  EXPECT_EQ(said(), "2:GetBlocks ");
  hear(2, make(MessageType::blocks, one, 1));
  hear(2, make(MessageType::headers, two, 1));
  EXPECT_EQ(said(), "2:GetBlocks ");
  hear(1, make(MessageType::headers, two, 1));
  EXPECT_EQ(said(), "");
  wake_at(now_ + limits_.body_timeout);
  EXPECT_EQ(said(), "1:GetBlocks ");
}

// Two blocks that are announced at once: four times two bodies. After pages: their share of the
// time.
TEST_F(HeaderFirstNode, TheTimeoutOfMoreBodiesAdaptsToo) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  for (int i = 0; i < 8; ++i) pass_on(seconds(1));
  EXPECT_EQ(until_another_is_asked(2), seconds(8));
}

TEST_F(HeaderFirstNode, TheTimeoutIsNeverAboveTheOption) {
  for (const PeerId peer : {1u, 2u}) greet(peer, 0);
  for (int i = 0; i < 8; ++i) pass_on(milliseconds(5001));
  EXPECT_EQ(until_another_is_asked(), limits_.body_timeout);
}

// The work of a small message is bounded by the peers and one window, whatever was requested.
TEST_F(HeaderFirstNode, AKnownHeaderCostsOneLookAtThePeersAndTheWindow) {
  const BlockId far = grow(0, 4000);
  greet(1, far);
  hear(1, make(MessageType::headers, tree_.ancestor(far, 2000), 2000));
  hear(1, make(MessageType::headers, far, 2000));
  constexpr PeerId kPeers = 100;
  for (PeerId peer = 2; peer <= kPeers; ++peer) {
    greet(peer, 0);
    hear(peer, make(MessageType::headers, far, 1));
  }
  const std::uint64_t bound = 8 * kPeers + 2 * limits_.download_window;
  for (PeerId peer = 1; peer <= kPeers; ++peer) {
    hear(peer, make(MessageType::headers, far, 1));
    EXPECT_LE(out_.work(), bound);
  }
  hear(1, make(MessageType::blocks, grow(0, 1), 1));
  EXPECT_LE(out_.work(), bound);
}

// A name may stand anywhere: its body is taken within the window only, at its end and not beyond.
TEST_F(HeaderFirstNode, ABodyAskedForByNameIsTakenWithinTheWindow) {
  limits_.download_window = 4;
  limits_.requests_per_peer = 1;
  for (const std::uint32_t height : {3u, 4u, 5u}) {
    make_node();
    const BlockId far = grow(0, static_cast<int>(height));
    greet(1, 0);
    hear(1, make(MessageType::inv, far, 1));  // as if it were the next
    EXPECT_EQ(said(), "1:GetBlocks ");
    greet(2, 0);
    hear(2, make(MessageType::headers, far, height));
    hear(1, make(MessageType::blocks, far, 1));
    EXPECT_EQ(node_->chain().has_body(far), height <= 4) << height;
  }
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
