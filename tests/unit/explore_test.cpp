// Whole runs under the eyes of the checkers: drawn, shrunk, and shipped as faults of the original.
#include "net-sim/explore.h"

#include <gtest/gtest.h>

#include "net-sim/scenario_reader.h"
#include "net-sim/simulator.h"
#include "tests/support/sim_run.h"

namespace {

using sim::CheckLevel;
using sim::Invariant;

constexpr const char* kTroubled =
    "seed: 3\nduration: 25 min\nprotocol: {push_chain: 30 %, header_first: 70 %}\n"
    "chain: {rules: tutorial, block_size: 2 kB, commit_time: 100 ms}\n"
    "network: {nodes: 12, keepalive: 1 min, loss: 2 %}\n"
    "nodes: [{select: 11, behaviour: {kind: forger, fault: hash}}]\n"
    "events:\n  - {at: 3 min, for: 2 min, partition: {groups: [50 %, 50 %]}}\n"
    "  - {at: 7 min, crash: {select: 20 %, lose_unsynced: true}, restart_after: 30 s}\n"
    "  - {at: 8 min, mine: {node: 11, blocks: 2}}\n"
    "  - {at: 10 min, stop_mining: all}\n";

TEST(CheckedRuns, ARunWithThemHasTheDigestOfARunWithout) {
  const sim::Scenario scenario = test::scenario_of(kTroubled);
  auto simulator = sim::Simulator::create(scenario);
  ASSERT_TRUE(simulator.ok());
  sim::Checkers checkers(sim::checked(**simulator), CheckLevel::known);
  (*simulator)->watch(checkers);
  (*simulator)->run({});
  checkers.finish((*simulator)->now());
  EXPECT_EQ(chain::hex16((*simulator)->digest()), test::digest_of(scenario));
  EXPECT_TRUE(checkers.is_calm((*simulator)->now()));
  for (const sim::Violation& violation : checkers.violations()) {
    EXPECT_TRUE(violation.excused) << text_of(violation);
  }
}

// What of a scenario's violations is excused, or is not.
std::vector<Invariant> broken(const sim::Scenario& scenario, CheckLevel level, bool excused) {
  auto simulator = sim::Simulator::create(scenario);
  sim::Checkers checkers(sim::checked(**simulator), level);
  (*simulator)->watch(checkers);
  (*simulator)->run({});
  checkers.finish((*simulator)->now());
  std::vector<Invariant> all;
  for (const sim::Violation& violation : checkers.violations()) {
    if (violation.excused == excused) all.push_back(violation.invariant);
  }
  return all;
}

struct Fault {
  const char* file;
  Invariant invariant;
};

class FaultOfTheOriginal : public testing::TestWithParam<Fault> {};

TEST_P(FaultOfTheOriginal, BreaksItsInvariantAndIsKnown) {
  const sim::Scenario scenario = test::scenario_file(
      std::string(SCENARIO_DIR) + "/faults-of-the-original/" + GetParam().file + ".yaml");
  EXPECT_FALSE(scenario.question.empty());
  EXPECT_LE(scenario.network.nodes, 6u);
  EXPECT_LE(scenario.events.size(), 12u);
  const auto known = broken(scenario, CheckLevel::known, false);
  EXPECT_TRUE(known.empty());
  const auto all = broken(scenario, CheckLevel::all, false);
  EXPECT_NE(std::find(all.begin(), all.end(), GetParam().invariant), all.end());
}

INSTANTIATE_TEST_SUITE_P(Shipped, FaultOfTheOriginal,
                         testing::Values(Fault{"h1_echo", Invariant::byte_budget},
                                         Fault{"h2_late_join", Invariant::byte_budget},
                                         Fault{"h3_unhealed_fork", Invariant::equal_work},
                                         Fault{"h4_stays_behind", Invariant::equal_work},
                                         Fault{"h5_foreign_genesis", Invariant::pinned_genesis},
                                         Fault{"h6_forged_chain", Invariant::work_paid},
                                         Fault{"h7_unbounded", Invariant::messages_bounded},
                                         Fault{"h7_unbounded", Invariant::timestamp_bounded}));

TEST(ForeignBody, IsTakenUnlessMerkleRootsAreChecked) {
  const std::string file =
      std::string(SCENARIO_DIR) + "/faults-of-the-original/h8_foreign_body.yaml";
  for (const bool checked : {false, true}) {
    sim::Scenario scenario = test::scenario_file(file);
    EXPECT_FALSE(scenario.question.empty());
    EXPECT_FALSE(scenario.chain.check_merkle_root);
    scenario.chain.check_merkle_root = checked;
    auto simulator = sim::Simulator::create(scenario);
    (*simulator)->run({});
    const chain::BlockTree& tree = (*simulator)->tree();
    for (sim::NodeIndex node = 0; node < 4; ++node) {
      EXPECT_EQ(tree.height((*simulator)->chain(node).tip()), checked ? 5u : 6u);
    }
  }
}

TEST(Explore, EveryPlanIsAScenario) {
  for (const auto protocol : {sim::ExploredProtocol::any, sim::ExploredProtocol::push_chain}) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      const sim::Plan plan = sim::draw_plan(seed, {.protocol = protocol});
      const std::string text = sim::plan_text(plan, "A question?");
      EXPECT_EQ(text, sim::plan_text(sim::draw_plan(seed, {.protocol = protocol}), "A question?"));
      const auto scenario = sim::read_scenario_text(text, "plan.yaml");
      ASSERT_TRUE(scenario.ok()) << scenario.error() << text;
      EXPECT_EQ(scenario->question, "A question?");
    }
  }
}

