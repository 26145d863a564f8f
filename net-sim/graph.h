// Who is connected to whom, as a list of links, and what a person wants to know of such a list.
//
// A graph is simple: no link twice, none of a node to itself. It may be in several pieces. How one
// is drawn stands in topology.h; what a link is like (latency, bandwidth) in link.h.
#pragma once

#include <cstdint>
#include <vector>

#include "net-sim/scenario.h"

namespace sim {

struct Edge {
  NodeIndex from = 0, to = 0;  // dialler, dialled
  constexpr auto operator<=>(const Edge&) const = default;
};

// In the order in which they are dialled.
using Edges = std::vector<Edge>;

struct GraphFacts {
  std::uint32_t pieces = 0;  // connected components; 1: connected
  std::uint32_t min_degree = 0, max_degree = 0;
};
GraphFacts graph_facts(std::uint32_t nodes, const Edges& edges);

// The number of links of each node.
std::vector<std::uint32_t> degrees_of(std::uint32_t nodes, const Edges& edges);

inline bool connected(std::uint32_t nodes, const Edges& edges) {
  return graph_facts(nodes, edges).pieces <= 1;
}

}  // namespace sim
