// Each invariant of resources and of liveness, broken on purpose.
#include <gtest/gtest.h>

#include "tests/support/told.h"

namespace {

using namespace chain;
using sim::CheckLevel;
using sim::Invariant;
using test::at_s;
using test::Only;
using test::Told;

TEST(Checkers, RequestsBounded) {
  Told told;
  const auto ask = [&] {
    told.send(0, make(MessageType::get_blocks, 0, 1));
    told.checkers->delivered(at_s(2), 0, make(MessageType::get_blocks, 0, 1));
  };
  for (int i = 0; i < sim::StreamChecker::kMostUnanswered; ++i) ask();
  EXPECT_EQ(told.broken(), Only{});
  ask();
  EXPECT_EQ(told.broken(), Only{Invariant::requests_bounded});
  Told large;
  large.send(0, make(MessageType::get_blocks, 0, kDefaultSyncLimits.bodies_per_request + 1));
  EXPECT_EQ(large.broken(), Only{Invariant::requests_bounded});
  for (const int times : {3, 4}) {
    Told at_once;
    const BlockId missing = at_once.find(at_once.genesis, 1);
    Effects effects;
    for (int i = 0; i < times; ++i) effects.send(1, make(MessageType::get_blocks, missing, 1));
    at_once.step(0, Wake{}, effects);
    EXPECT_EQ(at_once.broken(), times > 3 ? Only{Invariant::requests_bounded} : Only{});
  }
}

TEST(Checkers, AskedWhileMissing) {
  Told told;
  const BlockId one = told.find(told.genesis, 1), two = told.find(one, 2);
  told.follow(0, told.genesis, one);
  Effects some, none;
  some.send(1, make(MessageType::get_blocks, two, 2));
  told.step(0, Wake{}, some);
  EXPECT_EQ(told.broken(), Only{});
  none.send(1, make(MessageType::get_blocks, one, 1));
  told.step(0, Wake{}, none);
  EXPECT_EQ(told.broken(), Only{Invariant::asked_while_missing});
}

TEST(Checkers, NoEcho) {
  const auto answered = [](const Message& heard, PeerId told_to) {
    Told told;
    const BlockId one = told.find(told.genesis, 1);
    told.views[0].add_header(one);
    told.step(0, Received{5, heard}, {});
    Effects effects;
    effects.accept(one);
    effects.change_tip(told.genesis, one);
    effects.send(told_to, make(MessageType::inv, one, 1));
    told.step(0, Received{4, make(MessageType::blocks, one, 1)}, effects);
    return told.broken();
  };
  EXPECT_EQ(answered(make(MessageType::inv, 1, 1), 6), Only{});
  EXPECT_EQ(answered(make(MessageType::inv, 0, 1), 5), Only{});
  EXPECT_EQ(answered(make(MessageType::inv, 1, 1), 5), Only{Invariant::no_echo});
  EXPECT_EQ(answered(make(MessageType::headers, 1, 1), 5), Only{Invariant::no_echo});
}

// A peer whose tips become lighter is dishonest: nothing that it says is sure.
TEST(Checkers, NoEchoAfterALighterTip) {
  Told told;
  const BlockId one = told.find(told.genesis, 1), two = told.find(told.find(told.genesis, 2), 3);
  told.views[0].add_header(one);
  told.step(0, Received{5, make(MessageType::inv, two, 2)}, {});
  told.step(0, Received{5, make(MessageType::inv, one, 1)}, {});
  Effects effects;
  effects.accept(one);
  effects.change_tip(told.genesis, one);
  effects.send(5, make(MessageType::inv, one, 1));
  told.step(0, Received{4, make(MessageType::blocks, one, 1)}, effects);
  EXPECT_EQ(told.broken(), Only{});
}

TEST(Checkers, TipRepeatedOnce) {
  const auto answered = [](std::initializer_list<Message> answers, bool connects_again) {
    Told told;
    told.find(told.find(told.genesis, 1), 2);
    for (const Message& answer : answers) {
      Effects effects;
      effects.send(5, answer);
      told.step(0, Received{5, whole_chain(0)}, effects);
      if (connects_again) told.step(0, PeerUp{5, kNoAddress}, {});
    }
    return told.broken();
  };
  EXPECT_EQ(answered({latest_block(1), whole_chain(1)}, false), Only{});
  EXPECT_EQ(answered({latest_block(1), latest_block(2)}, false), Only{});
  EXPECT_EQ(answered({latest_block(1), latest_block(1)}, true), Only{});
  EXPECT_EQ(answered({latest_block(1), latest_block(1)}, false),
            Only{Invariant::tip_repeated_once});
  EXPECT_EQ(answered({whole_chain(1), whole_chain(1)}, false), Only{Invariant::tip_repeated_once});
}

TEST(Checkers, MessagesBounded) {
  Told told;
  told.send(0, make(MessageType::blocks, 0, 1), 5'000'000);
  EXPECT_EQ(told.broken(), Only{}) << "one body may be as large as it is";
  told.send(0, make(MessageType::blocks, 0, 2), 5'000'000);
  EXPECT_EQ(told.broken(), Only{Invariant::messages_bounded});
  Told headers;
  headers.send(0, make(MessageType::headers, 0, kMaxHeaders + 1));
  EXPECT_EQ(headers.broken(), Only{Invariant::messages_bounded});
}

TEST(Checkers, OrphansBounded) {
  Told told;
  Effects effects;
  BlockId block = told.find(told.genesis, 1);  // which the node never gets
  for (std::uint64_t i = 0; i <= kDefaultSyncLimits.download_window; ++i) {
    block = told.find(block, i + 2);
    effects.accept(block);
  }
  told.bring(0, block, effects, kDefaultSyncLimits.download_window + 1);
  EXPECT_EQ(told.broken(), Only{Invariant::orphans_bounded});
}

TEST(Checkers, PlacesBounded) {
  Told told("", CheckLevel::known);
  told.scenario.network.max_inbound = 1;
  const sim::StreamId out = told.cable.links.connect(0, 1);
  told.cable.links.name_peer_at_sender(out ^ 1, 9);
  told.checkers->opened(at_s(3), out ^ 1);
  EXPECT_EQ(told.broken(), Only{Invariant::places_bounded});
}

TEST(Checkers, NoLightBranch) {
  Told told;
  BlockId tip = told.genesis;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const BlockId next = told.find(tip, i + 1);
    told.follow(0, tip, next);
    tip = next;
  }
  Effects effects;
  effects.learn(told.find(told.genesis, 999));
  told.step(0, Wake{}, effects);
  EXPECT_EQ(told.broken(), Only{Invariant::no_light_branch});
}

