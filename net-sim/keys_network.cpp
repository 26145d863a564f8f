// The tables of `network`: bandwidth and the habits of connections.
#include "core/fixed_math.h"
#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

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
       field("max_inbound", &N::max_inbound, count(1, kMaxNodes),
             "connections that others may have to a node; unlimited unless given"),
       field("keepalive", &N::keepalive, duration(kInstant),
             "header_first: the dialler pings after so long a silence"),
       field("max_frame", &N::max_frame, limit_in_bytes(), "the largest message that is sent")},
      [](const Value& value, N& network) {
        network.nodes = value.document().nodes;  // a topology file may have told
        resolve_regions(value, network);
      });
}

}  // namespace sim
