// What holds in every run of the simulator: the original's cost to the byte, and that nothing sent
// is lost out of the books.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "core/block_size.h"
#include "core/json_codec.h"
#include "core/wire_size.h"
#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

using chain::MessageType;

// The bodies of a simulation: fillers of the length that the tree has on record.
class Fillers final : public chain::FrameFacts {
 public:
  explicit Fillers(const chain::BlockTree& tree) : tree_(tree) {}
  void append_data_json(chain::BlockId id, std::string& out) const override {
    const std::uint64_t header = tree_.info(id).header_bytes;
    const std::uint64_t empty = chain::data_json_length(chain::Filler{});
    const std::uint64_t length = tree_.block_bytes(id) - header - chain::kDataKeyLength - empty;
    out += chain::encode_data(chain::Filler{length});
  }

 private:
  const chain::BlockTree& tree_;
};

std::string network(const std::string& topology, std::uint32_t nodes, std::uint64_t seed) {
  return "seed: " + std::to_string(seed) + "\nmining: {power: none}\nuntil: quiet\n" +
         "network: {nodes: " + std::to_string(nodes) + ", topology: " + topology +
         ", latency: {kind: uniform, min: 1 ms, max: 900 ms}}\n";
}

// Blocks mined one at a time at rest, by nodes all over the graph.
std::string mined(std::uint32_t nodes, std::uint32_t blocks) {
  std::string events = "events:\n";
  for (std::uint32_t i = 0; i < blocks; ++i) {
    events += "  - {at: " + std::to_string(10 * (i + 1)) +
              " min, mine: {node: " + std::to_string(i * 7919 % nodes) + "}}\n";
  }
  return events;
}

struct Law {
  std::uint64_t queries = 0, latest = 0, chains = 0;
  std::uint64_t query_bytes = 0, latest_bytes = 0, chain_bytes = 0;
};

// What the original costs: six frames a connection when it opens; then, a block, 2E times the block
// and 2E - N + 1 times the chain, each as long as its encoding.
Law law(const sim::Simulator& simulator, std::uint64_t nodes, std::uint32_t blocks) {
  const chain::BlockTree& tree = simulator.tree();
  const Fillers bodies(tree);
  const auto length = [&](const chain::Message& message) {
    return std::uint64_t{chain::encode(message, tree, bodies).size()};
  };
  const std::uint64_t twice = 2 * simulator.edges().size();
  Law law;
  law.queries = law.latest = law.chains = twice;
  law.query_bytes = twice * length(chain::query_latest());
  law.latest_bytes = twice * length(chain::latest_block(0));
  law.chain_bytes = twice * length(chain::whole_chain(0));
  for (std::uint32_t height = 1; height <= blocks; ++height) {
    const chain::BlockId block = tree.ancestor(simulator.chain(0).tip(), height);
    law.latest += twice;
    law.latest_bytes += twice * length(chain::latest_block(block));
    law.chains += twice - nodes + 1;
    law.chain_bytes += (twice - nodes + 1) * length(chain::whole_chain(block));
  }
  return law;
}

void expect_law(const std::string& topology, std::uint32_t nodes, std::uint64_t seed) {
  SCOPED_TRACE(topology + " of " + std::to_string(nodes) + ", seed " + std::to_string(seed));
  constexpr std::uint32_t kBlocks = 4;
  const auto simulator = test::run(network(topology, nodes, seed) + mined(nodes, kBlocks) +
                                   "chain: {block_size: {kind: uniform, min: 0 B, max: 5 kB}}\n");
  if (!sim::connected(nodes, simulator->edges())) return;
  ASSERT_EQ(simulator->tree().height(simulator->chain(0).tip()), kBlocks);
  const Law expected = law(*simulator, nodes, kBlocks);
  const auto& said = simulator->metrics().messages();
  const auto at = [&](MessageType type) { return said[static_cast<std::size_t>(type)]; };
  EXPECT_EQ(at(MessageType::query_latest).count, expected.queries);
  EXPECT_EQ(at(MessageType::query_latest).bytes, expected.query_bytes);
  EXPECT_EQ(at(MessageType::latest_block).count, expected.latest);
  EXPECT_EQ(at(MessageType::latest_block).bytes, expected.latest_bytes);
  EXPECT_EQ(at(MessageType::whole_chain).count, expected.chains);
  EXPECT_EQ(at(MessageType::whole_chain).bytes, expected.chain_bytes);
}