// Half of the networks with both protocols, which are a quarter of all. The rest of a plan does not
// depend on it.
TEST(Explore, OneRunOfEightHasNodesOfAnotherRuleSet) {
  int with = 0;
  constexpr int kSeeds = 2000;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const sim::Plan plan = sim::draw_plan(seed, {});
    if (plan.other_rules.empty()) continue;
    ++with;
    EXPECT_NE(plan.protocol.find("header_first: "), std::string::npos) << seed;
    EXPECT_LE(plan.other_rules.size(), std::max(1u, plan.nodes / 2)) << seed;
    const std::string text = sim::plan_text(plan, "");
    sim::Plan without = plan;
    without.other_rules.clear();
    std::string cut = text;
    const auto line = cut.find("  - {select: [", cut.find("nodes:\n"));
    ASSERT_NE(cut.find("rule_set: 1"), std::string::npos);
    cut.erase(line, cut.find('\n', line) + 1 - line);
    if (cut.find("nodes:\nevents:") != std::string::npos) continue;  // it was the only entry
    EXPECT_EQ(cut, sim::plan_text(without, "")) << seed;
  }
  EXPECT_NEAR(with, kSeeds / 8, kSeeds / 40);
}

TEST(Explore, KeysOfABaseStand) {
  const std::string base =
      "# A base.\nprotocol: header_first\nnetwork: {nodes: 7, topology: ring, latency: 5 ms}\n"
      "events:\n  - {at: 5 s, mine: {node: 6}}\n";
  const sim::Plan plan = sim::draw_plan(3, {.nodes = 7, .chaos_s = 100});
  const std::string text = sim::plan_text(plan, "Why?", base);
  const auto scenario = sim::read_scenario_text(text, "plan.yaml");
  ASSERT_TRUE(scenario.ok()) << scenario.error() << text;
  EXPECT_EQ(scenario->network.nodes, 7u);
  EXPECT_EQ(scenario->network.topology.kind, sim::Topology::Kind::ring);
  EXPECT_EQ(scenario->network.latency.value, chain::milliseconds(5).ns);
  EXPECT_EQ(scenario->events.front().at, chain::kTimeZero + chain::seconds(5));
  EXPECT_GT(scenario->events.size(), 2u);
}

TEST(Explore, ARunIsJudgedInItsCalmAndCounted) {
  const sim::Explored run = sim::explore(sim::draw_plan(1, {}), "", {});
  ASSERT_EQ(run.error, "");
  EXPECT_TRUE(run.complete);
  EXPECT_TRUE(run.judged_liveness);
  EXPECT_GT(run.events, 0u);
  EXPECT_GT(run.coverage.messages.at("Hello"), 0u);
}

TEST(Explore, AFailureIsShrunkToOneThatStillFails) {
  const sim::ExploreRules rules{.level = CheckLevel::all, .base = ""};
  sim::Plan plan = sim::draw_plan(9, {.protocol = sim::ExploredProtocol::push_chain});
  plan.nodes = 6;
  plan.topology = "full_mesh";
  plan.block_kb = 30;
  plan.mining = true;
  plan.attackers.clear();
  plan.clock_offsets_s.clear();
  plan.faults = {{"mine", 30, 0, {5}, ", blocks: 4"}, {"crash", 50, 20, {1, 2}, ""}};
  ASSERT_TRUE(broke(sim::explore(plan, "", rules), Invariant::byte_budget));
  const sim::Plan small = sim::shrunk(plan, Invariant::byte_budget, rules, 300);
  EXPECT_TRUE(broke(sim::explore(small, "", rules), Invariant::byte_budget));
  EXPECT_LT(small.nodes, plan.nodes);
  EXPECT_LE(small.faults.size(), 1u);
  EXPECT_LT(small.chaos_s, plan.chaos_s);
}

TEST(Explore, WithoutItsLastNodeAPlanNamesItNoMore) {
  sim::Plan plan;
  plan.nodes = 3;
  plan.attackers = {{2, "{kind: silent}"}, {1, "{kind: silent}"}};
  plan.other_rules = {1, 2};
  plan.faults = {{"crash", 5, 1, {1, 2}, ""}, {"link", 5, 1, {0, 2}, ", cut: true"}};
  const sim::Plan fewer = sim::without_last_node(plan);
  EXPECT_EQ(fewer.nodes, 2u);
  EXPECT_EQ(fewer.attackers.size(), 1u);
  EXPECT_EQ(fewer.other_rules, std::vector<sim::NodeIndex>{1});
  ASSERT_EQ(fewer.faults.size(), 1u);
  EXPECT_EQ(fewer.faults[0].who, std::vector<sim::NodeIndex>{1});
}

TEST(Explore, AFaultNamesFewerNodesOnlyWhereItsWordsAllowIt) {
  for (const char* const kind : {"link", "disconnect"}) {
    EXPECT_FALSE(sim::may_name_fewer({kind, 5, 1, {0, 2}, ""})) << kind;
  }
  EXPECT_FALSE(sim::may_name_fewer({"mine", 5, 0, {2}, ""}));
  EXPECT_TRUE(sim::may_name_fewer({"crash", 5, 1, {1, 2}, ""}));
  EXPECT_FALSE(sim::may_name_fewer({"crash", 5, 1, {1}, ""}));
  EXPECT_FALSE(sim::may_name_fewer({"churn", 5, 1, {}, ""}));
}

}  // namespace
