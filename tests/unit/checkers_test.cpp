// Each invariant of safety, broken on purpose.
#include <gtest/gtest.h>

#include "tests/support/told.h"

namespace {

using namespace chain;
using sim::CheckLevel;
using sim::Invariant;
using test::at_s;
using test::Only;
using test::Told;

TEST(Checkers, AGoodBlockIsNoViolation) {
  Told told;
  const BlockId one = told.find(told.genesis, 1), two = told.find(one, 2);
  told.follow(0, told.genesis, one);
  told.follow(0, one, two);
  EXPECT_EQ(told.broken(), Only{});
}

TEST(Checkers, ChainValid) {
  const auto spoilt = [](auto spoil) {
    Told told;
    const BlockId bad = told.add(told.genesis, spoil);
    told.checkers->found(at_s(1), 0, bad, 1);
    told.follow(0, told.genesis, bad);
    return told.broken();
  };
  EXPECT_EQ(spoilt([](Header& h) { h.previous_hash.bytes[0] ^= 1; }), Only{Invariant::chain_valid});
  EXPECT_EQ(spoilt([](Header& h) { h.merkle_root.bytes[0] ^= 1; }), Only{Invariant::chain_valid});
  EXPECT_EQ(spoilt([](Header& h) { h.difficulty = 1; }), Only{Invariant::chain_valid});
  EXPECT_EQ(spoilt([](Header& h) { h.nonce = -1; }), Only{Invariant::chain_valid});
  EXPECT_EQ(spoilt([](Header& h) { h.version = "2.0.0"; }), Only{Invariant::chain_valid});
  EXPECT_EQ(spoilt([](Header& h) { h.timestamp_ms = 0; }), Only{Invariant::chain_valid});
}

TEST(Checkers, ABlockOfAnotherRuleSetIsNotValid) {
  Told told("nodes: [{select: 1, rule_set: 1}]\n");
  const BlockId block = told.find(told.genesis, 1);  // node 0 makes it
  told.follow(0, told.genesis, block);
  EXPECT_EQ(told.broken(), Only{});
  told.follow(1, told.genesis, block);
  EXPECT_EQ(told.broken(), Only{Invariant::chain_valid});
}

TEST(Checkers, AViolationTellsWhatAndWhereAndWhenAndWhatLedThere) {
  Told told;
  const BlockId bad = told.add(told.genesis, [](Header& h) { h.nonce = -1; });
  told.checkers->found(at_s(1), 0, bad, 1);
  told.follow(0, told.genesis, bad);
  EXPECT_NE(told.checkers->violations().at(0).what.find("its nonce is negative"),
            std::string::npos);
  EXPECT_EQ(told.checkers->violations().at(0).node, 0u);
  EXPECT_EQ(told.checkers->violations().at(0).at, at_s(2));
  EXPECT_FALSE(told.checkers->violations().at(0).before.empty());
}

TEST(Checkers, PinnedGenesis) {
  Told told;
  auto other = parse_genesis(kWidespreadGenesis);
  const BlockId root = told.tree.add_root(other->block.header, other->text);
  const BlockId block = told.find(root, 1);
  Effects effects;
  effects.accept(root);
  effects.accept(block);
  effects.change_tip(told.genesis, block);
  told.step(0, Received{0, whole_chain(block)}, effects);
  EXPECT_EQ(told.broken(), Only{Invariant::pinned_genesis});
}

TEST(Checkers, WorkPaid) {
  Told told;
  const BlockId one = told.find(told.genesis, 1), two = told.find(one, 1);
  told.follow(0, told.genesis, one);
  EXPECT_EQ(told.broken(), Only{});
  told.follow(0, one, two);
  EXPECT_EQ(told.broken(), Only{Invariant::work_paid});
}

TEST(Checkers, BlockTraced) {
  Told told;
  told.follow(0, told.genesis, told.add(told.genesis, [](Header&) {}));
  EXPECT_EQ(told.broken(), Only{Invariant::block_traced});
}

TEST(Checkers, TimestampBounded) {
  Told told;
  const BlockId far = told.add(told.genesis, [](Header& h) { h.timestamp_ms += 3 * 3'600'000; });
  told.checkers->found(at_s(1), 0, far, 1);
  told.follow(0, told.genesis, far);
  EXPECT_EQ(told.broken(), Only{Invariant::timestamp_bounded});
}

TEST(Checkers, TipNeverFalls) {
  Told told;
  const BlockId one = told.find(told.genesis, 1);
  told.follow(0, told.genesis, one);
  Effects effects;
  effects.change_tip(one, told.genesis);
  told.step(0, Wake{}, effects);
  EXPECT_TRUE(told.broke(Invariant::tip_never_falls));
}

TEST(Checkers, DurableKept) {
  Told told;
  const BlockId one = told.find(told.genesis, 1);
  told.follow(1, told.genesis, one);
  told.checkers->stopped(at_s(3), 1);
  told.checkers->started(at_s(4), 1);  // its view: the genesis
  EXPECT_EQ(told.broken(), Only{Invariant::durable_kept});
}

TEST(Checkers, WhatWasNotCommittedMayBeLost) {
  Told told("chain: {commit_time: 1 s}\n");
  const BlockId one = told.find(told.genesis, 1), two = told.find(one, 2);
  told.follow(1, told.genesis, one);
  told.checkers->committed(at_s(3), 1);
  told.follow(1, one, two, at_s(4));
  told.views[1].add_body(one);
  told.views[1].follow(one);
  told.checkers->stopped(at_s(5), 1);
  told.checkers->started(at_s(6), 1);
  EXPECT_EQ(told.broken(), Only{});
}

TEST(Checkers, TipIsBest) {
  Told told;
  const BlockId one = told.find(told.genesis, 1), two = told.find(one, 2);
  Effects effects;
  effects.accept(two);  // before its parent: no use yet
  told.bring(0, two, effects);
  told.follow(0, told.genesis, one);  // two is whole by this, and may wait for the next message
  EXPECT_EQ(told.broken(), Only{});
  told.checkers->finish(at_s(3600));
  EXPECT_TRUE(told.broke(Invariant::tip_is_best));
  Told other;
  Effects refused;
  refused.accept(other.find(other.genesis, 1));
  other.bring(0, 1, refused);
  EXPECT_EQ(other.broken(), Only{Invariant::tip_is_best});
}

TEST(Checkers, BodyReceived) {
  const auto taken = [](std::uint32_t brought) {
    Told told;
    const BlockId one = told.find(told.genesis, 1), two = told.find(one, 2);
    Effects effects;
    effects.accept(one);
    effects.accept(two);
    effects.change_tip(told.genesis, two);
    told.bring(0, two, effects, brought);
    return told.broken();
  };
  EXPECT_EQ(taken(2), Only{});
  EXPECT_EQ(taken(1), Only{Invariant::body_received});
  Told woken;
  Effects effects;
  effects.accept(woken.find(woken.genesis, 1));
  effects.change_tip(woken.genesis, 1);
  woken.step(0, Wake{}, effects);
  EXPECT_EQ(woken.broken(), Only{Invariant::body_received});
}

TEST(Checkers, RefusedRightly) {
  const auto refused_at = [](std::uint64_t height) {
    Told told;
    const BlockId side = told.find(told.genesis, 999);
    BlockId tip = told.genesis;
    for (std::uint64_t i = 1; i <= height; ++i) {
      const BlockId next = told.find(tip, i);
      told.follow(0, tip, next);
      tip = next;
    }
    Effects effects;
    effects.refuse(1, Refusal::low_work);
    Message refused = make(MessageType::headers, side, 1);
    refused.staged = Staged::low_work;
    told.step(0, Received{1, refused}, effects);
    return told.broken();
  };
  EXPECT_EQ(refused_at(146), Only{});
  EXPECT_EQ(refused_at(145), Only{Invariant::refused_rightly}) << "144 blocks apart are near";
}

TEST(Checkers, DeliveryInOrder) {
  Told told;
  for (std::uint32_t i = 0; i < 5; ++i) told.send(0, make(MessageType::inv, 0, i));
  for (std::uint32_t i = 0; i < 4; ++i) {
    told.checkers->delivered(at_s(3), 0, make(MessageType::inv, 0, i));
  }
  EXPECT_EQ(told.broken(), Only{});
  told.checkers->delivered(at_s(3), 0, make(MessageType::inv, 0, 7));
  EXPECT_EQ(told.broken(), Only{Invariant::delivery_in_order});
}

TEST(Checkers, NothingAfterClose) {
  Told told;
  told.send(0, query_latest());
  told.checkers->stopped(at_s(3), 1);
  told.checkers->delivered(at_s(3), 0, query_latest());
  EXPECT_EQ(told.broken(), Only{Invariant::nothing_after_close});
  Told other;
  other.checkers->stopped(at_s(1), 0);
  other.send(0, query_latest());
  EXPECT_EQ(other.broken(), Only{Invariant::nothing_after_close});
}

TEST(Checkers, CloseIsLocal) {
  Told told;
  told.checkers->closed(at_s(3), 2);
  EXPECT_EQ(told.broken(), Only{Invariant::close_is_local});
  Told wished;  // by its own node, and then the other end follows
  Effects effects;
  effects.drop(2, Offence::none);
  wished.step(1, Wake{}, effects);
  wished.checkers->closed(at_s(3), 2);
  wished.checkers->closed(at_s(3), 3);
  EXPECT_EQ(wished.broken(), Only{});
  Told chained;
  chained.step(1, PeerDown{1}, effects);
  EXPECT_EQ(chained.broken(), Only{Invariant::close_is_local});
}

TEST(Checkers, HonestKept) {
  Told told;
  Effects effects;
  effects.drop(0, Offence::invalid_block);
  told.step(0, Wake{}, effects);
  EXPECT_EQ(told.broken(), Only{Invariant::honest_kept});
}

TEST(Checkers, NodesOfHeaderFirstMayDropThoseOfAnotherRuleSet) {
  for (const char* protocol : {"header_first", "push_chain"}) {
    for (const char* set : {"0", "1"}) {
      Told told(std::string("nodes: [{select: 1, rule_set: ") + set + ", protocol: " + protocol +
                "}]\n");
      Effects effects;
      effects.drop(0, Offence::invalid_block);
      told.step(0, Wake{}, effects);
      const bool may = std::string_view(protocol) == "header_first" && set[0] == '1';
      EXPECT_EQ(told.broken(), may ? Only{} : Only{Invariant::honest_kept}) << protocol << set;
    }
  }
}

TEST(Checkers, TrafficConserved) {
  Told told;
  told.send(0, query_latest());  // the links know nothing of it
  told.checkers->finish(at_s(3));
  EXPECT_EQ(told.broken(), Only{Invariant::traffic_conserved});
}

TEST(Checkers, FaultsOfTheOriginalAreExcusedUnlessAllIsAsked) {
  for (const CheckLevel level : {CheckLevel::known, CheckLevel::all}) {
    Told told("nodes: [{select: 0..2, protocol: push_chain}]\n", level);
    told.follow(0, told.genesis, told.find(told.genesis, 1));
    told.checkers->finish(at_s(3600));
    ASSERT_EQ(told.broken(), Only{Invariant::equal_work});
    EXPECT_EQ(told.checkers->violations().front().excused, level == CheckLevel::known);
    const sim::StreamId stream = 0;  // what is no fault of the original is never excused
    told.checkers->delivered(at_s(3601), stream, query_latest());
    EXPECT_FALSE(told.checkers->violations().back().excused);
  }
}

TEST(Checkers, EveryInvariantHasARowOfItsOwn) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < sim::kInvariants; ++i) {
    const sim::InvariantRow& row = sim::row_of(static_cast<Invariant>(i));
    EXPECT_FALSE(row.sentence.empty());
    EXPECT_EQ(std::count(names.begin(), names.end(), row.name), 0) << row.name;
    names.push_back(row.name);
  }
}

}  // namespace
