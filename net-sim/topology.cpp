#include "net-sim/topology.h"

#include <algorithm>

#include "net-sim/random_graphs.h"

namespace sim {
namespace {

using TopologyKind = Topology::Kind;

// --- regular shapes ----------------------------------------------

Edges full_mesh(std::uint32_t nodes) {
  Edges edges;
  for (NodeIndex a = 0; a < nodes; ++a) {
    for (NodeIndex b = a + 1; b < nodes; ++b) edges.push_back({a, b});
  }
  return edges;
}

Edges line(std::uint32_t nodes) {
  Edges edges;
  for (NodeIndex a = 1; a < nodes; ++a) edges.push_back({a - 1, a});
  return edges;
}

Edges ring(std::uint32_t nodes) {
  Edges edges = line(nodes);
  if (nodes > 2) edges.push_back({nodes - 1, 0});
  return edges;
}

Edges star(std::uint32_t nodes) {
  Edges edges;
  for (NodeIndex a = 1; a < nodes; ++a) edges.push_back({a, 0});
  return edges;
}

Edges grid(std::uint32_t nodes, std::uint32_t columns) {
  Edges edges;
  for (NodeIndex a = 0; a < nodes; ++a) {
    if ((a + 1) % columns != 0 && a + 1 < nodes) edges.push_back({a, a + 1});
    if (columns < nodes - a) edges.push_back({a, a + columns});
  }
  return edges;
}

Edges tree(std::uint32_t nodes, std::uint32_t arity) {
  Edges edges;
  for (NodeIndex a = 1; a < nodes; ++a) edges.push_back({a, (a - 1) / arity});
  return edges;
}

// --- by the scenario ---------------------------------------------

Share link_probability(const Topology& topology, std::uint32_t nodes) {
  if (topology.probability) return *topology.probability;
  if (nodes < 2) return {};
  return {std::min(kBillion, topology.mean_degree.billionths / std::int64_t{nodes - 1})};
}

// How many `nodes` dial together on average: each one, and with the probability 1 - cumulative[0]
// a second, with 1 - cumulative[1] a third, …
std::uint64_t mean_links(const std::vector<Share>& cumulative, std::uint64_t nodes) {
  chain::Uint128 billionths = 0;
  for (const Share& share : cumulative) {
    billionths += static_cast<std::uint64_t>(kBillion - share.ppb);
  }
  return nodes + static_cast<std::uint64_t>(billionths * nodes / kBillion);
}

std::uint64_t links_of(const Topology& topology, std::uint32_t nodes) {
  const std::uint64_t n = nodes, pairs = n * (n - 1) / 2;
  switch (topology.kind) {
    case TopologyKind::full_mesh:
      return pairs;
    case TopologyKind::random_regular:
      return n * topology.degree / 2;
    case TopologyKind::outbound:
      return n * topology.links;
    case TopologyKind::small_world:
      return n * topology.neighbours / 2;
    case TopologyKind::scale_free:
      return n * topology.attach;
    case TopologyKind::degrees:
      return mean_links(topology.cumulative, n);
    case TopologyKind::erdos_renyi:
      return static_cast<std::uint64_t>(
          static_cast<chain::Uint128>(pairs) *
          static_cast<std::uint64_t>(link_probability(topology, nodes).ppb) / kBillion);
    default:
      return n;
  }
}

}  // namespace

std::string topology_problem(const Topology& topology, std::uint32_t nodes) {
  const auto refuse = [&](const std::string& what, std::uint32_t value,
                          const std::string& expected) {
    return what + " " + std::to_string(value) + " in a network of " + std::to_string(nodes) +
           " nodes; expected " + expected;
  };
  const std::string fewer = "at most " + std::to_string(nodes - 1);
  const auto above = [&](std::uint32_t value) { return value >= nodes; };
  if (topology.kind == TopologyKind::random_regular) {
    if (above(topology.degree)) return refuse("degree", topology.degree, fewer);
    if ((std::uint64_t{nodes} * topology.degree) % 2 != 0) {
      return refuse("degree", topology.degree, "an even one, since nodes times degree is even");
    }
    if (topology.degree == 1 && nodes > 2) {
      return refuse("degree", 1, "2 or more, to be in one piece");
    }
  }
  if (topology.kind == TopologyKind::outbound) {
    if (above(topology.links)) return refuse("links", topology.links, fewer);
    if (topology.max_inbound < topology.links) {
      return refuse("max_inbound", topology.max_inbound, "at least as many as `links`");
    }
  }
  if (topology.kind == TopologyKind::small_world) {
    if (above(topology.neighbours)) return refuse("neighbours", topology.neighbours, fewer);
    if (topology.neighbours % 2 != 0) {
      return refuse("neighbours", topology.neighbours, "an even number");
    }
  }
  if (topology.kind == TopologyKind::scale_free && above(topology.attach)) {
    return refuse("attach", topology.attach, fewer);
  }
  if (links_of(topology, nodes) > kMaxLinks) {
    return "a topology of " + std::to_string(links_of(topology, nodes)) +
           " links; expected at most " + std::to_string(kMaxLinks);
  }
  return "";
}

chain::Result<Edges> build_topology(const Scenario& scenario, chain::Random random) {
  const Topology& t = scenario.network.topology;
  const std::uint32_t nodes = scenario.network.nodes;
  if (const std::string problem = topology_problem(t, nodes); !problem.empty()) {
    return chain::Error{problem};
  }
  switch (t.kind) {
    case TopologyKind::full_mesh:
      return full_mesh(nodes);
    case TopologyKind::line:
      return line(nodes);
    case TopologyKind::ring:
      return ring(nodes);
    case TopologyKind::star:
      return star(nodes);
    case TopologyKind::grid:
      return grid(nodes, t.columns);
    case TopologyKind::tree:
      return tree(nodes, t.arity);
    case TopologyKind::random_regular:
      return random_regular(nodes, t.degree, random);
    case TopologyKind::erdos_renyi:
      return erdos_renyi(nodes, link_probability(t, nodes), random);
    case TopologyKind::small_world:
      return small_world(nodes, t, random);
    case TopologyKind::scale_free:
      return scale_free(nodes, t.attach, random);
    case TopologyKind::outbound:
      return dial_others(std::vector<std::uint32_t>(nodes, t.links), t.max_inbound, random);
    case TopologyKind::degrees: {
      const auto degrees = draw_degrees(nodes, t.cumulative, random);
      return dial_others(degrees, nodes, random);
    }
    case TopologyKind::edges:
    case TopologyKind::file: {
      Edges edges;
      for (const auto& [from, to] : t.edges) edges.push_back({from, to});
      return edges;
    }
  }
  return chain::Error{"an unknown kind of topology; expected another"};
}

}  // namespace sim
