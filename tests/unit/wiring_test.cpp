// Links that entries of `nodes` ask for on top of the topology: mesh and peers.
#include "net-sim/wiring.h"

#include <gtest/gtest.h>

#include "tests/support/sim_run.h"

namespace {

using namespace sim;

Wiring wiring_of(const std::string& yaml) {
  auto wiring = draw_wiring(test::scenario_of(yaml), {});
  EXPECT_TRUE(wiring.ok()) << (wiring.ok() ? "" : wiring.error());
  return wiring.ok() ? *wiring : Wiring{};
}

const char kNoLinks[] = "topology: {kind: edges, edges: []}";

TEST(Wiring, AMeshAddsWhatIsMissing) {
  const Wiring wiring =
      wiring_of("network: {nodes: 5, topology: line}\nnodes: [{select: [0, 1, 3], mesh: true}]");
  EXPECT_EQ(wiring.edges, (Edges{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 3}, {1, 3}}));
  EXPECT_TRUE(wiring.notes.empty());
}

TEST(Wiring, PeersComeOnTopOfTopologyAndMesh) {
  const Wiring wiring = wiring_of(
      "network: {nodes: 200, topology: ring}\n"
      "nodes: [{select: 0..4, mesh: true, peers: {min: 70, max: 80}}]");
  const auto degree = degrees_of(200, wiring.edges);
  for (NodeIndex node = 0; node < 5; ++node) {
    EXPECT_GE(degree[node], 70u);
    EXPECT_LE(degree[node], 80u);
  }
  EXPECT_EQ((std::vector<Edge>(wiring.edges.begin(), wiring.edges.begin() + 2)),
            (Edges{{0, 1}, {1, 2}}));
  EXPECT_TRUE(wiring.notes.empty());
}

TEST(Wiring, ASmallNetworkCapsThem) {
  const Wiring wiring = wiring_of(std::string("network: {nodes: 6, ") + kNoLinks +
                                  "}\nnodes: [{select: 2, peers: {min: 700, max: 800}}]");
  EXPECT_EQ(degrees_of(6, wiring.edges), (std::vector<std::uint32_t>{1, 1, 5, 1, 1, 1}));
  EXPECT_EQ(
      wiring.notes,
      (std::vector<std::string>{"nodes: peers up to 800 in a network of 6 nodes: capped at 5"}));
}

TEST(Wiring, WhatCannotBeMetIsANote) {
  // Three nodes of one neighbour each: one is left over.
  const Wiring odd = wiring_of(std::string("network: {nodes: 3, ") + kNoLinks +
                               "}\nnodes: [{select: all, peers: {min: 1, max: 1}}]");
  EXPECT_EQ(odd.edges.size(), 1u);
  EXPECT_EQ(odd.notes, (std::vector<std::string>{
                           "nodes: 1 node with fewer neighbours than the number drawn for "
                           "`peers`: all others have their `max`",
                           "the network starts in 2 pieces, without a link between them"}));
  const Wiring full = wiring_of(
      "network: {nodes: 4, topology: full_mesh}\nnodes: [{select: 0, peers: {min: 1, max: 2}}]");
  EXPECT_EQ(full.notes, (std::vector<std::string>{
                            "nodes: 1 node with more neighbours than the `max` of `peers`, by "
                            "topology and `mesh`"}));
}

TEST(Wiring, TooManyLinksAreRefused) {
  const auto mesh = draw_wiring(
      test::scenario_of("network: {nodes: 100000}\nnodes: [{select: all, mesh: true}]"), {});
  ASSERT_FALSE(mesh.ok());
  EXPECT_EQ(mesh.error(), "`mesh` and `peers` make too many links; expected at most 100000000");
  EXPECT_FALSE(draw_wiring(test::scenario_of("network: {nodes: 100000}\nnodes: [{select: all, "
                                             "peers: {min: 50000, max: 50000}}]"),
                           {})
                   .ok());
}

TEST(Wiring, AGraphInPiecesIsNoted) {
  const Wiring wiring =
      wiring_of("network: {nodes: 50, topology: {kind: erdos_renyi, probability: 0}}");
  EXPECT_EQ(
      wiring.notes,
      (std::vector<std::string>{"the network starts in 50 pieces, without a link between them"}));
  EXPECT_TRUE(wiring_of(std::string("network: {nodes: 9, ") + kNoLinks + "}").notes.empty());
}

TEST(Wiring, PeersLeaveTheTopologyAsItIs) {
  const std::string network = "network: {nodes: 60, topology: {kind: outbound, links: 3}}\n";
  const Edges plain = wiring_of(network).edges;
  const Edges more =
      wiring_of(network + "nodes: [{select: 10 %, peers: {min: 20, max: 30}}]").edges;
  ASSERT_GT(more.size(), plain.size());
  EXPECT_TRUE(std::equal(plain.begin(), plain.end(), more.begin()));
}

}  // namespace
