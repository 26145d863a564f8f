// Who is connected to whom when a run starts: the topology of a scenario, drawn by a seed.
//
// The same scenario and stream give the same links in the same order, on any machine. A graph is
// simple (no link twice, none to oneself) and may be in several pieces: a scenario that starts with
// a lonely node asks a question of its own. Latency and bandwidth of links belong to link.h.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "net-sim/scenario.h"

namespace sim {

struct Edge {
  NodeIndex from = 0, to = 0;  // dialler, dialled
  constexpr auto operator<=>(const Edge&) const = default;
};

// The links, in the order in which they are dialled; or why there is no such graph.
chain::Result<std::vector<Edge>> build_topology(const Scenario& scenario, chain::Random random);

// Why `topology` cannot be built for so many nodes, whatever the seed; empty if it can.
std::string topology_problem(const Topology& topology, std::uint32_t nodes);

// What a person wants to know of a graph.
struct GraphFacts {
  std::uint32_t pieces = 0;  // connected components; 1: connected
  std::uint32_t min_degree = 0, max_degree = 0;
};
GraphFacts graph_facts(std::uint32_t nodes, const std::vector<Edge>& edges);

inline bool connected(std::uint32_t nodes, const std::vector<Edge>& edges) {
  return graph_facts(nodes, edges).pieces <= 1;
}

}  // namespace sim
