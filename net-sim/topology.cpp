#include "net-sim/topology.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_set>

#include "core/check.h"
#include "core/fixed_math.h"

namespace sim {
namespace {

using chain::Random;
using Edges = std::vector<Edge>;
using Kind = Topology::Kind;

constexpr int kMaxTries = 100;                    // of a random graph that must be in one piece
constexpr std::uint64_t kMaxLinks = 100'000'000;  // 8 bytes each, before any node has a byte

// Which links exist already. Asked for membership only; never iterated.
class LinkSet {
 public:
  bool add(NodeIndex a, NodeIndex b) { return links_.insert(key(a, b)).second; }
  bool has(NodeIndex a, NodeIndex b) const { return links_.count(key(a, b)) > 0; }
  void remove(NodeIndex a, NodeIndex b) { links_.erase(key(a, b)); }

 private:
  static std::uint64_t key(NodeIndex a, NodeIndex b) {
    const auto [low, high] = std::minmax(a, b);
    return std::uint64_t{low} << 32 | high;
  }
  std::unordered_set<std::uint64_t> links_;
};

NodeIndex draw_node(Random& random, std::uint32_t nodes) {
  return static_cast<NodeIndex>(random.below(nodes));
}

template <typename T>
void shuffle(std::vector<T>& all, Random& random) {
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
}

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

// --- random shapes -----------------------------------------------

// The pairing model: every node has `degree` ends, paired at random. A pair that makes a loop or a
// double link is repaired by exchanging its ends with those of a random link, which keeps degrees.
Edges pair_ends(std::uint32_t nodes, std::uint32_t degree, Random& random) {
  std::vector<NodeIndex> ends;
  ends.reserve(std::size_t{nodes} * degree);
  for (NodeIndex a = 0; a < nodes; ++a) ends.insert(ends.end(), degree, a);
  shuffle(ends, random);
  LinkSet links;
  Edges edges, bad;
  for (std::size_t i = 0; i < ends.size(); i += 2) {
    const Edge edge{ends[i], ends[i + 1]};
    const bool good = edge.from != edge.to && links.add(edge.from, edge.to);
    (good ? edges : bad).push_back(edge);
  }
  for (std::uint64_t tries = 0; !bad.empty(); ++tries) {
    if (edges.empty() || tries > 1000 + 100 * std::uint64_t{nodes}) return {};
    const Edge odd = bad.back();
    Edge& other = edges[random.below(edges.size())];
    const Edge first{odd.from, other.from}, second{odd.to, other.to};
    if (first.from == first.to || second.from == second.to) continue;
    if (links.has(first.from, first.to) || links.has(second.from, second.to)) continue;
    if (first == second || (first.from == second.to && first.to == second.from)) continue;
    links.remove(other.from, other.to);
    links.add(first.from, first.to);
    links.add(second.from, second.to);
    other = first;
    edges.push_back(second);
    bad.pop_back();
  }
  return edges;
}

// Which pairs are *not* linked, when most are: of degree n - 1 - degree.
Edges complement(std::uint32_t nodes, const Edges& edges) {
  LinkSet links;
  for (const Edge& edge : edges) links.add(edge.from, edge.to);
  Edges others;
  for (const Edge& edge : full_mesh(nodes)) {
    if (!links.has(edge.from, edge.to)) others.push_back(edge);
  }
  return others;
}

chain::Result<Edges> random_regular(std::uint32_t nodes, std::uint32_t degree, Random& random) {
  const bool dense = degree > nodes / 2;
  const std::uint32_t drawn = dense ? nodes - 1 - degree : degree;
  for (int tries = 0; tries < kMaxTries; ++tries) {
    Edges edges = pair_ends(nodes, drawn, random);
    if (edges.size() != std::size_t{nodes} * drawn / 2) continue;
    if (dense) edges = complement(nodes, edges);
    if (degree < 2 || connected(nodes, edges)) return edges;
  }
  return chain::Error{"no connected random_regular graph of degree " + std::to_string(degree) +
                      " on " + std::to_string(nodes) + " nodes in " + std::to_string(kMaxTries) +
                      " tries; expected another degree or seed"};
}

// -ln(1 - p) in Q60; below one half by the series p + p^2/2 + p^3/3 + …, exact where p is tiny.
chain::Uint128 minus_ln_of_miss_q60(Share p) {
  const auto in_q60 = [](std::int64_t ppb) {
    return (static_cast<chain::Uint128>(ppb) << 60) / static_cast<std::uint64_t>(kBillion);
  };
  if (p.ppb > kBillion / 2) {
    const auto miss = static_cast<std::uint64_t>(in_q60(kBillion - p.ppb) << 4);
    return static_cast<chain::Uint128>(chain::minus_ln_q32(miss)) << 28;
  }
  const chain::Uint128 x = in_q60(p.ppb);
  chain::Uint128 sum = 0, power = x;
  for (unsigned k = 1; power != 0; ++k) {
    sum += power / k;
    power = (power * x) >> 60;
  }
  return sum;
}

// Each pair with the same probability, jumping from link to link: the gap is geometric (Batagelj
// and Brandes 2005), so the cost is one draw a link.
Edges erdos_renyi(std::uint32_t nodes, Share probability, Random& random) {
  if (probability == kWhole) return full_mesh(nodes);
  Edges edges;
  if (probability.ppb == 0) return edges;
  const chain::Uint128 rate = minus_ln_of_miss_q60(probability);
  std::uint64_t a = 1, b = 0;  // the pair (a, b), b < a, row by row
  while (a < nodes) {
    const auto draw = static_cast<chain::Uint128>(random.exponential_q32());
    b += static_cast<std::uint64_t>((draw << 28) / rate);
    while (a < nodes && b >= a) {
      b -= a;
      ++a;
    }
    if (a >= nodes) break;
    edges.push_back({static_cast<NodeIndex>(a), static_cast<NodeIndex>(b)});
    ++b;
    if (b >= a) {
      b = 0;
      ++a;
    }
  }
  return edges;
}

Share link_probability(const Topology& topology, std::uint32_t nodes) {
  if (topology.probability) return *topology.probability;
  if (nodes < 2) return {};
  return {std::min(kBillion, topology.mean_degree.billionths / std::int64_t{nodes - 1})};
}

// Each node in random order dials so many others, drawn among those that still accept.
chain::Result<Edges> dial_others(const std::vector<std::uint32_t>& wanted,
                                 std::uint32_t max_inbound, Random& random) {
  const auto nodes = static_cast<std::uint32_t>(wanted.size());
  LinkSet links;
  Edges edges;
  std::vector<std::uint32_t> inbound(nodes, 0), degree(nodes, 0);
  std::vector<NodeIndex> order(nodes), open(nodes);  // open: those that still accept
  std::iota(order.begin(), order.end(), NodeIndex{0});
  std::iota(open.begin(), open.end(), NodeIndex{0});
  shuffle(order, random);
  for (const NodeIndex from : order) {
    std::size_t passed = 0;  // candidates moved to the end of `open`, as not for this node
    for (std::uint32_t made = 0; made < wanted[from];) {
      if (degree[from] == nodes - 1) break;  // linked with everyone, by their dialling too
      if (passed == open.size()) {
        return chain::Error{"node " + std::to_string(from) + " finds only " + std::to_string(made) +
                            " of " + std::to_string(wanted[from]) +
                            " nodes to dial; expected more `max_inbound` or fewer `links`"};
      }
      const std::size_t pick = random.below(open.size() - passed);
      const NodeIndex to = open[pick];
      const std::size_t last = open.size() - 1 - passed;
      std::swap(open[pick], open[last]);
      if (to == from || !links.add(from, to)) {
        ++passed;
        continue;
      }
      edges.push_back({from, to});
      ++made;
      ++degree[from];
      ++degree[to];
      if (++inbound[to] == max_inbound) {
        std::swap(open[last], open.back());
        open.pop_back();
      } else {
        ++passed;
      }
    }
  }
  return edges;
}

// A ring where each node knows its nearest; each link is then led elsewhere with some probability
// (Watts and Strogatz 1998).
Edges small_world(std::uint32_t nodes, const Topology& topology, Random& random) {
  Edges edges;
  LinkSet links;
  for (std::uint32_t step = 1; step <= topology.neighbours / 2; ++step) {
    for (NodeIndex a = 0; a < nodes; ++a) {
      const NodeIndex b = (a + step) % nodes;
      if (a != b && links.add(a, b)) edges.push_back({a, b});
    }
  }
  for (Edge& edge : edges) {
    const bool moves = random.below(kBillion) < static_cast<std::uint64_t>(topology.rewire.ppb);
    if (!moves) continue;
    const NodeIndex to = draw_node(random, nodes);
    if (to == edge.from || links.has(edge.from, to)) continue;
    links.remove(edge.from, edge.to);
    links.add(edge.from, to);
    edge.to = to;
  }
  return edges;
}

// Who comes later links to those who have many links (Barabási and Albert 1999): a random end of a
// random link is a node drawn by its degree.
Edges scale_free(std::uint32_t nodes, std::uint32_t attach, Random& random) {
  Edges edges = full_mesh(std::min(nodes, attach + 1));
  std::vector<NodeIndex> ends;
  for (const Edge& edge : edges) ends.insert(ends.end(), {edge.from, edge.to});
  for (NodeIndex a = attach + 1; a < nodes; ++a) {
    std::vector<NodeIndex> chosen;
    while (chosen.size() < attach) {
      const NodeIndex b = ends[random.below(ends.size())];
      if (std::find(chosen.begin(), chosen.end(), b) == chosen.end()) chosen.push_back(b);
    }
    for (const NodeIndex b : chosen) {
      edges.push_back({a, b});
      ends.insert(ends.end(), {a, b});
    }
  }
  return edges;
}

// How many others each node dials: 1 with the first share, up to 2 with the second, …
std::vector<std::uint32_t> draw_degrees(std::uint32_t nodes, const std::vector<Share>& cumulative,
                                        Random& random) {
  std::vector<std::uint32_t> degrees;
  for (NodeIndex a = 0; a < nodes; ++a) {
    const Share draw{static_cast<std::int64_t>(random.below(kBillion))};
    const auto above = std::upper_bound(cumulative.begin(), cumulative.end(), draw);
    const auto degree = static_cast<std::uint32_t>(above - cumulative.begin()) + 1;
    degrees.push_back(std::min(degree, nodes - 1));
  }
  return degrees;
}

// --- pieces ------------------------------------------------------

NodeIndex root_of(std::vector<NodeIndex>& parent, NodeIndex a) {
  while (parent[a] != a) a = parent[a] = parent[parent[a]];
  return a;
}

std::uint64_t links_of(const Topology& topology, std::uint32_t nodes) {
  const std::uint64_t n = nodes, pairs = n * (n - 1) / 2;
  switch (topology.kind) {
    case Kind::full_mesh:
      return pairs;
    case Kind::random_regular:
      return n * topology.degree / 2;
    case Kind::outbound:
      return n * topology.links;
    case Kind::small_world:
      return n * topology.neighbours / 2;
    case Kind::scale_free:
      return n * topology.attach;
    case Kind::degrees:
      return n * topology.cumulative.size();
    case Kind::erdos_renyi:
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
  if (topology.kind == Kind::random_regular) {
    if (above(topology.degree)) return refuse("degree", topology.degree, fewer);
    if ((std::uint64_t{nodes} * topology.degree) % 2 != 0) {
      return refuse("degree", topology.degree, "an even one, since nodes times degree is even");
    }
    if (topology.degree == 1 && nodes > 2) {
      return refuse("degree", 1, "2 or more, to be in one piece");
    }
  }
  if (topology.kind == Kind::outbound) {
    if (above(topology.links)) return refuse("links", topology.links, fewer);
    if (topology.max_inbound < topology.links) {
      return refuse("max_inbound", topology.max_inbound, "at least as many as `links`");
    }
  }
  if (topology.kind == Kind::small_world) {
    if (above(topology.neighbours)) return refuse("neighbours", topology.neighbours, fewer);
    if (topology.neighbours % 2 != 0) {
      return refuse("neighbours", topology.neighbours, "an even number");
    }
  }
  if (topology.kind == Kind::scale_free && above(topology.attach)) {
    return refuse("attach", topology.attach, fewer);
  }
  if (links_of(topology, nodes) > kMaxLinks) {
    return "a topology of " + std::to_string(links_of(topology, nodes)) +
           " links; expected at most " + std::to_string(kMaxLinks);
  }
  return "";
}

chain::Result<std::vector<Edge>> build_topology(const Scenario& scenario, chain::Random random) {
  const Topology& t = scenario.network.topology;
  const std::uint32_t nodes = scenario.network.nodes;
  if (const std::string problem = topology_problem(t, nodes); !problem.empty()) {
    return chain::Error{problem};
  }
  switch (t.kind) {
    case Kind::full_mesh:
      return full_mesh(nodes);
    case Kind::line:
      return line(nodes);
    case Kind::ring:
      return ring(nodes);
    case Kind::star:
      return star(nodes);
    case Kind::grid:
      return grid(nodes, t.columns);
    case Kind::tree:
      return tree(nodes, t.arity);
    case Kind::random_regular:
      return random_regular(nodes, t.degree, random);
    case Kind::erdos_renyi:
      return erdos_renyi(nodes, link_probability(t, nodes), random);
    case Kind::small_world:
      return small_world(nodes, t, random);
    case Kind::scale_free:
      return scale_free(nodes, t.attach, random);
    case Kind::outbound:
      return dial_others(std::vector<std::uint32_t>(nodes, t.links), t.max_inbound, random);
    case Kind::degrees: {
      const auto degrees = draw_degrees(nodes, t.cumulative, random);
      return dial_others(degrees, nodes, random);
    }
    case Kind::edges: {
      Edges edges;
      for (const auto& [from, to] : t.edges) edges.push_back({from, to});
      return edges;
    }
    case Kind::file:
      break;
  }
  return chain::Error{"a topology from a file; expected another kind"};
}

GraphFacts graph_facts(std::uint32_t nodes, const std::vector<Edge>& edges) {
  std::vector<NodeIndex> parent(nodes);
  std::iota(parent.begin(), parent.end(), NodeIndex{0});
  std::vector<std::uint32_t> degree(nodes, 0);
  GraphFacts facts{nodes, 0, 0};
  for (const Edge& edge : edges) {
    CHECK(edge.from < nodes && edge.to < nodes);
    ++degree[edge.from];
    ++degree[edge.to];
    const NodeIndex a = root_of(parent, edge.from);
    const NodeIndex b = root_of(parent, edge.to);
    if (a == b) continue;
    parent[a] = b;
    --facts.pieces;
  }
  if (nodes == 0) return facts;
  const auto [least, most] = std::minmax_element(degree.begin(), degree.end());
  facts.min_degree = *least;
  facts.max_degree = *most;
  return facts;
}

}  // namespace sim
