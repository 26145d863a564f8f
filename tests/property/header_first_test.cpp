// What header_first promises, on networks of every kind: the cost of a block, of coming late, and
// how soon a network agrees again.
#include <gtest/gtest.h>

#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

using chain::MessageType;

std::uint64_t count(const sim::Simulator& run, MessageType type) {
  return run.metrics().messages()[static_cast<std::size_t>(type)].count;
}

const char* const kTopologies[] = {
    "line",
    "star",
    "ring",
    "full_mesh",
    "{kind: tree, arity: 3}",
    "{kind: random_regular, degree: 4}",
    "{kind: erdos_renyi, mean_degree: 5}",
    "{kind: small_world, neighbours: 4, rewire: 20 %}",
};

std::string quiet_network(const std::string& topology, const std::string& relay, int seed) {
  return "seed: " + std::to_string(seed) + "\nprotocol: header_first\nrelay: " + relay +
         "\nduration: 5 min\nmining: {power: none}\nnetwork:\n  nodes: 24\n  topology: " +
         topology + "\nevents: [{at: 1 min, mine: {node: 3}}]\n";
}

// One block in a network at rest: each other node gets the body once, each link carries at most one
// announcement in each direction.
TEST(HeaderFirstProperty, ABlockCostsOneBodyANode) {
  for (const std::string topology : kTopologies) {
    for (int seed = 1; seed <= test::scaled(10); ++seed) {
      for (const std::string relay : {"inv", "headers"}) {
        const auto run = test::run(quiet_network(topology, relay, seed));
        const std::uint64_t reached = run->metrics().found()[0].reached;
        const auto type = relay == "inv" ? MessageType::inv : MessageType::headers;
        ASSERT_EQ(count(*run, MessageType::blocks), reached) << topology << ' ' << relay << seed;
        ASSERT_EQ(count(*run, MessageType::get_blocks), reached) << topology << relay << seed;
        ASSERT_LE(count(*run, type), 2 * run->edges().size()) << topology << ' ' << relay << seed;
        ASSERT_EQ(count(*run, MessageType::get_headers), 0u) << topology << ' ' << relay << seed;
      }
    }
  }
}

TEST(HeaderFirstProperty, PushedBodiesCrossALinkOnceEachWayAtMost) {
  for (const std::string topology : kTopologies) {
    for (int seed = 1; seed <= test::scaled(10); ++seed) {
      const auto run = test::run(quiet_network(topology, "block", seed));
      const std::uint64_t nodes = run->metrics().found()[0].reached + 1;
      const std::uint64_t links = run->edges().size();
      ASSERT_GE(count(*run, MessageType::blocks), nodes - 1) << topology << seed;
      ASSERT_LE(count(*run, MessageType::blocks), 2 * links - nodes + 1) << topology << seed;
      ASSERT_EQ(count(*run, MessageType::get_blocks), 0u) << topology << seed;
    }
  }
}

// A mesh of five with 100 blocks: the sixth costs little more than bodies and headers.
TEST(HeaderFirstProperty, ALateJoinerCostsWhatItLacks) {
  const std::string before =
      "protocol: header_first\nduration: 4 min\nchain: {block_size: 340 B}\n"
      "mining: {power: none}\nnetwork:\n  nodes: 6\n  topology: {kind: edges, edges: [[0, 1],"
      " [0, 2], [0, 3], [0, 4], [1, 2], [1, 3], [1, 4], [2, 3], [2, 4], [3, 4]]}\n"
      "events:\n  - {from: 10 s, every: 1 s, times: 100, mine: {node: 0}}\n";
  std::string joins;
  for (int peer = 0; peer < 5; ++peer) {
    joins += "  - {at: 3 min, connect: {from: 5, to: " + std::to_string(peer) + "}}\n";
  }
  const auto without = test::run(before);
  const auto with = test::run(before + joins);
  const chain::BlockId tip = with->chain(5).tip();
  ASSERT_EQ(with->tree().height(tip), 100u);
  const std::uint64_t least = with->tree().chain_bytes(tip) - with->tree().block_bytes(0) +
                              with->tree().info(tip).chain_header_bytes;
  const std::uint64_t cost = with->metrics().bytes_total() - without->metrics().bytes_total();
  EXPECT_LE(cost * 100, least * 115) << cost << " bytes, " << least << " at least";
}

// Nobody mines after the heal: the heavier chain wins all the same, within a keepalive period, the
// recovery of the streams (two minutes and a dial that fails) and a few round trips.
TEST(HeaderFirstProperty, AgreesAfterAPartitionWithoutAnotherBlock) {
  for (const std::string sockets : {"silent", "reset"}) {
    for (const std::string relay : {"inv", "headers", "block"}) {
      for (int seed = 1; seed <= test::scaled(20); ++seed) {
        const auto run = test::run(
            "seed: " + std::to_string(seed) + "\nprotocol: header_first\nrelay: " + relay +
            "\nduration: 50 min\nchain: {block_interval: 20 s}\nnetwork:\n  nodes: 20\n"
            "  keepalive: 5 min\n  topology: {kind: random_regular, degree: 4}\nevents:\n"
            "  - {at: 5 min, partition: {groups: [50 %, rest], sockets: " +
            sockets +
            "}}\n"
            "  - {at: 20 min, stop_mining: all}\n  - {at: 21 min, heal: all}\n");
        ASSERT_EQ(run->metrics().convergence().distinct_tips(), 1u) << sockets << relay << seed;
        chain::BlockId best = 0;
        for (const auto& found : run->metrics().found()) {
          if (run->tree().work(found.block) > run->tree().work(best)) best = found.block;
        }
        const chain::BlockId tip = run->chain(0).tip();
        ASSERT_EQ(run->tree().work(tip), run->tree().work(best)) << sockets << relay << seed;
        const chain::Time last = run->metrics().tips().back().at;
        ASSERT_LT(last,
                  chain::kTimeZero + chain::minutes(21) + chain::minutes(5) + chain::seconds(140))
            << sockets << relay << seed;
      }
    }
  }
}

TEST(HeaderFirstProperty, AMixedNetworkAgrees) {
  for (int seed = 1; seed <= test::scaled(20); ++seed) {
    const auto run =
        test::run("seed: " + std::to_string(seed) +
                  "\nprotocol: {push_chain: 50 %, header_first: 50 %}\nduration: 20 min\n"
                  "chain: {rules: tutorial, block_interval: 20 s}\nnetwork:\n  nodes: 16\n"
                  "  topology: {kind: random_regular, degree: 4}\nevents:\n"
                  "  - {at: 18 min, stop_mining: all}\n  - {at: 19 min, mine: {node: 0}}\n");
    std::uint32_t lowest = ~0u, highest = 0;
    for (sim::NodeIndex node = 0; node < 16; ++node) {
      lowest = std::min(lowest, run->tree().height(run->chain(node).tip()));
      highest = std::max(highest, run->tree().height(run->chain(node).tip()));
    }
    ASSERT_LE(highest - lowest, 1u) << seed;
  }
}

TEST(HeaderFirstProperty, DiscoveryFindsMorePeers) {
  const auto run = test::run(
      "protocol: header_first\nduration: 5 min\nmining: {power: none}\nnetwork:\n  nodes: 20\n"
      "  topology: line\n  discovery: true\nevents: [{at: 3 min, mine: {node: 0}}]\n");
  EXPECT_GT(run->links().size() / 2, 40u);
  EXPECT_EQ(run->metrics().found()[0].reached, 19u);
}

}  // namespace
