#include "net-sim/random_graphs.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/fixed_math.h"
#include "net-sim/acceptors.h"
#include "net-sim/link_set.h"

namespace sim {
namespace {

using chain::Random;

constexpr int kMaxTries = 100;  // of a random graph that must be in one piece

template <typename T>
void shuffle(std::vector<T>& all, Random& random) {
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
}

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

// The pairs that are *not* linked.
Edges complement(std::uint32_t nodes, const Edges& edges) {
  LinkSet links;
  for (const Edge& edge : edges) links.add(edge.from, edge.to);
  Edges others;
  for (NodeIndex a = 0; a < nodes; ++a) {
    for (NodeIndex b = a + 1; b < nodes; ++b) {
      if (!links.has(a, b)) others.push_back({a, b});
    }
  }
  return others;
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

}  // namespace

chain::Result<Edges> random_regular(std::uint32_t nodes, std::uint32_t degree, Random& random) {
  // Most pairs linked: those that are not are drawn.
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

// Jumping from link to link: the gap is geometric (Batagelj and Brandes 2005), so the cost is one
// draw a link.
Edges erdos_renyi(std::uint32_t nodes, Share probability, Random& random) {
  if (probability == kWhole) return complement(nodes, {});
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

chain::Result<Edges> dial_others(const std::vector<std::uint32_t>& wanted,
                                 std::uint32_t max_inbound, Random& random) {
  const auto nodes = static_cast<std::uint32_t>(wanted.size());
  LinkSet links;
  Edges edges;
  std::vector<std::uint32_t> inbound(nodes, 0), degree(nodes, 0);
  std::vector<NodeIndex> order(nodes);
  std::iota(order.begin(), order.end(), NodeIndex{0});
  shuffle(order, random);
  Acceptors acceptors(nodes);
  for (const NodeIndex from : order) {
    acceptors.begin_dialler();
    for (std::uint32_t made = 0; made < wanted[from];) {
      if (degree[from] == nodes - 1) break;  // linked with everyone, by their dialling too
      const auto to = acceptors.draw(random);
      if (!to) {
        return chain::Error{"node " + std::to_string(from) + " finds only " + std::to_string(made) +
                            " of " + std::to_string(wanted[from]) +
                            " nodes to dial; expected more `max_inbound` or fewer `links`"};
      }
      if (*to == from || !links.add(from, *to)) continue;
      edges.push_back({from, *to});
      ++made;
      ++degree[from];
      ++degree[*to];
      if (++inbound[*to] == max_inbound) acceptors.close_last();
    }
  }
  return edges;
}

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
    const NodeIndex to = static_cast<NodeIndex>(random.below(nodes));
    if (to == edge.from || links.has(edge.from, to)) continue;
    links.remove(edge.from, edge.to);
    links.add(edge.from, to);
    edge.to = to;
  }
  return edges;
}

// A random end of a random link is a node drawn by its degree.
Edges scale_free(std::uint32_t nodes, std::uint32_t attach, Random& random) {
  Edges edges = complement(std::min(nodes, attach + 1), {});
  std::vector<NodeIndex> ends;
  for (const Edge& edge : edges) ends.insert(ends.end(), {edge.from, edge.to});
  std::vector<NodeIndex> chosen, chosen_by(nodes, 0);  // by 0: by nobody, it chooses none
  for (NodeIndex a = attach + 1; a < nodes; ++a) {
    chosen.clear();
    while (chosen.size() < attach) {
      const NodeIndex b = ends[random.below(ends.size())];
      if (std::exchange(chosen_by[b], a) != a) chosen.push_back(b);
    }
    for (const NodeIndex b : chosen) {
      edges.push_back({a, b});
      ends.insert(ends.end(), {a, b});
    }
  }
  return edges;
}

}  // namespace sim
