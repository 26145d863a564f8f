#include "net-sim/wiring.h"

#include <algorithm>

#include "net-sim/acceptors.h"
#include "net-sim/link_set.h"
#include "net-sim/resolve.h"
#include "net-sim/streams.h"
#include "net-sim/topology.h"

namespace sim {
namespace {

// How many neighbours a node wants, and at most takes; who is not asked takes any number.
struct Wish {
  bool asked = false;
  std::uint32_t number = 0, max = 0;
};

std::string nodes_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " node" : " nodes");
}

class Additions {
 public:
  Additions(const Scenario& scenario, const std::vector<std::uint32_t>& regions, Wiring& wiring)
      : scenario_(scenario),
        regions_(regions),
        wiring_(wiring),
        nodes_(scenario.network.nodes),
        degree_(degrees_of(nodes_, wiring.edges)) {
    for (const Edge& edge : wiring.edges) links_.add(edge.from, edge.to);
  }

  // False if that makes too many links.
  bool add_meshes();
  bool add_peers();

 private:
  bool add(NodeIndex from, NodeIndex to) {
    if (from == to || !links_.add(from, to)) return false;
    wiring_.edges.push_back({from, to});
    ++degree_[from];
    ++degree_[to];
    return true;
  }
  std::vector<Wish> draw_wishes();
  void dial(std::vector<Wish>& wishes, std::uint32_t Wish::*limit, chain::Random& random);
  void note_cap(const NodeOverride& entry);
  void note_misses(const std::vector<Wish>& wishes);

  const Scenario& scenario_;
  const std::vector<std::uint32_t>& regions_;
  Wiring& wiring_;
  std::uint32_t nodes_;
  std::vector<std::uint32_t> degree_;
  LinkSet links_;
};

bool Additions::add_meshes() {
  for (std::size_t i = 0; i < scenario_.nodes.size(); ++i) {
    if (!scenario_.nodes[i].mesh) continue;
    const std::vector<NodeIndex> members = overridden_nodes(scenario_, i, regions_);
    const std::uint64_t pairs = std::uint64_t{members.size()} * (members.size() - 1) / 2;
    if (!members.empty() && pairs > kMaxLinks - wiring_.edges.size()) return false;
    for (std::size_t a = 0; a < members.size(); ++a) {
      for (std::size_t b = a + 1; b < members.size(); ++b) add(members[a], members[b]);
    }
  }
  return true;
}

void Additions::note_cap(const NodeOverride& entry) {
  const std::uint32_t others = nodes_ - 1;
  if (entry.peers->second <= others) return;
  wiring_.notes.push_back("nodes: peers up to " + std::to_string(entry.peers->second) +
                          " in a network of " + nodes_text(nodes_) + ": capped at " +
                          std::to_string(others));
}

// Where entries overlap the last one counts, as for any key.
std::vector<Wish> Additions::draw_wishes() {
  std::vector<Wish> wishes(nodes_);
  for (std::size_t i = 0; i < scenario_.nodes.size(); ++i) {
    const NodeOverride& entry = scenario_.nodes[i];
    if (!entry.peers) continue;
    note_cap(entry);
    const std::uint32_t min = std::min(entry.peers->first, nodes_ - 1);
    const std::uint32_t max = std::min(entry.peers->second, nodes_ - 1);
    chain::Random random = stream(scenario_.seed, Stream::neighbours, i + 1);
    for (const NodeIndex node : overridden_nodes(scenario_, i, regions_)) {
      const auto above = static_cast<std::uint32_t>(random.below(std::uint64_t{max - min} + 1));
      wishes[node] = {true, min + above, max};
    }
  }
  return wishes;
}

// Each node that is short of its number dials others, which take it if they have less than `limit`.
void Additions::dial(std::vector<Wish>& wishes, std::uint32_t Wish::*limit, chain::Random& random) {
  const auto full = [&](NodeIndex node) {
    return wishes[node].asked && degree_[node] >= wishes[node].*limit;
  };
  Acceptors acceptors(nodes_);
  for (NodeIndex from = 0; from < nodes_; ++from) {
    if (!wishes[from].asked || degree_[from] >= wishes[from].number) continue;
    acceptors.begin_dialler();
    while (degree_[from] < wishes[from].number) {
      const auto to = acceptors.draw(random);
      if (!to) break;
      if (full(*to)) {
        acceptors.close_last();
      } else {
        add(from, *to);
      }
    }
  }
}

void Additions::note_misses(const std::vector<Wish>& wishes) {
  std::uint64_t fewer = 0, more = 0;
  for (NodeIndex node = 0; node < nodes_; ++node) {
    if (!wishes[node].asked) continue;
    if (degree_[node] < wishes[node].number) ++fewer;
    if (degree_[node] > wishes[node].max) ++more;
  }
  if (fewer > 0) {
    wiring_.notes.push_back("nodes: " + nodes_text(fewer) +
                            " with fewer neighbours than the number drawn for `peers`: all others "
                            "have their `max`");
  }
  if (more > 0) {
    wiring_.notes.push_back("nodes: " + nodes_text(more) +
                            " with more neighbours than the `max` of `peers`, by topology and "
                            "`mesh`");
  }
}

bool Additions::add_peers() {
  std::vector<Wish> wishes = draw_wishes();
  std::uint64_t wanted = wiring_.edges.size();
  for (const Wish& wish : wishes) wanted += wish.number;
  if (wanted > kMaxLinks) return false;
  chain::Random random = stream(scenario_.seed, Stream::neighbours);
  dial(wishes, &Wish::number, random);
  dial(wishes, &Wish::max, random);
  note_misses(wishes);
  return true;
}

// A network in several pieces may be what was drawn; it is seldom what was meant.
void note_pieces(const Scenario& scenario, bool added, Wiring& wiring) {
  if (scenario.network.topology.kind == Topology::Kind::edges && !added) return;
  const GraphFacts facts = graph_facts(scenario.network.nodes, wiring.edges);
  if (facts.pieces <= 1) return;
  wiring.notes.push_back("the network starts in " + std::to_string(facts.pieces) +
                         " pieces, without a link between them");
}

}  // namespace

chain::Result<Wiring> draw_wiring(const Scenario& scenario,
                                  const std::vector<std::uint32_t>& regions) {
  auto edges = build_topology(scenario, stream(scenario.seed, Stream::topology));
  if (!edges) return chain::Error{edges.error()};
  Wiring wiring{std::move(*edges), {}};
  const auto asks = [](const NodeOverride& entry) { return entry.mesh || entry.peers; };
  const bool added = std::any_of(scenario.nodes.begin(), scenario.nodes.end(), asks);
  if (added) {
    Additions additions(scenario, regions, wiring);
    if (!additions.add_meshes() || !additions.add_peers()) {
      return chain::Error{"`mesh` and `peers` make too many links; expected at most " +
                          std::to_string(kMaxLinks)};
    }
  }
  note_pieces(scenario, added, wiring);
  return wiring;
}

}  // namespace sim
