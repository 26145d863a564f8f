// Whatever `mesh` and `peers` ask of whatever topology: the graph stays simple, keeps what it had,
// and every node asked has its number, or could not.
#include <gtest/gtest.h>

#include <set>

#include "net-sim/link_set.h"
#include "net-sim/resolve.h"
#include "net-sim/topology.h"
#include "net-sim/wiring.h"
#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

using namespace sim;

struct Asked {
  std::uint32_t min = 0, max = 0;
};

std::string a_topology(chain::Random& random) {
  static const char* const kTopologies[] = {"ring",
                                            "star",
                                            "{kind: edges, edges: [[0, 1]]}",
                                            "{kind: erdos_renyi, mean_degree: 2}",
                                            "{kind: outbound, links: 1}",
                                            "{kind: random_regular, degree: 2}",
                                            "{kind: degrees, cumulative: [50 %, 100 %]}"};
  return kTopologies[random.below(std::size(kTopologies))];
}

void expect_wired(const Scenario& scenario, std::uint32_t mesh_end, const Asked& asked,
                  std::uint32_t asked_end) {
  const auto wiring = draw_wiring(scenario, {});
  ASSERT_TRUE(wiring.ok()) << wiring.error();
  const std::uint32_t nodes = scenario.network.nodes;
  std::set<std::pair<NodeIndex, NodeIndex>> links;
  for (const Edge& edge : wiring->edges) {
    ASSERT_LT(std::max(edge.from, edge.to), nodes);
    ASSERT_NE(edge.from, edge.to);
    ASSERT_TRUE(links.insert(std::minmax(edge.from, edge.to)).second);
  }
  const auto base = build_topology(scenario, chain::Random(scenario.seed.run, 0, 1));
  ASSERT_TRUE(std::equal(base->begin(), base->end(), wiring->edges.begin()));
  for (NodeIndex a = 0; a < mesh_end; ++a) {
    for (NodeIndex b = a + 1; b < mesh_end; ++b) ASSERT_TRUE(links.count({a, b}));
  }
  Edges before(*base);
  const auto after = wiring->edges.begin() + static_cast<std::ptrdiff_t>(base->size());
  for (auto each = after; each != wiring->edges.end(); ++each) {
    if (each->from < mesh_end && each->to < mesh_end) before.push_back(*each);
  }
  const auto had = degrees_of(nodes, before), has = degrees_of(nodes, wiring->edges);
  for (NodeIndex node = 0; node < asked_end; ++node) {
    // By topology and mesh it may have more; mesh links may also have been dialled for `peers`.
    ASSERT_LE(has[node], std::max(had[node], std::min(asked.max, nodes - 1)));
    if (has[node] >= std::min(asked.min, nodes - 1)) continue;
    for (NodeIndex other = 0; other < nodes; ++other) {  // short: nobody was left to dial
      if (other == node || links.count(std::minmax(node, other))) continue;
      ASSERT_LT(other, asked_end);
      ASSERT_GE(has[other], std::min(asked.max, nodes - 1));
    }
  }
}

TEST(WiringProperty, EveryNodeHasItsNumberOrCouldNot) {
  chain::Random random(31);
  for (int i = 0; i < test::scaled(400); ++i) {
    const auto nodes = static_cast<std::uint32_t>(2 + random.below(60));
    const auto mesh_end = static_cast<std::uint32_t>(random.below(std::min(nodes, 8u)) + 1);
    const auto asked_end = static_cast<std::uint32_t>(random.below(nodes) + 1);
    Asked asked;
    asked.min = static_cast<std::uint32_t>(random.below(20));
    asked.max = asked.min + static_cast<std::uint32_t>(random.below(5)) + 1;
    const std::string topology = a_topology(random);
    const std::string yaml =
        "seed: " + std::to_string(i) + "\nnetwork: {nodes: " + std::to_string(nodes) +
        ", topology: " + (nodes < 4 ? "line" : topology) + "}\nnodes: [{select: 0.." +
        std::to_string(mesh_end - 1) + ", mesh: true}, {select: 0.." +
        std::to_string(asked_end - 1) + ", peers: {min: " + std::to_string(asked.min) +
        ", max: " + std::to_string(asked.max) + "}}]\n";
    SCOPED_TRACE(yaml);
    expect_wired(test::scenario_of(yaml), mesh_end, asked, asked_end);
    if (HasFatalFailure()) return;
  }
}

// Few among many: each has the number it drew, uniform between both ends. Chi-squared over 11
// values, 400 nodes: its 0.999999 quantile with 10 degrees of freedom is 46.9.
TEST(WiringProperty, NumbersAreDrawnUniformly) {
  const auto wiring =
      draw_wiring(test::scenario_of("network: {nodes: 9000, topology: {kind: edges, edges: []}}\n"
                                    "nodes: [{select: 0..399, peers: {min: 10, max: 20}}]"),
                  {});
  ASSERT_TRUE(wiring.ok());
  std::vector<int> count(21, 0);
  const auto degree = degrees_of(9'000, wiring->edges);
  for (NodeIndex node = 0; node < 400; ++node) ++count.at(degree[node]);
  double chi_squared = 0;
  for (std::size_t k = 10; k <= 20; ++k) {
    const double off = count[k] - 400 / 11.0;
    chi_squared += off * off / (400 / 11.0);
  }
  EXPECT_LT(chi_squared, 46.9);
}

// The flat table against the one of the library.
TEST(LinkSetProperty, IsASet) {
  chain::Random random(32);
  for (int round = 0; round < 20; ++round) {
    LinkSet links;
    std::set<std::pair<NodeIndex, NodeIndex>> oracle;
    const std::uint64_t nodes = 2 + random.below(60);
    for (int i = 0; i < test::scaled(3'000); ++i) {
      const auto a = static_cast<NodeIndex>(random.below(nodes));
      const auto b = static_cast<NodeIndex>(random.below(nodes));
      if (a == b) continue;
      const auto key = std::pair(std::minmax(a, b));
      switch (random.below(3)) {
        case 0:
          ASSERT_EQ(links.has(a, b), oracle.count(key) > 0);
          break;
        case 1:
          ASSERT_EQ(links.add(a, b), oracle.insert(key).second);
          break;
        default:
          links.remove(a, b);
          oracle.erase(key);
      }
    }
    for (NodeIndex a = 0; a < nodes; ++a) {
      for (NodeIndex b = a + 1; b < nodes; ++b) {
        ASSERT_EQ(links.has(a, b), oracle.count({a, b}) > 0);
      }
    }
  }
}

}  // namespace
