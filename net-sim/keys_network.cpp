// The tables of `network`: topology, latency, bandwidth, regions and the habits of connections.
#include <numeric>
#include <set>

#include "net-sim/scenario_keys.h"
#include "net-sim/topology.h"

namespace sim {
namespace {

constexpr std::int64_t kMaxLatency = chain::minutes(1440).ns;

// --- distributions -----------------------------------------------

using DistributionKind = KindOf<Distribution, Distribution::Kind>;

Field<Distribution> per_field() {
  using Per = Distribution::Per;
  return field("per", &Distribution::per,
               words<Per>({{"link", Per::link}, {"message", Per::message}}),
               "drawn once for each link when the network is built, or for each message");
}

// `unit` and `values`: bare numbers are in that unit, which stands in `value` while they are read.
Fields<Distribution> quantile_fields(Dimension dimension, const Codec<std::int64_t>& amount) {
  static constexpr char expected[] = "a list of values from the 0 % to the 100 % quantile";
  auto values = field("values", &Distribution::values, list_of(amount, 2, expected), expected);
  values.read = [=](const Value& value, Distribution& into) {
    if (!value.is_list()) value.fail(value.described(), expected);
    for (const Value& item : value.items()) {
      const auto bare = parse_quantity(item.text_or_fail("a number"), Dimension::number);
      if (bare.ok() && into.value != 0) {
        const auto scaled = static_cast<chain::Int128>(*bare) * into.value / kBillion;
        if (scaled < 0 || scaled > static_cast<chain::Int128>(kMaxBlock)) {
          item.fail(item.described() + " is out of range", "a value from 0 up");
        }
        into.values.push_back(static_cast<std::int64_t>(scaled));
      } else {
        into.values.push_back(amount.read(item));
      }
      if (into.values.size() > 1 && into.values.back() < into.values[into.values.size() - 2]) {
        item.fail(item.described() + " after a larger value", "ascending values");
      }
    }
    into.value = 0;
    if (into.values.size() < 2)
      value.fail("too few quantiles", std::string(expected) + ", at least 2");
  };
  Field<Distribution> unit{"unit",
                           "the unit of the values, such as `kB` or `ms`",
                           false,
                           [=](const Value& value, Distribution& into) {
                             const std::string one = "1 " + value.text_or_fail("a unit");
                             const auto parsed = parse_quantity(one, dimension);
                             if (!parsed) value.fail(parsed.error().found, parsed.error().expected);
                             into.value = *parsed;
                           },
                           [](const Distribution&) { return Json(); },
                           {{"type", "string"}}};
  return {unit, required(values)};
}

std::vector<DistributionKind> distribution_kinds(Dimension dimension) {
  using D = Distribution;
  const bool time = dimension == Dimension::time;
  const auto max = time ? kMaxLatency : kMaxBlock;
  const auto amount = quantity(dimension, 0, max);
  const auto positive = quantity(dimension, 1, max);
  std::vector<DistributionKind> all = {
      {"constant", D::Kind::constant, {required(field("value", &D::value, amount, "the value"))}},
      {"uniform",
       D::Kind::uniform,
       {required(field("min", &D::min, amount, "the least value")),
        required(field("max", &D::max, amount, "the greatest value"))}},
      {"exponential",
       D::Kind::exponential,
       {required(field("mean", &D::mean, positive, "the mean"))}},
      {"lognormal",
       D::Kind::lognormal,
       {required(field("median", &D::median, positive, "the median")),
        required(field("p90", &D::p90, positive, "what 90 % of draws stay below"))}},
      {"pareto",
       D::Kind::pareto,
       {required(field("mean", &D::mean, positive, "the mean")),
        required(field("shape", &D::shape, decimal({kBillion + 1}, {1000 * kBillion}),
                       "the exponent of the tail, above 1"))}},
      {"quantiles", D::Kind::quantiles, quantile_fields(dimension, amount)}};
  if (time) {
    all.push_back({"regions",
                   D::Kind::regions,
                   {unless_empty(field("preset", &D::preset, text("the name of a preset"),
                                       "shares, matrix and bandwidth from scenarios/presets"))}});
    for (auto& each : all) each.fields.push_back(per_field());
  }
  return all;
}

void check_distribution(const Value& value, const Distribution& d) {
  if (d.kind == Distribution::Kind::uniform && d.min > d.max) {
    value.fail("a `min` above its `max`", "`min` up to `max`");
  }
  if (d.kind == Distribution::Kind::lognormal && d.p90 < d.median) {
    value.fail("a `p90` below the `median`", "`p90` from the median up");
  }
}

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

// --- regions, bandwidth ------------------------------------------

Codec<Distribution> region_distribution_codec() {
  using D = Distribution;
  return kinds<D, D::Kind>("distribution", &D::kind,
                           {{"constant", D::Kind::constant, {per_field()}},
                            {"exponential", D::Kind::exponential, {per_field()}},
                            {"pareto",
                             D::Kind::pareto,
                             {field("shape", &D::shape, decimal({0}, {1000 * kBillion}),
                                    "the exponent of the tail; 0: a fifth of the mean in ms"),
                              per_field()}}});
}

void check_regions(const Value& value, Regions& regions) {
  Document& document = value.document();
  document.regions = regions.names;
  document.regions_known = regions.preset.empty() || !regions.names.empty();
  const std::size_t count = regions.names.size();
  if (count == 0 && regions.preset.empty()) {
    value.fail("regions without `names`", "names, or a preset that has them");
  }
  const auto one_each = [&](std::size_t found, const std::string& key) {
    const bool left_to_preset = found == 0 && !regions.preset.empty();
    const bool optional_rate = found == 0 && (key == "up" || key == "down");
    if (count == 0 || found == count || left_to_preset || optional_rate) return;
    value.fail(std::to_string(found) + " values of `" + key + "` for " + std::to_string(count) +
                   " regions",
               "one for each");
  };
  one_each(regions.share.size(), "share");
  one_each(regions.up.size(), "up");
  one_each(regions.down.size(), "down");
  one_each(regions.latency.size(), "latency");
  for (const auto& row : regions.latency) {
    if (row.size() != regions.latency.size()) {
      value.fail("a row of " + std::to_string(row.size()) + " in a `latency` of " +
                     std::to_string(regions.latency.size()) + " rows",
                 "as many columns as rows");
    }
  }
  if (!regions.share.empty()) make_whole(value, regions.share, "shares of regions");
}

Codec<Regions> regions_codec() {
  using R = Regions;
  const auto times = list_of(duration({}, {kMaxLatency}), 1, "a row of durations");
  return object<R>(
      "regions",
      {unless_empty(field("preset", &R::preset, text("the name of a preset"),
                          "a file of scenarios/presets; keys given here override it")),
       unless_empty(field("names", &R::names, list_of(text("a name"), 1, "a list of names"),
                          "of the regions")),
       unless_empty(field("share", &R::share, list_of(share(), 1, "a list of shares"),
                          "of the nodes in each region")),
       unless_empty(field("latency", &R::latency, list_of(times, 1, "a list of rows"),
                          "mean latency: the row sends, the column receives")),
       field("distribution", &R::distribution, region_distribution_codec(), "around the mean"),
       unless_empty(field("up", &R::up, list_of(rate(), 1, "a list of rates"), "uplinks")),
       unless_empty(field("down", &R::down, list_of(rate(), 1, "a list of rates"), "downlinks"))},
      check_regions);
}

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

Codec<Distribution> distribution_codec(const std::string& name, Dimension dimension) {
  const auto inner = kinds<Distribution, Distribution::Kind>(
      name, &Distribution::kind, distribution_kinds(dimension), check_distribution);
  std::vector<std::string> kind_words;
  for (const auto& each : distribution_kinds(dimension)) kind_words.emplace_back(each.word);
  const auto constant = distribution_kinds(dimension).front().fields.front();
  Codec<Distribution> codec = inner;
  codec.schema["anyOf"].push_back(constant.schema);
  codec.read = [=](const Value& value) {
    const bool bare =
        value.is_text() && !value.text().empty() && value.text().find_first_of("0123456789") <= 1;
    if (!bare) {
      const bool word = value.is_text() && near_miss(value.text(), kind_words).empty();
      if (word) value.fail(value.described(), expected_quantity(dimension) + ", or {kind: …}");
      return inner.read(value);
    }
    Distribution into;
    constant.read(value, into);
    return into;
  };
  return codec;
}

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
       field("regions", &N::regions, regions_codec(), "nodes divided by place"),
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
       field("max_frame", &N::max_frame, limit_in_bytes(), "the largest message")});
}

}  // namespace sim
