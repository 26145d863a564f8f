// What the events of a scenario do, watched from outside: a few nodes, a few events, and where
// everyone stands in the end.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim_run.h"

namespace {

std::uint32_t height_of(const sim::Simulator& simulator, sim::NodeIndex node) {
  return simulator.tree().height(simulator.chain(node).tip());
}

std::size_t found_between(const sim::Simulator& simulator, int from_minutes, int to_minutes) {
  const auto& found = simulator.metrics().found();
  return static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [&](const auto& block) {
    return block.found >= chain::kTimeZero + chain::minutes(from_minutes) &&
           block.found < chain::kTimeZero + chain::minutes(to_minutes);
  }));
}

TEST(Scenarios, QuietWaitsForDialsAndRedials) {
  const std::string network =
      "mining: {power: none}\nuntil: quiet\nnetwork: {nodes: 2, latency: 50 ms, "
      "reconnect: {first: 1 s, max: 2 min}, topology: ";
  const auto dialled = test::run(network +
                                 "{kind: edges, edges: []}}\nevents:\n"
                                 "  - {at: 10 s, mine: {node: 0, blocks: 3}}\n"
                                 "  - {at: 20 s, connect: {from: 0, to: 1}}\n");
  EXPECT_EQ(height_of(*dialled, 1), 3u);
  const auto redialled =
      test::run(network +
                "line}\nevents:\n"
                "  - {at: 10 s, partition: {groups: [[0], [1]], sockets: reset}}\n"
                "  - {at: 20 s, mine: {node: 0, blocks: 3}}\n"
                "  - {at: 60 s, heal: all}\n");
  EXPECT_EQ(height_of(*redialled, 1), 3u);
}

TEST(Scenarios, QuietDoesNotWaitForWhatAResetHasLost) {
  const auto simulator = test::run(
      "mining: {power: none}\nuntil: quiet\nnetwork: {nodes: 2, topology: line, latency: 1 s}\n"
      "events:\n  - {at: 10 s, mine: {node: 0}}\n"
      "  - {at: 10500 ms, partition: {groups: [[0], [1]], sockets: reset}}\n");
  EXPECT_LT(simulator->now(), chain::kTimeZero + chain::seconds(20));
  EXPECT_GT(simulator->links().ledger().lost_to_close.messages, 0u);
}

TEST(Scenarios, TheEndOfAConnectionOvertakesNoBlock) {
  const auto simulator = test::run(
      "duration: 1 min\nmining: {power: none}\nchain: {block_size: 2 MB}\n"
      "network: {nodes: 2, topology: line, latency: 1 s, "
      "bandwidth: {up: 1000 Mbit/s, down: 100 Mbit/s}}\n"
      "events:\n  - {at: 10 s, mine: {node: 0, blocks: 3}}\n"
      "  - {at: 10100 ms, disconnect: {from: 0, to: 1}}\n");
  EXPECT_EQ(height_of(*simulator, 1), 3u);
}

TEST(Scenarios, TheEndOfForRestoresThePowerThatWouldBe) {
  const auto stopped = test::run(
      "duration: 60 min\nnetwork: {nodes: 4, topology: full_mesh}\nevents:\n"
      "  - {at: 1 min, for: 5 min, power: {select: 0, to: 50 %}}\n"
      "  - {at: 3 min, stop_mining: all}\n");
  EXPECT_GT(found_between(*stopped, 0, 3), 0u);
  EXPECT_EQ(found_between(*stopped, 3, 60), 0u);
  const auto back = test::run(
      "duration: 60 min\nnetwork: {nodes: 4, topology: full_mesh}\nevents:\n"
      "  - {at: 1 min, stop_mining: 1..3}\n  - {at: 2 min, for: 10 min, stop_mining: all}\n");
  EXPECT_EQ(found_between(*back, 2, 12), 0u);
  const auto after = static_cast<double>(found_between(*back, 12, 60));
  EXPECT_NEAR(after, 72, 30) << "a quarter of the power: one block in 40 s";
}

