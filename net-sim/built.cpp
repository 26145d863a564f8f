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

const std::vector<Feature>& features() {
  using S = Scenario;
  static const std::vector<Feature> all = {
      {"topology from a file", "network.topology", "another kind",
       [](const S& s) { return s.network.topology.kind == Topology::Kind::file; }},
  };
  return all;
}

const std::vector<ElementFeature<NodeOverride>>& node_features() {
  using N = NodeOverride;
  static const char* const kBuilt = "another key";
  static const std::vector<ElementFeature<N>> all = {
      {"a node's number of peers", "peers", kBuilt, [](const N& n) { return n.peers.has_value(); }},
      {"mesh", "mesh", kBuilt, [](const N& n) { return n.mesh; }},
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
  return first_in("nodes", scenario.nodes, node_features());
}

}  // namespace sim
