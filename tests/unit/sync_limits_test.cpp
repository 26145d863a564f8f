// The table of limits, and what a scenario says of them.
#include "core/sync_limits.h"

#include <gtest/gtest.h>

#include "net-sim/node_options.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/simulator.h"

namespace {

using namespace chain;

sim::Scenario scenario(const std::string& text) {
  const auto read = sim::read_scenario_text(text, "test.yaml");
  EXPECT_TRUE(read.ok()) << read.error();
  return *read;
}

TEST(SyncLimits, EachRowIsAMemberOfItsOwn) {
  for (const SyncLimitRow& row : sync_limit_rows()) {
    for (const std::int64_t value : {row.min, row.max}) {
      SyncLimits limits;
      set_limit(limits, row, value);
      for (const SyncLimitRow& other : sync_limit_rows()) {
        const std::int64_t expected =
            &other == &row ? value : limit_value(kDefaultSyncLimits, other);
        EXPECT_EQ(limit_value(limits, other), expected) << row.name << " " << other.name;
      }
    }
    EXPECT_LE(row.min, limit_value(kDefaultSyncLimits, row)) << row.name;
    EXPECT_GE(row.max, limit_value(kDefaultSyncLimits, row)) << row.name;
  }
}

TEST(SyncLimits, AreKeysOfTheNetworkAndOfSomeNodes) {
  const sim::Scenario read = scenario(
      "network: {nodes: 3}\noptions: {header_first: {body_timeout: 5 s}, node: {low_work_depth: "
      "9}}\n"
      "nodes: [{select: 1, options: {header_first: {headers_per_page: 6}}}]\n");
  const auto options = sim::node_options(read, {});
  for (const auto& each : options) {
    EXPECT_EQ(each.limits->body_timeout, seconds(5));
    EXPECT_EQ(each.limits->low_work_depth, 9u);
  }
  EXPECT_EQ(options[0].limits->headers_per_page, kMaxHeaders);
  EXPECT_EQ(options[1].limits->headers_per_page, 6u);
  EXPECT_EQ(options[0].limits, options[2].limits) << "one set, one object";
}

TEST(SyncLimits, AreRefusedBeyondTheirBounds) {
  for (const char* text :
       {"options: {header_first: {headers_per_page: 2001}}",
        "options: {header_first: {headers_per_page: 0}}", "options: {node: {low_work_depth: 0}}",
        "options: {header_first: {low_work_depth: 3}}", "options: {nodes: {}}"}) {
    EXPECT_FALSE(sim::read_scenario_text(text, "test.yaml").ok()) << text;
  }
  EXPECT_TRUE(
      sim::read_scenario_text("options: {header_first: {headers_per_page: 2000}}", "t").ok());
}

// Two halves, apart for long, with pages and a depth of a few blocks: both passes, in both sizes.
TEST(SyncLimits, ADeepForkHealsWithPagesOfAnySize) {
  for (const char* sizes : {"6, 2000", "2000, 6", "1, 1", "6, 6"}) {
    const std::string text(sizes);
    const auto comma = text.find(',');
    const auto run = sim::Simulator::create(scenario(
        "seed: 3\nduration: 3 h\nchain: {block_interval: 10 s, block_size: 1 kB}\n"
        "network: {nodes: 2, topology: line, latency: 20 ms}\noptions: {node: {low_work_depth: "
        "8}}\n"
        "nodes:\n  - {select: 0, options: {header_first: {headers_per_page: " +
        text.substr(0, comma) +
        "}}}\n  - {select: 1, options: {header_first: {headers_per_page:" + text.substr(comma + 1) +
        "}}}\nevents:\n  - {at: 1 min, for: 2 h, partition: {groups: [0, rest], sockets: reset}}\n"
        "  - {at: 2.5 h, stop_mining: all}\n"));
    ASSERT_TRUE(run.ok()) << run.error();
    (*run)->run({});
    EXPECT_EQ((*run)->chain(0).tip(), (*run)->chain(1).tip()) << sizes;
    EXPECT_GT((*run)->tree().height((*run)->chain(0).tip()), 300u) << sizes;
  }
}

}  // namespace
