#include "net-sim/built.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace sim {
namespace {

// A feature of the scenario as a whole.
struct Feature {
  const char* name;
  const char* path;
  const char* expected;
  std::function<bool(const Scenario&)> asked;
};

// A feature of one element of a list; `key` is the key that asks for it.
template <typename T>
struct ElementFeature {
  const char* name;
  const char* key;
  const char* expected;
  std::function<bool(const T&)> asked;
};

bool draws(const Distribution& d, Distribution::Kind kind) { return d.kind == kind; }

const std::vector<Feature>& features() {
  using S = Scenario;
  using D = Distribution::Kind;
  static const std::vector<Feature> all = {
      {"block_size by quantiles", "chain.block_size", "constant, uniform, exponential or lognormal",
       [](const S& s) { return draws(s.chain.block_size, D::quantiles); }},
      {"block_size by a Pareto law", "chain.block_size",
       "constant, uniform, exponential or lognormal",
       [](const S& s) { return draws(s.chain.block_size, D::pareto); }},
      {"topology from a file", "network.topology", "another kind",
       [](const S& s) { return s.network.topology.kind == Topology::Kind::file; }},
      {"latency by quantiles", "network.latency", "constant, uniform, exponential or lognormal",
       [](const S& s) { return draws(s.network.latency, D::quantiles); }},
      {"latency by a Pareto law", "network.latency", "constant, uniform, exponential or lognormal",
       [](const S& s) { return draws(s.network.latency, D::pareto); }},
      {"latency by regions", "network.latency", "constant, uniform, exponential or lognormal",
       [](const S& s) { return draws(s.network.latency, D::regions); }},
      {"bandwidth model", "network.bandwidth.model", "`shared`",
       [](const S& s) { return s.network.bandwidth.model != Bandwidth::Model::shared; }},
      {"loss", "network.loss", "0 %", [](const S& s) { return s.network.loss.ppb != 0; }},
      {"regions", "network.regions", "no `regions`",
       [](const S& s) { return s.network.regions.has_value(); }},
      {"max_frame", "network.max_frame", "`unlimited`",
       [](const S& s) { return s.network.max_frame != kUnlimited; }},
      {"a preset of powers", "mining.power", "equal, none, a list or zipf",
       [](const S& s) { return s.mining.power == MiningSection::Power::preset; }},
      {"`links`", "links", "a `link` event", [](const S& s) { return !s.links.empty(); }},
  };
  return all;
}

const std::vector<ElementFeature<NodeOverride>>& node_features() {
  using N = NodeOverride;
  static const char* const kBuilt = "select, power, protocol, relay, up, down or behaviour";
  static const std::vector<ElementFeature<N>> all = {
      {"a node's region", "region", kBuilt, [](const N& n) { return n.region.has_value(); }},
      {"a node's number of peers", "peers", kBuilt, [](const N& n) { return n.peers.has_value(); }},
      {"mesh", "mesh", kBuilt, [](const N& n) { return n.mesh; }},
  };
  return all;
}

const std::vector<ElementFeature<Event>>& event_features() {
  using E = Event;
  const auto change = [](const E& e) { return std::get_if<LinkChange>(&e.action); };
  const auto cut = [](const E& e) { return std::get_if<Partition>(&e.action); };
  static const std::vector<ElementFeature<E>> all = {
      {"a one-way partition", "partition.one_way", "a cut of both directions",
       [=](const E& e) { return cut(e) != nullptr && cut(e)->one_way; }},
      {"a one-way link change", "link.one_way", "a change of both directions",
       [=](const E& e) { return change(e) != nullptr && change(e)->one_way; }},
      {"loss on a link", "link.loss", "latency or cut",
       [=](const E& e) { return change(e) != nullptr && change(e)->loss; }},
      {"bandwidth of a link", "link.bandwidth", "latency or cut",
       [=](const E& e) { return change(e) != nullptr && change(e)->bandwidth; }},
  };
  return all;
}

template <typename T>
std::optional<NotBuilt> first_in(const std::string& list, const std::vector<T>& elements,
                                 const std::vector<ElementFeature<T>>& table) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    for (const auto& feature : table) {
      if (!feature.asked(elements[i])) continue;
      return NotBuilt{feature.name, list + "." + std::to_string(i) + "." + feature.key,
                      feature.expected};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<NotBuilt> first_not_built(const Scenario& scenario) {
  for (const Feature& feature : features()) {
    if (feature.asked(scenario)) return NotBuilt{feature.name, feature.path, feature.expected};
  }
  if (auto found = first_in("nodes", scenario.nodes, node_features())) return found;
  return first_in("events", scenario.events, event_features());
}

}  // namespace sim