TEST(Checkers, WorkBounded) {
  const auto looks = [](std::uint64_t beyond, const Input& input) {
    Told told;
    Effects effects;
    effects.add_work(64 * told.scenario.network.nodes + 4 * kDefaultSyncLimits.download_window +
                     beyond);
    told.step(0, input, effects);
    return told.broken();
  };
  const Received page{5, make(MessageType::get_headers, 0, 7)};
  EXPECT_EQ(looks(0, Wake{}), Only{});
  EXPECT_EQ(looks(1, Wake{}), Only{Invariant::work_bounded});
  EXPECT_EQ(looks(7, page), Only{});
  EXPECT_EQ(looks(8, page), Only{Invariant::work_bounded});
}

// Two round trips of 100 ms are allowed.
TEST(Checkers, NewsInTime) {
  const auto is_late = [](Duration adopted_after) {
    Told told;
    const BlockId block = told.add(told.genesis, [](Header&) {});
    told.checkers->found(at_s(1000), 0, block, 1);
    told.follow(0, told.genesis, block, at_s(1000));
    for (const sim::NodeIndex node : {1u, 2u}) {
      told.follow(node, told.genesis, block, at_s(1000) + adopted_after);
    }
    return told.broke(Invariant::news_in_time);
  };
  EXPECT_FALSE(is_late(milliseconds(200)));
  EXPECT_TRUE(is_late(milliseconds(200) + nanoseconds(1)));
}