TEST(EchoLaw, HoldsOnPlainGraphsOfManySizes) {
  for (const std::uint32_t nodes : {2u, 3u, 4u, 7u, 16u, 33u}) {
    for (const char* kind : {"line", "star", "full_mesh"}) {
      expect_law(std::string("{kind: ") + kind + "}", nodes, nodes);
    }
    if (nodes > 2) expect_law("{kind: ring}", nodes, nodes);
  }
}

TEST(EchoLaw, HoldsOnRandomGraphs) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    expect_law("{kind: random_regular, degree: 4}", 60, seed);
    expect_law("{kind: erdos_renyi, mean_degree: 6}", 30, seed);
    expect_law("{kind: outbound, links: 3}", 40, seed);
  }
}

// One entry of `nodes` is about the same nodes with each of its keys, whatever the seed.
TEST(NodeOverrides, ARateIsThatOfTheNodesThatHaveThePower) {
  std::string yaml =
      "duration: 200 min\nmining: {power: none}\nchain: {block_size: 20 kB}\n"
      "network: {nodes: 6, topology: full_mesh, latency: 1 ms}\n"
      "nodes: [{select: 50 %, power: 0 %, down: 1 GB/s}, {select: 50 %, power: 0 %, up: 1 kB/s}]\n";
  for (int seed = 1; seed <= 5; ++seed) {
    sim::Scenario scenario = test::scenario_of(yaml + mined(6, 6));
    scenario.seed.run = static_cast<std::uint64_t>(seed);
    const std::vector<sim::NodeIndex> slow = sim::overridden_nodes(scenario, 1, {});
    const auto simulator = test::run(scenario);
    ASSERT_EQ(simulator->metrics().found().size(), 6u);
    for (const sim::FoundBlock& block : simulator->metrics().found()) {
      const bool is_slow = std::count(slow.begin(), slow.end(), block.finder) > 0;
      EXPECT_EQ(block.to_share[0] > chain::seconds(20), is_slow) << block.finder;
    }
  }
}

// Cuts of both kinds, redialling, time-outs: at the end of a run that falls quiet, everything sent
// was delivered or is lost with a closed connection, and samples on the way never go below zero.
void expect_balance(std::uint64_t first_seed, int seeds) {
  sim::Scenario scenario = test::scenario_of(R"(
duration: 60 min
until: quiet
network:
  nodes: 14
  topology: {kind: outbound, links: 2}
  latency: {kind: exponential, mean: 300 ms, per: message}
  bandwidth: {up: 400 kbit/s, down: 2 Mbit/s}
  reconnect: {first: 1 s, max: 20 s}
  tcp_timeout: 10 s
chain: {block_interval: 4 s, block_size: {kind: exponential, mean: 3 kB}}
output: {sample_every: 100 ms}
events:
  - {at: 20 s, for: 40 s, partition: {groups: [50 %, rest]}}
  - {at: 90 s, for: 3 s, partition: {groups: [50 %, rest]}}
  - {at: 100 s, for: 30 s, partition: {groups: [30 %, rest], sockets: reset}}
  - {every: 15 s, from: 140 s, times: 4, for: 7 s, link: {between: [20 %, 0..13], cut: true}}
  - {at: 150 s, disconnect: {from: 3, to: 4}}
  - {at: 230 s, stop_mining: all}
)");
  std::uint64_t lost = 0;
  for (int i = 0; i < seeds; ++i) {
    const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
    scenario.seed.run = seed;
    const auto simulator = test::run(scenario);
    const sim::TrafficLedger& ledger = simulator->links().ledger();
    std::uint64_t said = 0;
    for (const sim::MessageCount& entry : simulator->metrics().messages()) said += entry.count;
    EXPECT_EQ(ledger.sent, (sim::Traffic{said, simulator->metrics().bytes_total()})) << seed;
    EXPECT_EQ(ledger.in_flight(), sim::Traffic{}) << seed;
    for (const sim::SeriesSample& sample : simulator->metrics().series()) {
      ASSERT_LE(sample.in_flight, said) << "at " << sample.at.ns << " ns of seed " << seed;
    }
    lost += ledger.lost().messages;
  }
  EXPECT_GT(lost, 0u);
}

TEST(Books, BalanceInRandomScenarios) { expect_balance(1, test::scaled(40)); }

TEST(LongBooks, BalanceInRandomScenarios) {
  expect_balance(test::fresh_seed(), test::scaled(20'000));
}

}  // namespace
