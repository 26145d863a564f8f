#include "net-sim/expectation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/sim_run.h"

namespace {

using Json = nlohmann::ordered_json;

const Json kReport = {{"digest", "0123456789abcdef"},
                      {"blocks", {{"stale", 3}, {"mined", 20}}},
                      {"stale_rate", {{"of_all", 0.15}, {"of_main_chain", nullptr}}},
                      {"ended_by", "until"},
                      {"bytes_total", 900},
                      {"convergence",
                       {{{"after", "heal"}, {"at_seconds", 10.0}, {"seconds", 4.0}},
                        {{"after", "partition"}, {"at_seconds", 5.0}, {"seconds", nullptr}},
                        {{"after", "heal"}, {"at_seconds", 50.0}, {"seconds", 7.5}}}}};

class ExpectationTest : public testing::Test {
 protected:
  // The entry of one expectation, as a scenario would write it.
  Json judged(const std::string& expectation) {
    const sim::Scenario scenario =
        test::scenario_of("network: {nodes: 3}\nexpect:\n  - " + expectation +
                          "\nevents: [{at: 5 s, for: 5 s, partition: {groups: [[0], rest]}}, {at: "
                          "50 s, heal: all}]\n");
    return sim::judge(
        scenario, kReport, [this](std::uint32_t) -> const auto& { return tracker_; })[0];
  }
  bool met(const std::string& expectation) { return judged(expectation)["verdict"] == "met"; }

  ExpectationTest() : tracker_((tree_.add_root({}, "genesis"), tree_), 3, 0, 0) {}

  // All agree, one is ahead as the event comes, and the others follow at `end`, if ever.
  void occurs(const std::string& event, double at, std::optional<double> end) {
    const auto time = [](double s) {
      return chain::kTimeZero + chain::milliseconds(std::llround(s * 1000));
    };
    chain::Header header;
    header.height = std::int64_t{tree_.height(tip_)} + 1;
    header.hash.bytes[0] = static_cast<std::uint8_t>(tree_.size());
    tip_ = tree_.add_header(header, tip_, 1);
    tracker_.on_tip(0, tip_, time(at));
    tracker_.on_event(event, time(at));
    if (!end) return;
    for (std::uint32_t node = 1; node < 3; ++node) tracker_.on_tip(node, tip_, time(*end));
  }

  chain::BlockTree tree_;
  chain::BlockId tip_ = 0;
  sim::ConvergenceTracker tracker_;
};

TEST_F(ExpectationTest, BoundsAreStrictButBetweenIncludesItsEnds) {
  EXPECT_TRUE(met("blocks.stale: {below: 4}"));
  EXPECT_FALSE(met("blocks.stale: {below: 3}"));
  EXPECT_TRUE(met("blocks.stale: {above: 2}"));
  EXPECT_FALSE(met("blocks.stale: {above: 3}"));
  EXPECT_TRUE(met("blocks.stale: {between: [3, 20]}"));
  EXPECT_TRUE(met("blocks.stale: {between: [0, 3]}"));
  EXPECT_FALSE(met("blocks.stale: {between: [4, 20]}"));
  EXPECT_TRUE(met("blocks.stale: {equals: 3}"));
  EXPECT_FALSE(met("blocks.stale: {equals: 4}"));
  EXPECT_TRUE(met("ended_by: {equals: until}"));
}

TEST_F(ExpectationTest, SharesAndShortNames) {
  EXPECT_TRUE(met("stale_rate: {below: 16 %}"));
  EXPECT_FALSE(met("stale_rate: {below: 15 %}"));
}

TEST_F(ExpectationTest, WhatWasMeasuredStandsInTheUnitOfTheBound) {
  EXPECT_EQ(judged("stale_rate: {below: 16 %}")["measured"], "15 %");
  EXPECT_EQ(judged("stale_rate: {below: 0.16}")["measured"], "0.15");
  EXPECT_EQ(judged("convergence.0.seconds: {between: [1 s, 1 min]}")["measured"], "4 s");
  EXPECT_EQ(judged("bytes_total: {below: 1 kB}")["measured"], "900 B");
  EXPECT_EQ(judged("blocks.mined: {equals: 20}")["measured"], "20");
}

TEST_F(ExpectationTest, ANullOrNothingNeverMeetsOne) {
  EXPECT_FALSE(met("stale_rate.of_main_chain: {below: 100 %}"));
  EXPECT_EQ(judged("stale_rate.of_main_chain: {below: 100 %}")["measured"], "null");
  EXPECT_FALSE(met("convergence.1.seconds: {above: 0 s}"));
  EXPECT_FALSE(met("convergence.9.seconds: {above: 0 s}"));
}

TEST_F(ExpectationTest, EveryOccurrenceHasToConverge) {
  occurs("partition", 1, std::nullopt);  // another comes before it has an end
  occurs("partition", 2, 5);
  occurs("heal", 10, 14);
  occurs("heal", 50, 57.5);
  EXPECT_TRUE(met("converged: {within: 8 s, after: heal}"));
  EXPECT_FALSE(met("converged: {within: 7 s, after: heal}"));
  EXPECT_EQ(judged("converged: {within: 7 s, after: heal}")["measured"], "7.5 s");
  EXPECT_FALSE(met("converged: {within: 60 min, after: partition}")) << "once it never did";
}

TEST_F(ExpectationTest, WithoutAnEventTheEndCounts) {
  EXPECT_TRUE(met("converged: {depth: 0}"));
  chain::Header header;
  header.height = 1;
  header.hash.bytes[0] = 1;
  tracker_.on_tip(0, tree_.add_header(header, 0, 1), chain::Time{1});
  EXPECT_FALSE(met("converged: {depth: 0}"));
  EXPECT_TRUE(met("converged: {depth: 1}"));
}

TEST_F(ExpectationTest, TheDigest) {
  EXPECT_TRUE(met("digest: 0123456789abcdef"));
  EXPECT_FALSE(met("digest: 0123456789abcdee"));
}

TEST_F(ExpectationTest, PathsReachIntoLists) {
  ASSERT_NE(sim::at_path(kReport, "convergence.2.seconds"), nullptr);
  EXPECT_EQ(*sim::at_path(kReport, "convergence.2.seconds"), 7.5);
  EXPECT_EQ(sim::at_path(kReport, "convergence.x"), nullptr);
  EXPECT_EQ(sim::at_path(kReport, "convergence.99999999999999999999"), nullptr);
  EXPECT_EQ(sim::at_path(kReport, "blocks.stale.more"), nullptr);
}

}  // namespace
