// Each invariant, broken on purpose: the checkers are told of a run that never was.
#include "net-sim/checkers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/block_size.h"
#include "core/json_codec.h"
#include "core/merkle.h"
#include "net-sim/node_options.h"
#include "net-sim/resolve.h"
#include "tests/support/cable.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using sim::CheckLevel;
using sim::Invariant;
using sim::NodeIndex;
using sim::StreamId;
using Rates = sim::Links::Rates;

Time at_s(std::int64_t n) { return kTimeZero + seconds(n); }

// Three nodes in a line, 0 -> 1 -> 2, and whoever watches them.
struct Told {
  explicit Told(const std::string& more = "", CheckLevel level = CheckLevel::known)
      : scenario(test::scenario_of(
            "protocol: header_first\nnetwork: {nodes: 3, topology: line, latency: 50 ms, "
            "keepalive: 1 min}\nmining: {power: none}\n" +
            more)),
        cable(scenario, std::vector<Rates>(3)),
        views(3, ChainView(0)) {
    auto parsed = parse_genesis(kWidespreadGenesis);
    genesis = tree.add_root(parsed->block.header, parsed->text);
    for (const sim::Edge& edge : edges) {
      const StreamId out = cable.links.connect(edge.from, edge.to);
      cable.links.name_peer_at_sender(out, peers++);
      cable.links.name_peer_at_sender(out ^ 1, peers++);
    }
    checkers.emplace(sim::Checked{scenario,
                                  tree,
                                  cable.links,
                                  edges,
                                  sim::node_options(scenario, {}),
                                  std::vector<std::uint8_t>(3, 1),
                                  {},
                                  [this](NodeIndex n) -> const ChainView& { return views[n]; }},
                     level);
    for (StreamId stream = 0; stream < 4; ++stream) checkers->opened(kTimeZero, stream);
  }

  // A block as a miner makes it, but for what `spoil` does to its header before it is hashed.
  template <typename Spoil>
  BlockId add(BlockId parent, const Spoil& spoil, std::uint64_t bytes = 1000) {
    const ChainRules rules = sim::chain_rules(scenario);
    const std::int64_t now_ms = sim::kOriginMs + 1000 * static_cast<std::int64_t>(++made);
    Header header = block_template(rules, tree, parent, now_ms);
    header.nonce = static_cast<std::int64_t>(made);
    const Body body = filler_for(header, bytes);
    header.merkle_root = *merkle_root(body);
    spoil(header);
    header.hash = hash_of(header, HashOrder::standard);
    const BlockId block = tree.add_header(header, parent, work_of(rules, header));
    tree.add_body(block, data_json_length(body));
    return block;
  }
  BlockId find(BlockId parent, std::uint64_t draw, std::uint64_t bytes = 1000) {
    const BlockId block = add(
        parent, [](Header&) {}, bytes);
    checkers->found(at_s(1), 0, block, draw);
    return block;
  }
  void step(NodeIndex node, const Input& input, const Effects& effects, Time when = at_s(2)) {
    checkers->stepped(when, node, input, effects);
  }
  // The node takes `block` and follows it.
  void follow(NodeIndex node, BlockId from, BlockId block, Time when = at_s(2)) {
    Effects effects;
    effects.accept(block);
    effects.change_tip(from, block);
    step(node, Mined{block}, effects, when);
  }
  void send(StreamId stream, const Message& message, std::uint64_t bytes = 100) {
    checkers->sent(at_s(2), stream, message, bytes, false);
  }
  std::vector<Invariant> broken() const {
    std::vector<Invariant> all;
    for (const sim::Violation& v : checkers->violations()) all.push_back(v.invariant);
    return all;
  }
  bool broke(Invariant invariant) const {
    const auto all = broken();
    return std::find(all.begin(), all.end(), invariant) != all.end();
  }

  sim::Scenario scenario;
  BlockTree tree;
  test::Cable cable;
  const sim::Edges edges{{0, 1}, {1, 2}};
  std::vector<ChainView> views;
  std::optional<sim::Checkers> checkers;
  BlockId genesis = 0;
  PeerId peers = 0;
  std::uint64_t made = 0;
};

using Only = std::vector<Invariant>;

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
  told.step(0, Wake{}, effects);
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
  told.step(0, Wake{}, effects);
  told.follow(0, told.genesis, one);  // two is whole by this, and may wait for the next message
  EXPECT_EQ(told.broken(), Only{});
  told.checkers->finish(at_s(3600));
  EXPECT_TRUE(told.broke(Invariant::tip_is_best));
  Told other;
  Effects refused;
  refused.accept(other.find(other.genesis, 1));
  other.step(0, Wake{}, refused);
  EXPECT_EQ(other.broken(), Only{Invariant::tip_is_best});
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

TEST(Checkers, TrafficConserved) {
  Told told;
  told.send(0, query_latest());  // the links know nothing of it
  told.checkers->finish(at_s(3));
  EXPECT_EQ(told.broken(), Only{Invariant::traffic_conserved});
}

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
  large.send(0, make(MessageType::get_blocks, 0, kMostAsked + 1));
  EXPECT_EQ(large.broken(), Only{Invariant::requests_bounded});
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
  for (std::uint64_t i = 0; i <= kWindow; ++i) {
    block = told.find(block, i + 2);
    effects.accept(block);
  }
  told.step(0, Wake{}, effects);
  EXPECT_EQ(told.broken(), Only{Invariant::orphans_bounded});
}

TEST(Checkers, PlacesBounded) {
  Told told("", CheckLevel::known);
  told.scenario.network.max_inbound = 1;
  const StreamId out = told.cable.links.connect(0, 1);
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

// What the links and the checkers were told together, so that only the cost is wrong.
TEST(Checkers, ByteBudget) {
  Told told;
  const Message huge = make(MessageType::blocks, 0, 1);
  told.cable.links.send(0, huge, 1'000'000, at_s(2));
  told.send(0, huge, 1'000'000);
  told.checkers->finish(at_s(3));
  EXPECT_EQ(told.broken(), Only{Invariant::byte_budget});
}

TEST(Checkers, EqualWork) {
  Told told;
  told.follow(0, told.genesis, told.find(told.genesis, 1));
  told.checkers->finish(at_s(60));
  EXPECT_EQ(told.broken(), Only{}) << "too early to tell";
  told.checkers->finish(at_s(3600));
  EXPECT_EQ(told.broken(), Only{Invariant::equal_work});
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

TEST(Checkers, FaultsOfTheOriginalAreExcusedUnlessAllIsAsked) {
  for (const CheckLevel level : {CheckLevel::known, CheckLevel::all}) {
    Told told("nodes: [{select: 0..2, protocol: push_chain}]\n", level);
    told.follow(0, told.genesis, told.find(told.genesis, 1));
    told.checkers->finish(at_s(3600));
    ASSERT_EQ(told.broken(), Only{Invariant::equal_work});
    EXPECT_EQ(told.checkers->violations().front().excused, level == CheckLevel::known);
    const StreamId stream = 0;  // what is no fault of the original is never excused
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