// What the links and the checkers were told together, so that only the cost is wrong.
TEST(Checkers, ByteBudget) {
  Told told;
  const Message huge = make(MessageType::blocks, 0, 1);
  told.cable.links.send(0, huge, 1'000'000, at_s(2));
  told.send(0, huge, 1'000'000);
  told.checkers->finish(at_s(3));
  EXPECT_EQ(told.broken(), Only{Invariant::byte_budget});
}

// Node 1 has two open ends. Its body grants are two for taking the block and, with relay block, one
// for each end.
TEST(Checkers, ByteBudgetGrantsTheRelayOfATipAtEachEndOfWhoFollowsIt) {
  constexpr std::uint64_t kBody = 1'000'000, kOther = 20'000;  // less than control may cost
  const auto breaks = [](const std::string& relay, int copies) {
    Told told("relay: " + relay + "\n");
    told.follow(1, told.genesis, told.find(told.genesis, 1, kBody));
    const Message body = make(MessageType::blocks, 0, 1);
    for (int i = 0; i < copies; ++i) {
      told.cable.links.send(0, body, kBody, at_s(2));
      told.send(0, body, kBody);
    }
    told.cable.links.send(0, body, kOther, at_s(2));
    told.send(0, body, kOther);
    told.checkers->finish(at_s(3));
    return told.broke(Invariant::byte_budget);
  };
  EXPECT_FALSE(breaks("block", 4)) << "asked of two peers, and relayed to two";
  EXPECT_TRUE(breaks("block", 5));
  EXPECT_FALSE(breaks("headers", 2)) << "asked of two peers";
  EXPECT_TRUE(breaks("headers", 3));
}

TEST(Checkers, EqualWork) {
  Told told;
  told.follow(0, told.genesis, told.find(told.genesis, 1));
  told.checkers->finish(at_s(60));
  EXPECT_EQ(told.broken(), Only{}) << "too early to tell";
  told.checkers->finish(at_s(3600));
  EXPECT_EQ(told.broken(), Only{Invariant::equal_work});
}

TEST(Checkers, NodesOfDifferentRuleSetsNeedNotAgree) {
  for (const int set : {0, 1}) {
    Told told("nodes: [{select: 1..2, rule_set: " + std::to_string(set) + "}]\n");
    told.follow(0, told.genesis, told.find(told.genesis, 1));
    told.checkers->finish(at_s(3600));
    EXPECT_EQ(told.broken(), set == 1 ? Only{} : Only{Invariant::equal_work});
  }
}

TEST(Checkers, EqualTips) {
  for (const bool decided : {false, true}) {
    Told told(decided ? "chain: {tie_break: lowest_hash}\n" : "");
    const BlockId a = told.find(told.genesis, 1), b = told.find(told.genesis, 2);
    told.follow(0, told.genesis, a);
    told.follow(1, told.genesis, b);
    told.follow(2, told.genesis, b);
    told.checkers->finish(at_s(3600));
    EXPECT_EQ(told.broken(), decided ? Only{Invariant::equal_tips} : Only{});
  }
}

TEST(Checkers, Reconnected) {
  Told told;
  told.checkers->stopped(at_s(3), 1);
  told.checkers->started(at_s(4), 1);
  told.checkers->finish(at_s(3600));
  EXPECT_EQ(told.broken(), Only{Invariant::reconnected});
}

TEST(Checkers, TrafficCalm) {
  Told told;
  const Message ping = make(MessageType::ping, 0), inv = make(MessageType::inv, 0);
  for (const Message& message : {ping, inv}) {
    told.cable.links.send(0, message, 100, at_s(3500));
    told.checkers->sent(at_s(3500), 0, message, 100, false);
    told.checkers->finish(at_s(3600));
    EXPECT_EQ(told.broken(), message == ping ? Only{} : Only{Invariant::traffic_calm});
  }
}

TEST(Checkers, RequestsAnswered) {
  Told told;
  const Message ask = make(MessageType::get_headers, 0);
  told.cable.links.send(0, ask, 100, at_s(2));
  told.send(0, ask);
  told.checkers->delivered(at_s(2), 0, ask);
  told.checkers->finish(at_s(3600));
  EXPECT_TRUE(told.broke(Invariant::requests_answered));
}

}  // namespace