TEST(Scenarios, DisconnectClosesAConnectionWhoeverDialled) {
  for (const char* ends : {"{from: 0, to: 2}", "{from: 2, to: 0}"}) {
    const auto simulator = test::run(
        "duration: 1 min\nmining: {power: none}\nnetwork: {nodes: 3, topology: star, latency: 9 "
        "ms}\n"
        "events:\n  - {at: 10 s, disconnect: " +
        std::string(ends) + "}\n  - {at: 20 s, mine: {node: 0}}\n");
    EXPECT_EQ(height_of(*simulator, 1), 1u);
    EXPECT_EQ(height_of(*simulator, 2), 0u) << ends;
  }
}

TEST(Scenarios, ALatencyThatIsSetIsNoDraw) {
  for (int seed = 1; seed <= 5; ++seed) {
    const auto simulator =
        test::run("seed: " + std::to_string(seed) +
                  "\nduration: 10 min\nmining: {power: none}\nnetwork: {nodes: 2, topology: line, "
                  "latency: {kind: exponential, mean: 50 ms, per: message}}\nevents:\n"
                  "  - {at: 1 min, link: {between: [0, 1], latency: 2 s}}\n  - {at: 2 min, mine: "
                  "{node: 0}}\n");
    EXPECT_EQ(simulator->metrics().found().front().to_share[3], chain::seconds(2));
  }
}

TEST(Scenarios, TwoSharesOfALinkAreDifferentNodes) {
  for (int seed = 1; seed <= 5; ++seed) {
    const auto simulator =
        test::run("seed: " + std::to_string(seed) +
                  "\nduration: 10 min\nmining: {power: none}\nnetwork: {nodes: 2, topology: line, "
                  "latency: 9 ms}"
                  "\nevents:\n  - {at: 1 min, link: {between: [50 %, 50 %], latency: 10 s}}\n"
                  "  - {at: 2 min, mine: {node: 0}}\n");
    EXPECT_EQ(simulator->metrics().found().front().to_share[3], chain::seconds(10));
  }
}

TEST(Scenarios, ADialThatACutInterruptsFails) {
  const auto simulator = test::run(
      "duration: 5 min\nmining: {power: none}\n"
      "network: {nodes: 2, topology: {kind: edges, edges: []}, latency: 1 s}\nevents:\n"
      "  - {at: 10 s, connect: {from: 0, to: 1}}\n"
      "  - {at: 11500 ms, partition: {groups: [[0], [1]], sockets: reset}}\n");
  EXPECT_EQ(simulator->links().in_flight(), 0u);
  EXPECT_EQ(simulator->links().signals(), 0u);
}

TEST(Scenarios, NothingOverflowsHoweverSlowAndRare) {
  for (int seed = 1; seed <= 12; ++seed) {
    (void)test::run("seed: " + std::to_string(seed) +
                    "\nduration: 36500 d\nchain: {block_interval: 365 d}\n"
                    "output: {sample_every: 3650 d}\nnetwork: {nodes: 3, topology: line}\n"
                    "events: [{at: 1 s, power: {select: all, to: 0.0000001 %}}]\n");
  }
  const auto slow = test::run(
      "duration: 60 min\nmining: {power: none}\nchain: {block_size: 1 GB}\n"
      "network: {nodes: 2, topology: line, bandwidth: {up: 1 B/s, down: 1 B/s}}\n"
      "events:\n"
      "  - {every: 1 min, times: 30, mine: {node: 0}}\n"
      "  - {at: 1 s, link: {between: [0, 1], latency: x1000000}}\n"
      "  - {at: 2 s, link: {between: [0, 1], latency: x1000000}}\n"
      "  - {at: 3 s, link: {between: [0, 1], latency: x1000000}}\n");
  EXPECT_EQ(height_of(*slow, 1), 0u);
}

TEST(Scenarios, AnExpectationChangesNoMeasure) {
  const std::string yaml =
      "duration: 30 min\nnetwork: {nodes: 12}\nevents:\n"
      "  - {at: 5 min, partition: {groups: [50 %, rest]}}\n  - {at: 15 min, heal: all}\n";
  const auto plain = test::run(yaml);
  const auto deep = test::run(yaml + "expect: [{converged: {depth: 40, after: heal}}]\n");
  const auto took = [](const sim::Simulator& simulator, std::uint32_t depth) {
    return simulator.metrics().convergence(depth).entries().back().took;
  };
  EXPECT_GT(took(*plain, 0), chain::Duration{});
  EXPECT_EQ(took(*plain, 0), took(*deep, 0));
  EXPECT_EQ(took(*deep, 40), chain::Duration{});
}

}  // namespace
