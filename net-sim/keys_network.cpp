// The tables of `network`: topology, bandwidth and the habits of connections.
#include <set>

#include "core/fixed_math.h"
#include "net-sim/scenario_keys.h"
#include "net-sim/topology.h"

namespace sim {
namespace {

// --- topology ----------------------------------------------------

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
       {"file",
        Kind::file,
        {required(field("path", &T::path, text("the path of a file"),
                        "GraphML or an edge list, relative to the scenario"))}}},
      check_topology);
}

// --- bandwidth, connections --------------------------------------

Codec<Bandwidth> bandwidth_codec() {
  using B = Bandwidth;
  return object<B>("bandwidth", {field("up", &B::up, rate(), "of each node's uplink"),
                                 field("down", &B::down, rate(), "of each node's downlink"),
                                 field("model", &B::model,
                                       words<B::Model>({{"shared", B::Model::shared},
                                                        {"per_link", B::Model::per_link},
                                                        {"one_upload", B::Model::one_upload}}),
                                       "how messages share it")});
}

Codec<Reconnect> reconnect_codec() {
  using R = Reconnect;
  const auto backoff =
      object<R>("reconnect",
                {field("first", &R::first, duration(kInstant), "before the first try"),
                 field("max", &R::max, duration(kInstant), "between two tries")},
                [](const Value& value, R& into) {
                  into.habit = R::Habit::backoff;
                  if (into.max < into.first)
                    value.fail("a `max` below `first`", "`max` from it up");
                });
  const auto word =
      words<R::Habit>({{"none", R::Habit::none}, {"of_protocol", R::Habit::of_protocol}});
  return {[=](const Value& value) {
            if (value.is_map()) return backoff.read(value);
            if (!value.is_text())
              value.fail(value.described(), "`none` or {first: 1 s, max: 2 min}");
            R into;
            into.habit = word.read(value);
            return into;
          },
          [=](const R& from) {
            return from.habit == R::Habit::backoff ? backoff.write(from) : word.write(from.habit);
          },
          {{"anyOf", {word.schema, backoff.schema}}}};
}

Field<NetworkSection> nodes_field() {
  auto nodes = field("nodes", &NetworkSection::nodes, count(1, kMaxNodes), "how many");
  nodes.read = [read = nodes.read](const Value& value, NetworkSection& into) {
    read(value, into);
    value.document().nodes = into.nodes;
  };
  return nodes;
}

}  // namespace

void make_whole(const Value& value, std::vector<Share>& shares, const std::string& what) {
  std::int64_t sum = 0;
  for (const Share& each : shares) sum += each.ppb;
  if (sum == kBillion) return;
  const std::string text = quantity_text(Dimension::share, sum);
  if (sum < kBillion / 100 * 99 || sum > kBillion / 100 * 101) {
    value.fail(what + " that sum to " + text, "100 %, or within 1 % of it");
  }
  value.document().notes.push_back(value.where() + ": " + what + " sum to " + text +
                                   " and were scaled to 100 %");
  // By rounding what is taken up to each, so that the whole is exact.
  std::int64_t before = 0, taken = 0;
  for (Share& each : shares) {
    before += each.ppb;
    const auto upto =
        static_cast<std::int64_t>(static_cast<chain::Int128>(before) * kBillion / sum);
    each.ppb = upto - taken;
    taken = upto;
  }
}

Codec<NetworkSection> network_codec() {
  using N = NetworkSection;
  return object<N>(
      "network",
      {nodes_field(), field("topology", &N::topology, topology_codec(), "who is connected to whom"),
       field("latency", &N::latency, distribution_codec("latency", Dimension::time),
             "from one end of a link to the other"),
       field("bandwidth", &N::bandwidth, bandwidth_codec(), "unlimited unless given"),
       field("loss", &N::loss, share(), "of segments; costs retransmission timeouts"),
       field("regions", &N::regions, regions_codec(),
             "nodes divided by place; their matrix is the latency, unless `latency` is given"),
       field("tcp_timeout", &N::tcp_timeout, duration(kInstant),
             "a connection with data unacknowledged for so long is reset"),
       field("dial_timeout", &N::dial_timeout, duration(kInstant),
             "dialling into a cut fails after it"),
       field("reconnect", &N::reconnect, reconnect_codec(),
             "the habit of dialling a lost neighbour again; of_protocol: push_chain has none"),
       field("discovery", &N::discovery, boolean(), "exchange of addresses"),
       field("max_inbound", &N::max_inbound, count64(1, kMaxNodes),
             "connections that others may have to a node; unlimited unless given"),
       field("keepalive", &N::keepalive, duration(kInstant),
             "header_first: the dialler pings after so long a silence"),
       field("max_frame", &N::max_frame, limit_in_bytes(), "the largest message that is sent")},
      resolve_regions);
}

}  // namespace sim
