// How long a block takes through networks whose answer is arithmetic: lines, stars and trees of
// equal links, one block, nothing else under way.
//
// With U = bytes/up, D = bytes/down and latency L, a node that has a block whole at t sends it to
// its neighbours in turn; the k-th copy (from 0) is whole on the other side at
//
//   t + k U + L + max(U, D)
//
// since the downlink takes bytes as they come. No two copies meet at one downlink: there are no
// loops, and nobody sends a block back. Times are whole nanoseconds, U and D rounded up.
#include <algorithm>

#include "core/check.h"
#include "net-sim/validate.h"

namespace sim {
namespace {

// What was sent for one block to one neighbour, by the simulator's own count of messages.
std::uint64_t bytes_of_block(const Simulator& simulator) {
  const MessageCount& blocks =
      simulator.metrics().messages()[static_cast<std::size_t>(chain::MessageType::blocks)];
  CHECK(blocks.count > 0);
  return blocks.bytes / blocks.count;
}

std::int64_t rounded_up(std::uint64_t bytes, std::uint64_t rate) {
  return static_cast<std::int64_t>((bytes * kBillion + rate - 1) / rate);
}

// The formula above, from the finder outwards: when each other node has the block, in order.
std::vector<std::int64_t> arrivals(const Simulator& simulator, NodeIndex finder) {
  const NetworkSection& network = simulator.scenario().network;
  const std::uint64_t bytes = bytes_of_block(simulator);
  const std::int64_t up = rounded_up(bytes, network.bandwidth.up);
  const std::int64_t hop =
      network.latency.value + std::max(up, rounded_up(bytes, network.bandwidth.down));
  std::vector<std::vector<NodeIndex>> neighbours(network.nodes);
  for (const Edge& edge : simulator.edges()) {
    neighbours[edge.from].push_back(edge.to);
    neighbours[edge.to].push_back(edge.from);
  }
  std::vector<std::int64_t> at(network.nodes, -1);
  std::vector<NodeIndex> order{finder};
  at[finder] = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::int64_t copies = 0;
    for (const NodeIndex next : neighbours[order[i]]) {
      if (at[next] >= 0) continue;
      at[next] = at[order[i]] + copies++ * up + hop;
      order.push_back(next);
    }
  }
  at.erase(at.begin() + finder);
  std::sort(at.begin(), at.end());
  return at;
}

// Of FoundBlock::to_share; 99 % of so few nodes are all of them.
constexpr std::pair<std::size_t, const char*> kShares[] = {{0, "50 %"}, {1, "90 %"}, {3, "100 %"}};

std::vector<Observed> first_receipts(const Scenario& scenario, const Watch& watch) {
  const auto simulator = run_watched(scenario, watch);
  if (!simulator) return {};
  const FoundBlock& block = simulator->metrics().found().front();
  const std::vector<std::int64_t> exact = arrivals(*simulator, block.finder);
  const auto ranks = share_ranks(block.eligible);
  std::vector<Observed> observed;
  for (const auto& [i, share] : kShares) {
    const Duration expected{exact[ranks[i] - 1]};
    observed.push_back({.value = block.to_share[i].seconds(), .reference = expected.seconds()});
  }
  return observed;
}

Experiment shape(const std::string& name, const std::string& topology, std::uint32_t nodes,
                 NodeIndex finder, const std::string& rates) {
  const std::string topology_word = name.substr(0, name.find('.'));
  const std::string yaml =
      "# When has a block of 100 kB reached everyone on a " + topology_word +
      "?\nduration: 10 min\nrelay: block\nchain: {block_size: 100 kB}\n"
      "network:\n  nodes: " +
      std::to_string(nodes) + "\n  topology: " + topology +
      "\n  latency: 50 ms\n  bandwidth: " + rates +
      "\nmining: {power: none}\nevents:\n  - {at: 1 min, mine: {node: " + std::to_string(finder) +
      "}}\n";
  Experiment experiment{.suite = "propagation",
                        .name = "propagation." + name,
                        .yaml = yaml,
                        .measure = first_receipts};
  for (const auto& [i, share] : kShares) {
    experiment.checks.push_back({.name = "to " + std::string(share),
                                 .unit = FindingUnit::exact_seconds,
                                 .source = "per hop: k U + latency + max(U, D)",
                                 .pool = of_the_only_run});
  }
  return experiment;
}

}  // namespace

std::vector<Experiment> propagation_experiments() {
  const std::string slow_up = "{up: 10 Mbit/s, down: 50 Mbit/s}";
  const std::string slow_down = "{up: 30 Mbit/s, down: 7 Mbit/s}";
  return {shape("line", "line", 60, 0, slow_up),
          shape("line.middle", "line", 61, 20, slow_down),
          shape("star", "star", 60, 0, slow_up),
          shape("star.leaf", "star", 60, 7, slow_down),
          shape("tree", "{kind: tree, arity: 3}", 121, 0, slow_up),
          shape("tree.leaf", "{kind: tree, arity: 3}", 121, 120, slow_down)};
}

}  // namespace sim
