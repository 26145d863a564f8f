// What scenarios say of links, as nodes feel it: when a block found at one end is at the other.
#include <gtest/gtest.h>

#include "tests/support/sim_run.h"

namespace {

using chain::Duration;
using chain::milliseconds;
using chain::minutes;
using chain::seconds;

// From the finding of block `i` to its receipt by the last node.
Duration spread(const sim::Simulator& simulator, std::size_t i) {
  return simulator.metrics().found().at(i).to_share[3];
}

// Two nodes of two regions; a block found by each, an hour apart.
std::unique_ptr<sim::Simulator> two_nodes(const std::string& network,
                                          const std::string& rest = "") {
  return test::run(
      "duration: 3 h\nmining: {power: none}\nchain: {block_size: 10 kB}\n"
      "network: {nodes: 2, tcp_timeout: 100 min, " +
      network + "}\nnodes: [{select: 0, region: A}, {select: 1, region: B}]\n" + rest +
      "events:\n"
      "  - {at: 1 h, mine: {node: 0}}\n"
      "  - {at: 2 h, mine: {node: 1}}\n");
}

constexpr char kRegions[] =
    "regions: {names: [A, B], share: [50 %, 50 %], latency: [[1 ms, 100 ms], [200 ms, 1 ms]]}";

TEST(NetworkLinks, TheRowSendsAndTheColumnReceives) {
  const auto simulator = two_nodes(kRegions);
  EXPECT_EQ(spread(*simulator, 0), milliseconds(100));
  EXPECT_EQ(spread(*simulator, 1), milliseconds(200));
}

TEST(NetworkLinks, ChangeAtTheStartInOneDirectionBetweenRegions) {
  const auto simulator = two_nodes(
      kRegions, "links: [{between: [{region: B}, {region: A}], latency: x10, one_way: true}]\n");
  EXPECT_EQ(spread(*simulator, 0), milliseconds(100));
  EXPECT_EQ(spread(*simulator, 1), milliseconds(2000));
}

TEST(NetworkLinks, HaveARateOfTheirOwn) {
  const auto simulator = two_nodes(kRegions, "links: [{between: [0, 1], bandwidth: 10 kB/s}]\n");
  // 10 kB of block in a frame a little longer, after whatever has passed long before.
  EXPECT_GT(spread(*simulator, 0), milliseconds(1100));
  EXPECT_LT(spread(*simulator, 0), milliseconds(1150));
  EXPECT_EQ(spread(*simulator, 1), spread(*simulator, 0) + milliseconds(100));
}

TEST(NetworkLinks, ALinkEventEndsWithItsFor) {
  const auto simulator = test::run(
      "duration: 3 h\nmining: {power: none}\nnetwork: {nodes: 2, latency: 50 ms}\n"
      "events:\n"
      "  - {at: 30 min, for: 1 h, link: {between: [0, 1], bandwidth: 1 kB/s}}\n"
      "  - {at: 1 h, mine: {node: 0}}\n"
      "  - {at: 2 h, mine: {node: 0}}\n");
  EXPECT_GT(spread(*simulator, 0), seconds(20)) << "20 kB at 1 kB/s";
  EXPECT_EQ(spread(*simulator, 1), milliseconds(50));
}

TEST(NetworkLinks, AOneWayPartitionSilencesTheFirstGroupOnly) {
  const auto simulator = test::run(
      "duration: 3 h\nmining: {power: none}\n"
      "network: {nodes: 2, latency: 50 ms, tcp_timeout: 100 min}\n"
      "events:\n"
      "  - {at: 30 min, for: 1 h, partition: {groups: [0, rest], one_way: true}}\n"
      "  - {at: 1 h, mine: {node: 1}}\n"
      "  - {at: 65 min, mine: {node: 0}}\n");
  EXPECT_EQ(spread(*simulator, 0), milliseconds(50));
  EXPECT_GE(spread(*simulator, 1), minutes(25)) << "the heal comes at 90 min";
  EXPECT_LE(spread(*simulator, 1), minutes(27)) << "and the next retransmission after it";
}

// The original never dials again: who times out is gone.
TEST(NetworkLinks, WhoIsHeardAndNeverAcknowledgedGivesUp) {
  const auto simulator = test::run(
      "duration: 3 h\nmining: {power: none}\n"
      "network: {nodes: 2, latency: 50 ms, tcp_timeout: 10 min}\n"
      "events:\n"
      "  - {at: 30 min, for: 1 h, partition: {groups: [0, rest], one_way: true}}\n"
      "  - {at: 1 h, mine: {node: 1}}\n"
      "  - {at: 2 h, mine: {node: 1}}\n");
  EXPECT_EQ(simulator->chain(0).tip(), simulator->metrics().found()[0].block);
  EXPECT_EQ(simulator->chain(1).tip(), simulator->metrics().found()[1].block);
}

TEST(NetworkLinks, AChainAboveTheLimitOfFramesIsNotSent) {
  const std::string yaml =
      "duration: 1 h\nmining: {power: none}\nchain: {block_size: 10 kB}\n"
      "network: {nodes: 2, latency: 50 ms, max_frame: 25 kB}\n"
      "events: [{every: 5 min, times: 4, mine: {node: 0}}]\n";
  const auto simulator = test::run(yaml);
  const sim::TrafficLedger& ledger = simulator->links().ledger();
  sim::Traffic said;
  for (const sim::MessageCount& entry : simulator->metrics().messages()) {
    said += {entry.count, entry.bytes};
  }
  // The answers to blocks 3 and 4, that the other has them: chains of 30 and of 40 kB.
  EXPECT_EQ(ledger.over_max_frame.messages, 2u);
  EXPECT_GT(ledger.over_max_frame.bytes, 70'000u);
  EXPECT_EQ(ledger.delivered, said) << "what was not sent is no traffic";
  EXPECT_EQ(simulator->chain(1).tip(), simulator->chain(0).tip());
}

TEST(NetworkLinks, LossCostsTimeAndNothingElse) {
  const std::string yaml =
      "duration: 4 h\nuntil: quiet\nmining: {power: none}\n"
      "network: {nodes: 30, latency: 50 ms, loss: ";
  const std::string events = "}\nevents: [{every: 5 min, times: 20, mine: {node: 3}}]\n";
  const auto clean = test::run(yaml + "0 %" + events);
  const auto lossy = test::run(yaml + "10 %" + events);
  const sim::TrafficLedger& ledger = lossy->links().ledger();
  EXPECT_EQ(ledger.lost(), sim::Traffic{});
  EXPECT_EQ(ledger.delivered, ledger.sent);
  EXPECT_EQ(lossy->chain(29).tip(), lossy->chain(3).tip());
  for (std::size_t i = 0; i < 20; ++i) EXPECT_GT(spread(*lossy, i), spread(*clean, i)) << i;
}

}  // namespace
