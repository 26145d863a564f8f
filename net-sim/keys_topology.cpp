// The table of `network.topology`: kinds of graphs, and what each needs to be drawn.
#include <filesystem>
#include <set>

#include "net-sim/scenario_keys.h"
#include "net-sim/topology.h"
#include "net-sim/topology_file.h"

namespace sim {
namespace {

void check_edges(const Value& value, const std::vector<std::pair<NodeIndex, NodeIndex>>& edges) {
  std::set<std::pair<NodeIndex, NodeIndex>> seen;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const auto [from, to] = edges[i];
    if (from == to) {
      value.items()[i].fail("a link of node " + std::to_string(from) + " to itself", "two nodes");
    }
    if (!seen.insert(std::minmax(from, to)).second) {
      value.items()[i].fail(
          "a second link between " + std::to_string(from) + " and " + std::to_string(to),
          "each link once");
    }
  }
}

Field<Topology> edges_field() {
  const auto codec =
      list_of(pair_of(node_index(), "two nodes, [dialler, dialled]"), 0, "a list of [from, to]");
  auto edges = field("edges", &Topology::edges, codec, "[dialler, dialled] of each link");
  edges.read = [codec](const Value& value, Topology& into) {
    into.edges = codec.read(value);
    check_edges(value, into.edges);
  };
  return required(edges);
}

Field<Topology> cumulative_field() {
  const auto codec = list_of(probability(), 1, "a list of shares");
  auto cumulative =
      field("cumulative", &Topology::cumulative, codec,
            "the share of nodes with at most 1, 2, … outbound links; the last is all");
  cumulative.read = [codec](const Value& value, Topology& into) {
    into.cumulative = codec.read(value);
    if (!std::is_sorted(into.cumulative.begin(), into.cumulative.end())) {
      value.fail("shares that fall", "ascending shares");
    }
    if (into.cumulative.back() != kWhole) value.fail("a last share below 100 %", "100 %");
  };
  return required(cumulative);
}

// Reads the file, too. Where the scenario does not say how many nodes there are, the file does.
Field<Topology> path_field() {
  auto path = field("path", &Topology::path, text("the path of a file"),
                    "GraphML or an edge list, relative to the scenario");
  path.read = [read = path.read](const Value& value, Topology& into) {
    read(value, into);
    Document& document = value.document();
    const std::string file =
        (std::filesystem::path(document.file).parent_path() / into.path).string();
    auto graph = read_topology_file(file);
    if (!graph) {
      const auto& [line, found, expected] = graph.error();
      if (line == 0) value.fail(in_quotes(file) + ": " + found, expected);
      throw ScenarioError{file + ":" + std::to_string(line) + ": " + found + "; expected " +
                          expected};
    }
    const bool given = Value::nearest(document, "network.nodes").path() == "network.nodes";
    if (given && document.nodes != graph->nodes) {
      value.fail("a file of " + std::to_string(graph->nodes) + " nodes for a network of " +
                     std::to_string(document.nodes),
                 "as many, or no `network.nodes`");
    }
    document.nodes = graph->nodes;
    for (const std::string& note : graph->notes) document.notes.push_back(file + ": " + note);
    into.edges = std::move(graph->edges);
    into.own = std::move(graph->own);
  };
  return required(path);
}

void check_topology(const Value& value, const Topology& topology) {
  if (topology.kind == Topology::Kind::erdos_renyi && value.is_map()) {
    const auto members = value.members();
    const auto has = [&](const char* key) {
      return std::any_of(members.begin(), members.end(), [&](auto& m) { return m.key == key; });
    };
    if (has("probability") && has("mean_degree")) {
      value.fail("both `probability` and `mean_degree`", "one of them");
    }
  }
  const std::string problem = topology_problem(topology, value.document().nodes);
  if (!problem.empty()) throw ScenarioError{value.where() + ": " + problem};
}

}  // namespace

Codec<Topology> topology_codec() {
  using T = Topology;
  using Kind = T::Kind;
  const auto many = count(1, kMaxNodes);
  return kinds<T, Kind>(
      "topology", &T::kind,
      {{"random_regular",
        Kind::random_regular,
        {field("degree", &T::degree, many, "links of every node")}},
       {"full_mesh", Kind::full_mesh, {}},
       {"line", Kind::line, {}},
       {"ring", Kind::ring, {}},
       {"star", Kind::star, {}},
       {"grid", Kind::grid, {required(field("columns", &T::columns, many, "nodes in a row"))}},
       {"tree", Kind::tree, {field("arity", &T::arity, many, "children of a node")}},
       {"outbound",
        Kind::outbound,
        {field("links", &T::links, many, "how many others each node dials"),
         field("max_inbound", &T::max_inbound, many, "how many a node accepts")}},
       {"erdos_renyi",
        Kind::erdos_renyi,
        {field("probability", &T::probability, probability(), "of each possible link"),
         field("mean_degree", &T::mean_degree, decimal({0}, {kMaxNodes * kBillion}),
               "or the links of a node on average")}},
       {"small_world",
        Kind::small_world,
        {field("neighbours", &T::neighbours, count(2, kMaxNodes), "on the ring; an even number"),
         field("rewire", &T::rewire, probability(), "the share of links that lead elsewhere")}},
       {"scale_free",
        Kind::scale_free,
        {field("attach", &T::attach, many, "links of each node that joins")}},
       {"degrees", Kind::degrees, {cumulative_field()}},
       {"edges", Kind::edges, {edges_field()}},
       {"file", Kind::file, {path_field()}}},
      check_topology);
}

}  // namespace sim
