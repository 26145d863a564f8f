#include "net-sim/graph.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"

namespace sim {
namespace {

NodeIndex root_of(std::vector<NodeIndex>& parent, NodeIndex a) {
  while (parent[a] != a) a = parent[a] = parent[parent[a]];
  return a;
}

}  // namespace

std::vector<std::uint32_t> degrees_of(std::uint32_t nodes, const Edges& edges) {
  std::vector<std::uint32_t> degree(nodes, 0);
  for (const Edge& edge : edges) {
    CHECK(edge.from < nodes && edge.to < nodes);
    ++degree[edge.from];
    ++degree[edge.to];
  }
  return degree;
}

GraphFacts graph_facts(std::uint32_t nodes, const Edges& edges) {
  GraphFacts facts{nodes, 0, 0};
  if (nodes == 0) return facts;
  const std::vector<std::uint32_t> degree = degrees_of(nodes, edges);
  const auto [least, most] = std::minmax_element(degree.begin(), degree.end());
  facts.min_degree = *least;
  facts.max_degree = *most;
  std::vector<NodeIndex> parent(nodes);
  std::iota(parent.begin(), parent.end(), NodeIndex{0});
  for (const Edge& edge : edges) {
    const NodeIndex a = root_of(parent, edge.from);
    const NodeIndex b = root_of(parent, edge.to);
    if (a == b) continue;
    parent[a] = b;
    --facts.pieces;
  }
  return facts;
}

}  // namespace sim
