#include "net-sim/topology.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace {

using namespace sim;
using TopologyKind = Topology::Kind;

Scenario scenario_of(std::uint32_t nodes, TopologyKind kind) {
  Scenario scenario;
  scenario.network.nodes = nodes;
  scenario.network.topology.kind = kind;
  return scenario;
}

std::vector<Edge> built(const Scenario& scenario, std::uint64_t seed = 1) {
  auto edges = build_topology(scenario, chain::Random(seed));
  EXPECT_TRUE(edges.ok()) << (edges.ok() ? "" : edges.error());
  return edges.ok() ? *edges : std::vector<Edge>{};
}

std::vector<std::uint32_t> degrees(std::uint32_t nodes, const std::vector<Edge>& edges) {
  std::vector<std::uint32_t> degree(nodes, 0);
  for (const Edge& edge : edges) {
    ++degree[edge.from];
    ++degree[edge.to];
  }
  return degree;
}

void expect_simple(std::uint32_t nodes, const std::vector<Edge>& edges) {
  std::set<std::pair<NodeIndex, NodeIndex>> seen;
  for (const Edge& edge : edges) {
    ASSERT_LT(edge.from, nodes);
    ASSERT_LT(edge.to, nodes);
    ASSERT_NE(edge.from, edge.to);
    const auto ends = std::pair(std::min(edge.from, edge.to), std::max(edge.from, edge.to));
    ASSERT_TRUE(seen.insert(ends).second) << edge.from << " and " << edge.to << " twice";
  }
}

TEST(Topology, RegularShapes) {
  EXPECT_EQ(built(scenario_of(5, TopologyKind::full_mesh)).size(), 10u);
  EXPECT_EQ(built(scenario_of(5, TopologyKind::line)),
            (std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
  EXPECT_EQ(built(scenario_of(4, TopologyKind::ring)),
            (std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {3, 0}}));
  EXPECT_EQ(built(scenario_of(4, TopologyKind::star)), (std::vector<Edge>{{1, 0}, {2, 0}, {3, 0}}));
  Scenario tree = scenario_of(6, TopologyKind::tree);
  EXPECT_EQ(built(tree), (std::vector<Edge>{{1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 2}}));
}

// 0 1 2
// 3 4 5
// 6
TEST(Topology, AGridWhoseLastRowIsShort) {
  Scenario grid = scenario_of(7, TopologyKind::grid);
  grid.network.topology.columns = 3;
  EXPECT_EQ(built(grid),
            (std::vector<Edge>{{0, 1}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {3, 6}, {4, 5}}));
}

TEST(Topology, OneAndTwoNodes) {
  for (const TopologyKind kind : {TopologyKind::full_mesh, TopologyKind::line, TopologyKind::ring,
                                  TopologyKind::star, TopologyKind::tree}) {
    EXPECT_TRUE(built(scenario_of(1, kind)).empty());
    EXPECT_EQ(built(scenario_of(2, kind)).size(), 1u);
  }
}

TEST(Topology, GivenEdgesStayInOrder) {
  Scenario scenario = scenario_of(4, TopologyKind::edges);
  scenario.network.topology.edges = {{3, 1}, {0, 2}};
  EXPECT_EQ(built(scenario), (std::vector<Edge>{{3, 1}, {0, 2}}));
  EXPECT_EQ(graph_facts(4, built(scenario)).pieces, 2u);
}

TEST(Topology, RandomRegularIsSimpleConnectedAndOfThatDegree) {
  for (std::uint32_t nodes : {2u, 3u, 4u, 5u, 6u, 8u, 9u, 20u, 101u}) {
    for (std::uint32_t degree = nodes == 2 ? 1 : 2; degree < nodes && degree < 24; ++degree) {
      if (nodes * degree % 2 != 0) continue;
      Scenario scenario = scenario_of(nodes, TopologyKind::random_regular);
      scenario.network.topology.degree = degree;
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto edges = built(scenario, seed);
        expect_simple(nodes, edges);
        ASSERT_TRUE(connected(nodes, edges)) << nodes << " nodes, degree " << degree;
        const auto degree_of = degrees(nodes, edges);
        ASSERT_EQ(degree_of, std::vector<std::uint32_t>(nodes, degree));
      }
    }
  }
}

