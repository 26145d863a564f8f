#include "net-sim/resolve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "net-sim/scenario_reader.h"
#include "net-sim/streams.h"

namespace {

using namespace sim;

constexpr char kHead[] = "protocol: push_chain\n";

Scenario read(const std::string& text) {
  auto scenario = read_scenario_text(kHead + text, "test.yaml");
  EXPECT_TRUE(scenario.ok()) << (scenario.ok() ? "" : scenario.error());
  return scenario.ok() ? *scenario : Scenario{};
}

Selector share_of(std::int64_t percent) {
  Selector selector;
  selector.kind = Selector::Kind::share;
  selector.share = Share{percent * kBillion / 100};
  return selector;
}

std::vector<std::uint32_t> groups_of(const Scenario& scenario, std::uint64_t seed = 1) {
  const auto& partition = *std::get_if<Partition>(&scenario.events.at(0).action);
  auto groups = partition_groups(partition, scenario, {}, chain::Random(seed));
  EXPECT_TRUE(groups.ok()) << (groups.ok() ? "" : groups.error());
  return groups.ok() ? *groups : std::vector<std::uint32_t>{};
}

std::string partition_of(const std::string& groups, std::uint32_t nodes) {
  return "network: {nodes: " + std::to_string(nodes) +
         "}\nevents: [{at: 1 s, partition: {groups: " + groups + "}}]\n";
}

std::string problem_of(const std::string& groups, std::uint32_t nodes) {
  const auto scenario = read_scenario_text(kHead + partition_of(groups, nodes), "test.yaml");
  return scenario.ok() ? "" : scenario.error();
}

TEST(Resolve, ListsAreSortedAndShareIsThatManyNodes) {
  Scenario scenario;
  scenario.network.nodes = 50;
  Selector list;
  list.kind = Selector::Kind::list;
  list.nodes = {7, 3, 7};
  EXPECT_EQ(resolve(list, scenario, {}, chain::Random(1)), (std::vector<NodeIndex>{3, 7}));

  const auto some = resolve(share_of(10), scenario, {}, chain::Random(1));
  EXPECT_EQ(some.size(), 5u);
  EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
  EXPECT_EQ(some, resolve(share_of(10), scenario, {}, chain::Random(1)));
  EXPECT_NE(some, resolve(share_of(10), scenario, {}, chain::Random(2)));
  EXPECT_EQ(resolve(share_of(100), scenario, {}, chain::Random(1)).size(), 50u);
  EXPECT_TRUE(resolve(share_of(0), scenario, {}, chain::Random(1)).empty());
}

TEST(Resolve, AShareFavoursNobody) {
  Scenario scenario;
  scenario.network.nodes = 10;
  std::vector<int> count(10, 0);
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    for (const NodeIndex node : resolve(share_of(30), scenario, {}, chain::Random(seed))) {
      ++count[node];
    }
  }
  for (const int each : count) EXPECT_NEAR(each, 1'200, 150);  // five standard deviations: 145
}

TEST(Groups, SharesThatMakeAWholePlaceEveryone) {
  for (const std::uint32_t nodes : {2u, 3u, 7u, 10u, 101u}) {
    const auto groups = groups_of(read(partition_of("[50 %, 50 %]", nodes)));
    ASSERT_EQ(groups.size(), nodes);
    const auto first = std::count(groups.begin(), groups.end(), 0u);
    const auto second = std::count(groups.begin(), groups.end(), 1u);
    EXPECT_EQ(first + second, nodes);
    EXPECT_LE(std::abs(first - second), 1);
  }
}

TEST(Groups, NamesComeFirstSharesFromTheOthersAndRestTakesWhatIsLeft) {
  const auto groups = groups_of(read(partition_of("[20 %, [0, 1], 5..6, rest]", 10)));
  EXPECT_EQ(std::count(groups.begin(), groups.end(), 0u), 2);
  EXPECT_EQ(groups[0], 1u);
  EXPECT_EQ(groups[1], 1u);
  EXPECT_EQ(groups[5], 2u);
  EXPECT_EQ(groups[6], 2u);
  EXPECT_EQ(std::count(groups.begin(), groups.end(), 3u), 4);
}

TEST(Groups, AnotherSeedDrawsOthers) {
  const Scenario scenario = read(partition_of("[30 %, rest]", 40));
  EXPECT_EQ(groups_of(scenario, 1), groups_of(scenario, 1));
  EXPECT_NE(groups_of(scenario, 1), groups_of(scenario, 2));
}

TEST(Groups, WhoIsInTwoOrInNoneIsNamed) {
  EXPECT_EQ(problem_of("[0..2, [2, 3]]", 4),
            "test.yaml:3:10: node 2 in two groups, 1 and 2; expected each node in one group");
  EXPECT_EQ(problem_of("[0, 1]", 4),
            "test.yaml:3:10: node 2 and 1 other in no group; expected everyone in one, such as "
            "with a group `rest`");
  EXPECT_EQ(problem_of("[50 %, 0..5]", 10),
            "test.yaml:3:10: shares that ask for 5 nodes where 4 nodes of 10 are in no other "
            "group; expected shares of all nodes, 100 % together at most");
  EXPECT_EQ(problem_of("[0, rest, rest]", 4),
            "test.yaml:3:10: `rest` twice; expected one group of all others");
}

TEST(Timetable, RepeatsUndoesAndEndsWithTheRun) {
  const Scenario scenario = read(
      "duration: 10 min\n"
      "events:\n"
      "  - {from: 1 min, every: 4 min, for: 4 min, partition: {groups: [0, rest]}}\n"
      "  - {at: 5 min, mine: {node: 1}}\n"
      "  - {every: 3 min, times: 2, heal: all}\n"
      "  - {at: 11 min, heal: all}\n");
  const auto minute = [](std::int64_t n) { return chain::kTimeZero + chain::minutes(n); };
  EXPECT_EQ(timetable(scenario), (std::vector<Firing>{{minute(1), 0, 0, false},
                                                      {minute(3), 2, 0, false},
                                                      {minute(5), 0, 0, true},
                                                      {minute(5), 0, 1, false},
                                                      {minute(5), 1, 0, false},
                                                      {minute(6), 2, 1, false},
                                                      {minute(9), 0, 1, true},
                                                      {minute(9), 0, 2, false}}));
  ASSERT_EQ(scenario.notes.size(), 1u);
  EXPECT_EQ(scenario.notes[0],
            "test.yaml:7:5: `heal` at 11 min never happens: the run ends at 10 min");
}

TEST(MiningPower, OfEachKindSumsToTheWhole) {
  const auto power = [](const std::string& mining, const std::string& more = "") {
    return mining_power(read("network: {nodes: 4}\nmining: {power: " + mining + "}\n" + more), {});
  };
  const std::int64_t unit = kBillion / 100;
  EXPECT_EQ(power("equal"), (std::vector<std::int64_t>(4, 25 * unit)));
  EXPECT_EQ(power("none"), (std::vector<std::int64_t>(4, 0)));
  EXPECT_EQ(power("[70 %, 30 %]"), (std::vector<std::int64_t>{70 * unit, 30 * unit, 0, 0}));
  const auto zipf = power("{kind: zipf, exponent: 1}");  // 1, 1/2, 1/3, 1/4 of 25/12
  const std::vector<std::int64_t> exact{48 * unit, 24 * unit, 16 * unit, 12 * unit};
  for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_LE(std::abs(zipf[i] - exact[i]), 10) << i;
  EXPECT_EQ(std::accumulate(zipf.begin(), zipf.end(), std::int64_t{0}), kBillion);
  EXPECT_EQ(power("{kind: zipf, exponent: 0}"), power("equal"));
  EXPECT_EQ(power("equal", "nodes: [{select: 2, power: 40 %}]"),
            (std::vector<std::int64_t>{20 * unit, 20 * unit, 40 * unit, 20 * unit}));
}

TEST(MiningPower, AListNearTheWholeIsScaledWithANote) {
  const Scenario scenario = read("network: {nodes: 2}\nmining: {power: [60 %, 40.5 %]}\n");
  const auto power = mining_power(scenario, {});
  EXPECT_EQ(std::accumulate(power.begin(), power.end(), std::int64_t{0}), kBillion);
  EXPECT_EQ(power[0], 597'014'925);
  ASSERT_EQ(scenario.notes.size(), 1u);
  EXPECT_EQ(scenario.notes[0], "test.yaml:3:17: powers sum to 100.5 % and were scaled to 100 %");
}

}  // namespace
