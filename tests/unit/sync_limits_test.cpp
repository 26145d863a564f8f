// The table of limits, and what a scenario says of them.
#include "core/sync_limits.h"

#include <gtest/gtest.h>

#include <algorithm>

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

// The messages with headers of a run, announcements aside.
class HeaderPages final : public sim::Observer {
 public:
  void sent(Time, sim::StreamId, const Message& message, std::uint64_t bytes, bool) override {
    if (message.type != MessageType::headers || message.count() < 2) return;
    largest_ = std::max(largest_, bytes);
    most_ = std::max(most_, message.count());
  }
  std::uint64_t largest() const { return largest_; }
  std::uint32_t most() const { return most_; }

 private:
  std::uint64_t largest_ = 0;
  std::uint32_t most_ = 0;  // headers
};

// Two halves as above. Checks that they agree and send no message larger than a frame.
HeaderPages pages_of_a_deep_fork(const std::string& frame) {
  HeaderPages pages;
  const auto run = sim::Simulator::create(scenario(
      "seed: 3\nduration: 3 h\nchain: {block_interval: 10 s, block_size: 1 kB}\n"
      "network: {nodes: 2, topology: line, latency: 20 ms" +
      frame +
      "}\noptions: {node: {low_work_depth: 8}, header_first: {headers_per_page: 12, "
      "announced_headers: 1}}\n"
      "events:\n  - {at: 1 min, for: 2 h, partition: {groups: [0, rest], sockets: reset}}\n"
      "  - {at: 2.5 h, stop_mining: all}\n"));
  EXPECT_TRUE(run.ok()) << run.error();
  (*run)->watch(pages);
  (*run)->run({});
  EXPECT_EQ((*run)->chain(0).tip(), (*run)->chain(1).tip()) << frame;
  EXPECT_GT((*run)->tree().height((*run)->chain(0).tip()), 300u) << frame;
  EXPECT_EQ((*run)->links().ledger().over_max_frame, sim::Traffic{}) << frame;
  return pages;
}

// The largest page of the run without a frame limit is twelve headers.
TEST(SyncLimits, ADeepForkHealsWhereTheFrameLimitCutsThePages) {
  const HeaderPages whole = pages_of_a_deep_fork("");
  ASSERT_EQ(whole.most(), 12u);
  for (const std::uint64_t size : {whole.largest() - 1, whole.largest(), whole.largest() + 1}) {
    const HeaderPages pages = pages_of_a_deep_fork(", max_frame: " + std::to_string(size) + " B");
    if (size < whole.largest()) {
      EXPECT_LT(pages.largest(), whole.largest());
    } else {
      EXPECT_EQ(pages.largest(), whole.largest());
    }
  }
  EXPECT_LT(pages_of_a_deep_fork(", max_frame: 2 kB").most(), whole.most());
}

}  // namespace
