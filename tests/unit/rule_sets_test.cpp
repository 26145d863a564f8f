// Nodes of different rule sets: what arrives at whom as invalid, and what a network makes of it.
#include "net-sim/rule_sets.h"

#include <gtest/gtest.h>

#include "net-sim/node_options.h"
#include "net-sim/scenario_reader.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using sim::RuleSets;

//   0 <- 1 <- 2        made by node 0, of set 4
//    \- 3 <- 4         3 made by node 1, of set 5; 4 by node 0 on it
RuleSets two_sets() {
  RuleSets sets({4, 5});
  sets.made(0, 1, 0);
  sets.made(0, 2, 1);
  sets.made(1, 3, 0);
  sets.made(0, 4, 3);
  return sets;
}

TEST(RuleSets, ABlockPassesTheSetOfAllWhoMadeItsChain) {
  const RuleSets sets = two_sets();
  const auto accepted = [&](sim::NodeIndex node) {
    std::vector<BlockId> all;
    for (BlockId block = 0; block < 5; ++block) {
      if (sets.accepts(node, block)) all.push_back(block);
    }
    return all;
  };
  EXPECT_EQ(accepted(0), (std::vector<BlockId>{0, 1, 2}));
  EXPECT_EQ(accepted(1), (std::vector<BlockId>{0, 3}));
  EXPECT_TRUE(RuleSets({}).accepts(1, 4));
}

TEST(RuleSets, BlocksOfAnotherSetArriveAsInvalidAndNamesPass) {
  const RuleSets sets = two_sets();
  for (std::size_t i = 0; i < kMessageTypes; ++i) {
    const auto type = static_cast<MessageType>(i);
    const bool holds = type == MessageType::latest_block || type == MessageType::whole_chain ||
                       type == MessageType::headers || type == MessageType::blocks;
    const Message sent = make(type, 2, 1);
    Message own = sent, other = sent;
    sets.judge(0, own);
    sets.judge(1, other);
    EXPECT_EQ(own, sent) << name_of(type);
    EXPECT_EQ(other == sent, !holds) << name_of(type);
    if (!holds) continue;
    EXPECT_EQ(other.staged, Staged::invalid);
    EXPECT_EQ(other.refusal, Refusal::hash);
    EXPECT_EQ(other.last, kNoBlock);
  }
}

TEST(RuleSets, AScenarioGivesEachNodeItsSet) {
  const auto sets = [](const std::string& nodes) {
    return sim::rule_sets(test::scenario_of("network: {nodes: 4}\n" + nodes), {});
  };
  EXPECT_TRUE(sets("").empty());
  EXPECT_TRUE(sets("nodes: [{select: all, rule_set: 2}]").empty()) << "one set";
  EXPECT_EQ(sets("nodes: [{select: 1..2, rule_set: 2}, {select: 2, rule_set: 7}]"),
            (std::vector<std::uint32_t>{0, 2, 7, 0}));
}

TEST(RuleSets, TheHighestNumberIsLimited) {
  const auto read = [](std::uint32_t set) {
    return sim::read_scenario_text(
        "protocol: push_chain\nnodes: [{select: 0, rule_set: " + std::to_string(set) + "}]\n",
        "test.yaml");
  };
  EXPECT_TRUE(read(sim::kMaxRuleSet - 1).ok());
  EXPECT_EQ(read(sim::kMaxRuleSet)->nodes[0].rule_set, sim::kMaxRuleSet);
  ASSERT_FALSE(read(sim::kMaxRuleSet + 1).ok());
  EXPECT_NE(read(sim::kMaxRuleSet + 1).error().find("from 0 to 999999"), std::string::npos)
      << read(sim::kMaxRuleSet + 1).error();
}

constexpr const char* kTwoSets =
    "network: {nodes: 6, topology: full_mesh, latency: 20 ms}\nduration: 30 min\n"
    "chain: {rules: tutorial, block_interval: 10 s}\n"
    "nodes: [{select: 3..5, rule_set: 1}]\n"
    "events: [{at: 20 min, stop_mining: all}]\nuntil: converged\n";

// Each set grows a chain of its own from the genesis.
TEST(RuleSets, EachSetConvergesByItself) {
  for (const char* protocol : {"push_chain", "header_first"}) {
    const auto simulator = test::run(std::string("protocol: ") + protocol + "\n" + kTwoSets);
    EXPECT_LT(simulator->now(), kTimeZero + minutes(30)) << protocol;
    const auto tip = [&](sim::NodeIndex node) { return simulator->chain(node).tip(); };
    for (const sim::NodeIndex node : {1u, 2u}) EXPECT_EQ(tip(node), tip(0)) << protocol;
    for (const sim::NodeIndex node : {4u, 5u}) EXPECT_EQ(tip(node), tip(3)) << protocol;
    EXPECT_EQ(simulator->tree().fork_point(tip(0), tip(3)), 0u) << protocol;
    EXPECT_GT(simulator->tree().height(tip(0)), 5u) << protocol;
    EXPECT_GT(simulator->tree().height(tip(3)), 5u) << protocol;
    const auto rejects =
        simulator->metrics().messages()[static_cast<std::size_t>(MessageType::reject)];
    EXPECT_EQ(rejects.count > 0, std::string_view(protocol) == "header_first");
  }
}

// The original sends its chain for each tip that it rejects; the bridge answers once.
TEST(RuleSets, ABridgeAndAPeerThatRejectsItsBlocksFallSilent) {
  const auto simulator = test::run(
      "protocol: header_first\nnetwork: {nodes: 2, topology: line, latency: 10 ms}\n"
      "mining: {power: none}\nduration: 1 min\n"
      "nodes: [{select: 1, protocol: push_chain, rule_set: 1}]\n"
      "events: [{at: 10 s, mine: {node: 0}}]\n");
  const auto& messages = simulator->metrics().messages();
  const auto count = [&](MessageType type) {
    return messages[static_cast<std::size_t>(type)].count;
  };
  EXPECT_LE(count(MessageType::latest_block), 4u);  // two answers, the block, one repetition
  EXPECT_LE(count(MessageType::whole_chain), 4u);
}

}  // namespace