TEST(Topology, RandomRegularOfTenThousand) {
  const auto edges = built(scenario_of(10'000, TopologyKind::random_regular));
  expect_simple(10'000, edges);
  EXPECT_EQ(degrees(10'000, edges), std::vector<std::uint32_t>(10'000, 8));
  EXPECT_TRUE(connected(10'000, edges));
}

// Every pair is equally likely: chi-squared over the 45 pairs of 10 nodes. Its mean is 44 times
// (1 - 3/9), its 0.999999 quantile below 110.
TEST(Topology, RandomRegularFavoursNoPair) {
  Scenario scenario = scenario_of(10, TopologyKind::random_regular);
  scenario.network.topology.degree = 3;
  std::vector<int> count(100, 0);
  const int runs = 3'000;
  for (int seed = 0; seed < runs; ++seed) {
    for (const Edge& edge : built(scenario, static_cast<std::uint64_t>(seed))) {
      ++count[std::min(edge.from, edge.to) * 10 + std::max(edge.from, edge.to)];
    }
  }
  const double expected = runs * 15.0 / 45.0;
  double chi_squared = 0;
  for (NodeIndex a = 0; a < 10; ++a) {
    for (NodeIndex b = a + 1; b < 10; ++b) {
      const double off = count[a * 10 + b] - expected;
      chi_squared += off * off / expected;
    }
  }
  EXPECT_LT(chi_squared, 110);
}

TEST(Topology, ErdosRenyiHasTheNumberOfLinksItShould) {
  // Standard deviations of the number of links: 49 at 0.01 and 0.05 %, 61 at 75 %.
  const struct {
    std::uint32_t nodes;
    Share probability;
    double links, deviation;
  } cases[] = {{1'000, {10'000'000}, 4'995, 70.3},
               {10'000, {50'000}, 2'499.75, 50},
               {200, {750'000'000}, 14'925, 61.1},
               {100'000, {1'000}, 4'999.95, 70.7}};
  for (const auto& each : cases) {
    Scenario scenario = scenario_of(each.nodes, TopologyKind::erdos_renyi);
    scenario.network.topology.probability = each.probability;
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
      const auto edges = built(scenario, seed);
      expect_simple(each.nodes, edges);
      sum += static_cast<double>(edges.size());
    }
    EXPECT_NEAR(sum / 16, each.links, 5 * each.deviation / 4) << each.nodes;
  }
}

TEST(Topology, ErdosRenyiAtItsEnds) {
  Scenario scenario = scenario_of(20, TopologyKind::erdos_renyi);
  scenario.network.topology.probability = Share{0};
  EXPECT_TRUE(built(scenario).empty());
  scenario.network.topology.probability = kWhole;
  EXPECT_EQ(built(scenario).size(), 190u);
  scenario.network.topology.probability.reset();
  scenario.network.topology.mean_degree = Decimal{19 * kBillion};
  EXPECT_EQ(built(scenario).size(), 190u);
}

TEST(Topology, OutboundDialsSoManyAndAcceptsNoMore) {
  Scenario scenario = scenario_of(200, TopologyKind::outbound);
  scenario.network.topology.links = 5;
  scenario.network.topology.max_inbound = 7;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto edges = built(scenario, seed);
    expect_simple(200, edges);
    std::vector<std::uint32_t> out(200, 0), in(200, 0);
    for (const Edge& edge : edges) {
      ++out[edge.from];
      ++in[edge.to];
    }
    EXPECT_EQ(out, std::vector<std::uint32_t>(200, 5));
    EXPECT_LE(*std::max_element(in.begin(), in.end()), 7u);
  }
}

TEST(Topology, OutboundInASmallNetworkEndsAsAFullMesh) {
  Scenario scenario = scenario_of(4, TopologyKind::outbound);
  scenario.network.topology.links = 3;
  const auto edges = built(scenario);
  expect_simple(4, edges);
  EXPECT_EQ(edges.size(), 6u);
}

TEST(Topology, SmallWorldKeepsItsLinksAndScaleFreeIsConnected) {
  Scenario world = scenario_of(100, TopologyKind::small_world);
  const auto edges = built(world);
  expect_simple(100, edges);
  EXPECT_EQ(edges.size(), 200u);
  world.network.topology.rewire = Share{0};
  EXPECT_EQ(degrees(100, built(world)), std::vector<std::uint32_t>(100, 4));
  EXPECT_NE(edges, built(world));

  Scenario free = scenario_of(500, TopologyKind::scale_free);
  const auto grown = built(free);
  expect_simple(500, grown);
  EXPECT_TRUE(connected(500, grown));
  EXPECT_EQ(grown.size(), 10u + 495u * 4u);
  EXPECT_GT(graph_facts(500, grown).max_degree, 40u);  // a hub; of a regular graph none
}

TEST(Topology, DegreesFollowTheirDistribution) {
  Scenario scenario = scenario_of(1'000, TopologyKind::degrees);
  scenario.network.topology.cumulative = {{kBillion / 4}, {kBillion / 4}, kWhole};
  std::vector<std::uint32_t> out(1'000, 0);
  const auto edges = built(scenario);
  expect_simple(1'000, edges);
  for (const Edge& edge : edges) ++out[edge.from];
  EXPECT_NEAR(static_cast<double>(std::count(out.begin(), out.end(), 1u)), 250, 70);
  EXPECT_EQ(std::count(out.begin(), out.end(), 2u), 0);
  EXPECT_NEAR(static_cast<double>(std::count(out.begin(), out.end(), 3u)), 750, 70);
}

// The minimum of connections of a node in "On the Security and Performance of Proof of Work
// Blockchains" (Gervais et al., CCS 2016): uniform in one of six intervals, which are weighted.
std::vector<Share> ccs2016_degrees() {
  const std::uint32_t edges[] = {1, 4, 8, 12, 16, 25, 119};
  const std::int64_t percent[] = {10, 40, 30, 13, 6, 1};
  std::vector<Share> cumulative;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t width = edges[i + 1] - edges[i];
    for (std::int64_t k = 1; k <= width; ++k) {
      cumulative.push_back({(before * width + percent[i] * k) * (kBillion / 100) / width});
    }
    before += percent[i];
  }
  return cumulative;
}

TEST(Topology, DegreesCanBeWeightedIntervals) {
  Scenario scenario = scenario_of(10'000, TopologyKind::degrees);
  scenario.network.topology.cumulative = ccs2016_degrees();
  ASSERT_EQ(scenario.network.topology.cumulative.size(), 118u);
  const auto edges = built(scenario);
  expect_simple(10'000, edges);
  EXPECT_TRUE(connected(10'000, edges));
  std::vector<std::uint32_t> out(10'000, 0);
  for (const Edge& edge : edges) ++out[edge.from];
  const auto between = [&](std::uint32_t low, std::uint32_t high) {
    return static_cast<double>(std::count_if(
        out.begin(), out.end(), [&](std::uint32_t d) { return d >= low && d < high; }));
  };
  EXPECT_NEAR(between(1, 4), 1'000, 150);  // five standard deviations
  EXPECT_NEAR(between(4, 8), 4'000, 245);
  EXPECT_NEAR(between(8, 12), 3'000, 230);
  EXPECT_NEAR(between(12, 16), 1'300, 170);
  EXPECT_NEAR(between(16, 25), 600, 120);
  EXPECT_NEAR(between(25, 119), 100, 50);
}

TEST(Topology, AMillionNodesOfFewLinksAreNotTooMany) {
  Topology degrees;
  degrees.kind = TopologyKind::degrees;
  degrees.cumulative = ccs2016_degrees();
  EXPECT_EQ(topology_problem(degrees, 1'000'000), "");
  degrees.cumulative.assign(200, Share{});
  degrees.cumulative.back() = kWhole;
  EXPECT_EQ(topology_problem(degrees, 1'000'000),
            "a topology of 200000000 links; expected at most 100000000");
}

TEST(Topology, TheSeedDecidesAndNothingElse) {
  for (const TopologyKind kind :
       {TopologyKind::random_regular, TopologyKind::erdos_renyi, TopologyKind::outbound,
        TopologyKind::small_world, TopologyKind::scale_free}) {
    const Scenario scenario = scenario_of(60, kind);
    EXPECT_EQ(built(scenario, 7), built(scenario, 7));
    EXPECT_NE(built(scenario, 7), built(scenario, 8));
  }
}

TEST(Topology, WhatCannotBeIsSaid) {
  const auto problem = [](std::uint32_t nodes, TopologyKind kind, auto change) {
    Scenario scenario = scenario_of(nodes, kind);
    change(scenario.network.topology);
    const auto edges = build_topology(scenario, chain::Random(1));
    return edges.ok() ? "" : edges.error();
  };
  EXPECT_EQ(problem(8, TopologyKind::random_regular, [](Topology&) {}),
            "degree 8 in a network of 8 nodes; expected at most 7");
  EXPECT_EQ(problem(9, TopologyKind::random_regular, [](Topology& t) { t.degree = 3; }),
            "degree 3 in a network of 9 nodes; expected an even one, since nodes times degree is "
            "even");
  EXPECT_EQ(problem(10, TopologyKind::outbound, [](Topology& t) { t.max_inbound = 2; }),
            "max_inbound 2 in a network of 10 nodes; expected at least as many as `links`");
  EXPECT_EQ(problem(10, TopologyKind::small_world, [](Topology& t) { t.neighbours = 3; }),
            "neighbours 3 in a network of 10 nodes; expected an even number");
  EXPECT_EQ(problem(1'000'000, TopologyKind::full_mesh, [](Topology&) {}),
            "a topology of 499999500000 links; expected at most 100000000");
}

TEST(GraphFacts, CountPiecesAndDegrees) {
  const GraphFacts facts = graph_facts(6, {{0, 1}, {2, 1}, {3, 4}});
  EXPECT_EQ(facts.pieces, 3u);
  EXPECT_EQ(facts.min_degree, 0u);
  EXPECT_EQ(facts.max_degree, 2u);
  EXPECT_FALSE(connected(6, {{0, 1}}));
  EXPECT_TRUE(connected(1, {}));
}

}  // namespace
