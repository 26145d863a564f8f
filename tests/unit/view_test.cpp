// What a picture of a run is made of: what the collector gathers, the forks and the story it tells.
#include <gtest/gtest.h>

#include <algorithm>

#include "net-sim/packed.h"
#include "net-sim/trace.h"
#include "net-sim/view_collector.h"
#include "net-sim/view_data.h"
#include "net-sim/view_story.h"
#include "tests/support/sim_run.h"

namespace {

struct Viewed {
  std::unique_ptr<sim::Simulator> simulator;
  sim::ViewRecords records;

  std::vector<sim::ForkFacts> forks() const { return sim::find_forks(*simulator, records); }
  std::string headline() const { return sim::headline(*simulator, records, forks()); }
  // The sentences of a kind.
  std::vector<std::string> told(const std::string& kind) const {
    std::vector<std::string> found;
    for (const auto& line : sim::tell_story(*simulator, records, forks())) {
      if (line.kind == kind) found.push_back(line.text);
    }
    return found;
  }
};

Viewed view(const sim::Scenario& scenario, const sim::ViewLimits& limits = {}) {
  auto simulator = sim::Simulator::create(scenario);
  EXPECT_TRUE(simulator.ok());
  sim::ViewCollector collector(**simulator, limits);
  (*simulator)->watch(collector);
  (*simulator)->run({});
  return {std::move(*simulator), collector.finish()};
}
Viewed view_file(const std::string& name) {
  return view(test::scenario_file(std::string(SCENARIO_DIR "/") + name));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Who is connected in a line, and one block goes from end to end.
const char* const kLine = R"(
duration: 1 min
network: {nodes: 3, topology: line, latency: 2 s}
mining: {power: none}
events: [{at: 10 s, mine: {node: 0}}]
)";

TEST(View, ATipKnowsTheMessageThatBroughtIt) {
  const Viewed viewed = view(test::scenario_of(kLine));
  ASSERT_EQ(viewed.records.tips.size(), 3u);
  const auto& tips = viewed.records.tips;
  EXPECT_EQ(tips[0].cause, sim::ViewTip::Cause::mined);
  EXPECT_EQ(tips[1].node, 1u);
  EXPECT_EQ(tips[1].travel.from, 0u);
  EXPECT_EQ(tips[1].travel.sent, chain::kTimeZero + chain::seconds(10));
  EXPECT_EQ(tips[1].at, chain::kTimeZero + chain::seconds(12));
  EXPECT_EQ(tips[2].travel.from, 1u);
  EXPECT_EQ(tips[2].travel.type, chain::MessageType::latest_block);
  EXPECT_EQ(tips[2].travel.arrived, chain::kTimeZero + chain::seconds(14));
}

TEST(View, WhatBroughtNoTipIsAMessageToo) {
  const Viewed viewed = view(test::scenario_of(kLine));
  EXPECT_EQ(viewed.records.messages.size() + 2, viewed.records.messages_sent);
  for (const sim::Travel& each : viewed.records.messages) {
    EXPECT_EQ(each.arrived - each.sent, chain::seconds(2));
  }
}

TEST(View, LinksHaveTheirTime) {
  const Viewed viewed =
      view(test::scenario_of(std::string(kLine) + "links: []\nprotocol: push_chain\n"));
  ASSERT_EQ(viewed.records.links.size(), 2u);
  EXPECT_EQ(viewed.records.links[0].from, chain::kTimeZero);
  EXPECT_EQ(viewed.records.links[0].to, chain::kNever);
}

TEST(View, ALimitHalvesWhatIsShownAndSaysSo) {
  const sim::Scenario scenario = test::scenario_of(
      "duration: 10 min\nprotocol: header_first\nnetwork: {nodes: 64}\n"
      "chain: {block_interval: 5 s}\n");
  sim::ViewLimits limits;
  limits.tips = 2'500;
  limits.messages = 100;
  limits.fewest_nodes = 16;
  const Viewed viewed = view(scenario, limits);
  EXPECT_EQ(viewed.records.stride, 4u);
  EXPECT_LE(viewed.records.messages.size(), 100u);
  EXPECT_GT(viewed.records.message_stride, 1u);
  for (const sim::ViewTip& tip : viewed.records.tips) EXPECT_EQ(tip.node % 4, 0u);
  for (const sim::ViewLink& link : viewed.records.links) EXPECT_EQ((link.a | link.b) % 4, 0u);
  EXPECT_EQ(viewed.records.until, chain::kNever);
}

TEST(View, WhereNoNodeCanGoThePictureEndsEarlier) {
  sim::ViewLimits limits;
  limits.tips = 20;
  const Viewed viewed = view(test::scenario_of("duration: 60 min\nnetwork: {nodes: 4}\n"), limits);
  EXPECT_EQ(viewed.records.stride, 1u);
  ASSERT_NE(viewed.records.until, chain::kNever);
  EXPECT_EQ(viewed.records.tips.size(), 21u);
  EXPECT_EQ(viewed.records.tips.back().at, viewed.records.until);
  const sim::Json data = sim::view_data(*viewed.simulator, viewed.records);
  EXPECT_TRUE(data["cut_short"]);
  EXPECT_LT(data["end"], data["whole"]);
}

TEST(View, ObserversChangeNothing) {
  const sim::Scenario scenario = test::scenario_file(SCENARIO_DIR "/crash_recovery.yaml");
  EXPECT_EQ(chain::hex16(view(scenario).simulator->digest()), test::digest_of(scenario));
}

TEST(View, ThePartitionIsToldFromCutToAgreement) {
  const Viewed viewed = view_file("partition.yaml");
  const auto forks = viewed.forks();
  ASSERT_FALSE(forks.empty());
  EXPECT_EQ(forks[0].leavers, 25u);
  EXPECT_EQ(forks[0].deepest, 13u);
  ASSERT_TRUE(forks[0].turning.has_value());
  const sim::ViewReorg& turning = viewed.records.reorgs[*forks[0].turning];
  EXPECT_EQ(turning.depth, 13u);
  EXPECT_EQ(turning.tip.travel.type, chain::MessageType::whole_chain);
  EXPECT_FALSE(turning.before.empty());
  EXPECT_TRUE(has(viewed.headline(),
                  "25 nodes gave up 13 blocks. Healed by the message WholeChain from node"));
  ASSERT_EQ(viewed.told("cut").size(), 1u);
  EXPECT_TRUE(has(viewed.told("cut")[0], "2 parts: 25 nodes ("));
  EXPECT_TRUE(has(viewed.told("heal")[0], "mended after 10 min. Meanwhile 12 blocks were found"));
  EXPECT_TRUE(has(viewed.told("agree")[0], "101.6 s after the heal"));
  EXPECT_TRUE(has(viewed.told("end")[0], "one chain of 137 blocks. 13 blocks were found in vain"));
}

TEST(View, BinsOfTrafficHoldEveryByte) {
  const Viewed viewed = view_file("partition.yaml");
  std::uint64_t sum = 0;
  for (const auto& bin : viewed.records.traffic) {
    for (const std::uint64_t bytes : bin) sum += bytes;
  }
  EXPECT_EQ(sum, viewed.simulator->metrics().bytes_total());
  EXPECT_LE(viewed.records.traffic.size(), 600u);
}

TEST(View, TheUnhealedForkIsToldAsOne) {
  const Viewed viewed = view_file("unhealed_fork.yaml");
  const auto forks = viewed.forks();
  ASSERT_EQ(forks.size(), 1u);
  EXPECT_EQ(forks[0].still, (std::vector<sim::NodeIndex>{3, 4, 5}));
  EXPECT_FALSE(forks[0].turning.has_value());
  EXPECT_TRUE(has(viewed.headline(), "Never healed"));
  EXPECT_TRUE(has(viewed.headline(), "height 8 and 3 nodes another, of height 3"));
  ASSERT_EQ(viewed.told("split").size(), 1u);
  EXPECT_TRUE(has(viewed.told("split")[0],
                  "told 5 times of a higher block and did not follow; the last message was "
                  "LatestBlock from node 2 to node 3 at 12:00.1"));
  EXPECT_TRUE(viewed.told("end").empty());
}

TEST(View, ARunWithoutForksSaysSo) {
  const Viewed viewed = view(test::scenario_of(kLine));
  EXPECT_EQ(viewed.headline(),
            "The chain never forked. A block reached nearly all nodes within 4.0 s.");
  EXPECT_EQ(viewed.told("end")[0],
            "The end: all nodes follow one chain of 1 block. No block was lost.");
}

TEST(View, WhoStaysBehindAndWhoComesAndGoesIsTold) {
  const Viewed behind = view_file("faults-of-the-original/h4_stays_behind.yaml");
  ASSERT_EQ(behind.told("life").size(), 1u);
  EXPECT_EQ(behind.told("life")[0], "Node 2 begins.");
  EXPECT_TRUE(has(behind.told("end")[0], "Node 2 is behind, at height 0."));
  const Viewed churn = view_file("churn.yaml");
  EXPECT_TRUE(has(churn.told("life")[0], "nodes stop and begin"));
}

TEST(View, AForeignFirstBlockIsNoForkOfThisChain) {
  const Viewed viewed = view_file("faults-of-the-original/h5_foreign_genesis.yaml");
  EXPECT_EQ(viewed.headline(),
            "A chain with another first block has come in: 3 nodes gave up 5 blocks, all that they "
            "had.");
  EXPECT_TRUE(has(viewed.told("won")[0], "The other first block has won"));
}

TEST(View, ABlockThatMostDoNotHaveYetIsNoFork) {
  const Viewed viewed =
      view(test::scenario_of("duration: 11 s\nnetwork: {nodes: 3, topology: line, latency: 2 s}\n"
                             "mining: {power: none}\nevents: [{at: 10 s, mine: {node: 0}}]\n"));
  EXPECT_TRUE(viewed.forks().empty());
}

TEST(View, EveryScenarioHasItsStory) {
  for (const char* name : {"churn", "eclipse", "one_way_partition", "deep_reorg", "clock_skew",
                           "faults-of-the-original/h5_foreign_genesis", "equivocation"}) {
    const Viewed viewed = view_file(std::string(name) + ".yaml");
    const auto story = sim::tell_story(*viewed.simulator, viewed.records, viewed.forks());
    ASSERT_GE(story.size(), 2u) << name;
    EXPECT_TRUE(std::is_sorted(story.begin(), story.end(),
                               [](const auto& a, const auto& b) { return a.at < b.at; }));
    for (const auto& line : story) {
      EXPECT_LE(line.at, viewed.simulator->now()) << line.text;
      EXPECT_FALSE(line.text.empty());
    }
  }
}

TEST(View, TimesAreWrittenAsOnAClock) {
  const auto at = [](std::int64_t tenths) {
    return chain::kTimeZero + chain::milliseconds(tenths * 100);
  };
  EXPECT_EQ(sim::clock_text(at(0)), "0:00");
  EXPECT_EQ(sim::clock_text(at(12'982)), "21:38.2");
  EXPECT_EQ(sim::clock_text(at(36'000)), "1:00:00");
  EXPECT_EQ(sim::clock_text(at(48'983)), "1:21:38.3");
}

TEST(View, ColumnsArePackedInSevenBitsAByte) {
  sim::PackedColumn column;
  column.push(0);
  column.push(-1);
  column.push(1);
  column.push(300);
  EXPECT_EQ(column.base64(), "AAEC2AQ=");
  sim::PackedColumn steps;
  for (const std::int64_t each : {1'000'000, 1'000'001, 1'000'001}) steps.push_step(each);
  EXPECT_EQ(steps.base64(), "gIl6AgA=");
}

}  // namespace
