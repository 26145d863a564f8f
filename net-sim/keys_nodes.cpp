// The tables of `nodes` and `links`: selectors, behaviours and what single links have of their own.
#include <tuple>

#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

constexpr char kSelector[] = "a node `3`, a list `[1, 2]`, a range `10..19`, a share `10 %`, `all`";

void read_regions(const Value& value, Selector& into) {
  const Document& document = value.document();
  const auto add = [&](const Value& name) {
    const std::string& word = name.text_or_fail("the name of a region");
    const auto& known = document.regions;
    if (std::count(known.begin(), known.end(), word) == 0) {
      if (known.empty())
        name.fail("region `" + shown(word) + "`", "`network.regions` that names it");
      name.fail_unknown("unknown region `" + shown(word) + "`", word, known);
    }
    into.regions.push_back(word);
  };
  if (!value.is_list()) return add(value);
  for (const Value& item : value.items()) add(item);
  if (into.regions.empty()) value.fail("a list of 0", "the name of a region, or some");
}

void read_range(const Value& value, std::size_t dots, Selector& into) {
  const auto end = [&](const std::string& text) {
    const auto number = parse_count(text);
    if (!number) value.fail(value.described() + " is not a range", "a range such as `10..19`");
    if (*number >= value.document().nodes) {
      value.fail("node " + text + " of a network of " + std::to_string(value.document().nodes),
                 "0 to " + std::to_string(value.document().nodes - 1));
    }
    return static_cast<NodeIndex>(*number);
  };
  into.kind = Selector::Kind::range;
  into.first = end(value.text().substr(0, dots));
  into.last = end(value.text().substr(dots + 2));
  if (into.first > into.last) value.fail("a range that falls", "the lower end first");
}

Selector read_selector(const Value& value, Rest rest) {
  Selector into;
  if (value.is_map()) {
    const Fields<Selector> region = {{"region", "the name of a region, or a list of them", true,
                                      read_regions, nullptr, nullptr}};
    into.kind = Selector::Kind::region;
    read_fields(value, region, into, "a selector");
    return into;
  }
  if (value.is_list()) {
    into.kind = Selector::Kind::list;
    for (const Value& item : value.items()) into.nodes.push_back(node_index().read(item));
    if (into.nodes.empty()) value.fail("a list of 0", "at least one node");
    return into;
  }
  const std::string& text = value.text_or_fail(kSelector);
  if (text == "all") return into;
  if (text == "rest" && rest == Rest::allowed) {
    into.kind = Selector::Kind::rest;
  } else if (const auto dots = text.find(".."); dots != std::string::npos) {
    read_range(value, dots, into);
  } else if (text.ends_with('%')) {
    into.kind = Selector::Kind::share;
    into.share = share().read(value);
  } else if (parse_count(text).ok()) {
    into.kind = Selector::Kind::list;
    into.nodes = {node_index().read(value)};
  } else {
    value.fail(value.described(),
               std::string(kSelector) + (rest == Rest::allowed ? ", `rest`" : ""));
  }
  return into;
}

Json write_selector(const Selector& selector) {
  switch (selector.kind) {
    case Selector::Kind::list:
      return selector.nodes.size() == 1 ? Json(selector.nodes[0]) : Json(selector.nodes);
    case Selector::Kind::range:
      return std::to_string(selector.first) + ".." + std::to_string(selector.last);
    case Selector::Kind::share:
      return quantity_text(Dimension::share, selector.share.ppb);
    case Selector::Kind::region:
      return {{"region", selector.regions}};
    case Selector::Kind::rest:
      return "rest";
    case Selector::Kind::all:
      break;
  }
  return "all";
}

// --- behaviours --------------------------------------------------

Words<chain::MessageType> message_words() {
  Words<chain::MessageType> all;
  for (std::size_t type = 0; type < chain::kMessageTypes; ++type) {
    all.emplace_back(chain::name_of(static_cast<chain::MessageType>(type)),
                     static_cast<chain::MessageType>(type));
  }
  return all;
}

Codec<Behaviour> behaviour_codec() {
  using B = Behaviour;
  using Kind = B::Kind;
  using Fault = B::Fault;
  const auto some = count(1, 1'000'000);
  return kinds<B, Kind>(
      "behaviour", &B::kind,
      {{"selfish",
        Kind::selfish,
        {field("gamma", &B::gamma, probability(),
               "while the attacker's branch ties, the next honest block builds on it so likely"),
         field("nodes", &B::pool, selector_codec(), "a pool")}},
       {"double_spend",
        Kind::double_spend,
        {field("confirmations", &B::confirmations, some, "blocks that the victim waits for"),
         field("premined", &B::premined, count(0), "blocks that the attacker starts with"),
         field("give_up", &B::give_up, some, "blocks behind"),
         field("attempts", &B::attempts, count64(1, 1'000'000'000), "one after the other")}},
       {"withhold",
        Kind::withhold,
        {required(field("for", &B::hold, duration(kInstant), "how long a block is kept back"))}},
       {"silent", Kind::silent, {}},
       {"announcer", Kind::announcer, {}},
       {"equivocator",
        Kind::equivocator,
        {field("siblings", &B::siblings, count(2, 1000), "blocks at one height")}},
       {"forger",
        Kind::forger,
        {required(field("fault", &B::fault,
                        words<Fault>({{"height", Fault::height},
                                      {"previous_hash", Fault::previous_hash},
                                      {"hash", Fault::hash},
                                      {"merkle_root", Fault::merkle_root},
                                      {"work", Fault::work},
                                      {"time", Fault::time},
                                      {"genesis", Fault::genesis}}),
                        "what is false about its blocks"))}},
       {"flooder",
        Kind::flooder,
        {field("message", &B::message, words<chain::MessageType>(message_words()),
               "by the core's name"),
         field("rate", &B::rate, decimal({1}, {1'000'000 * kBillion}),
               "messages a second, to each peer")}},
       {"eclipser",
        Kind::eclipser,
        {required(field("victim", &B::victim, node_index(), "the node to surround")),
         field("connections", &B::connections, some, "to the victim")}}});
}

// --- overrides ---------------------------------------------------

using PeerLimits = std::pair<std::uint32_t, std::uint32_t>;

Codec<PeerLimits> peers_codec() {
  return object<PeerLimits>(
      "peers",
      {required(field("min", &PeerLimits::first, count(0, kMaxNodes), "the fewest")),
       required(field("max", &PeerLimits::second, count(1, kMaxNodes), "the most"))},
      [](const Value& value, PeerLimits& limits) {
        if (limits.first > limits.second)
          value.fail("a `min` above its `max`", "`min` up to `max`");
      });
}

Codec<NodeOverride> validation_override_codec() {
  using N = NodeOverride;
  return object<N>("validation",
                   {field("per_block", &N::validation_per_block, duration(), "a block"),
                    field("per_MB", &N::validation_per_megabyte, duration(), "1,000,000 bytes")});
}

Field<NodeOverride> validation_field() {
  using N = NodeOverride;
  const auto codec = validation_override_codec();
  return {"validation",
          "the time that blocks cost these nodes",
          false,
          [=](const Value& value, N& into) {
            const N read = codec.read(value);
            into.validation_per_block = read.validation_per_block;
            into.validation_per_megabyte = read.validation_per_megabyte;
          },
          [=](const N& from) {
            Json json = codec.write(from);
            return json.empty() ? Json() : json;
          },
          codec.schema};
}

Field<NodeOverride> region_field() {
  auto region = field("region", &NodeOverride::region, text("the name of a region"), "where");
  region.read = [](const Value& value, NodeOverride& into) {
    Selector checked;
    read_regions(value, checked);
    if (checked.regions.size() != 1) value.fail(value.described(), "one region");
    into.region = checked.regions[0];
  };
  return region;
}

// --- links -------------------------------------------------------

Field<LinkChange> between_field() {
  const auto ends = pair_of(selector_codec(), "two ends, such as [0, 1]");
  return {
      "between",
      "two ends, such as [0, 1]",
      true,
      [=](const Value& value, LinkChange& into) { std::tie(into.a, into.b) = ends.read(value); },
      [=](const LinkChange& from) {
        return ends.write({from.a, from.b});
      },
      ends.schema};
}

// `2 s`, or `x3`: three times what it is.
Field<LinkChange> link_latency_field() {
  const auto absolute = duration({}, chain::minutes(1440));
  return {"latency",
          "`2 s`, or `x3` for three times what it is",
          false,
          [=](const Value& value, LinkChange& into) {
            if (!value.is_text() || !value.text().starts_with('x')) {
              into.latency = absolute.read(value);
              return;
            }
            const auto factor = parse_quantity(value.text().substr(1), Dimension::number);
            if (!factor.ok() || *factor < 0 || *factor > 1'000'000 * kBillion) {
              value.fail(value.described() + " is no factor", "a factor such as `x3` or `x0.5`");
            }
            into.latency_factor = Decimal{*factor};
          },
          [=](const LinkChange& from) {
            if (from.latency) return absolute.write(*from.latency);
            if (!from.latency_factor) return Json();
            return Json("x" + quantity_text(Dimension::number, from.latency_factor->billionths));
          },
          {{"type", Json::array({"string", "integer"})}}};
}

}  // namespace

Codec<Selector> selector_codec(Rest rest) {
  return {[=](const Value& value) { return read_selector(value, rest); },
          write_selector,
          {{"type", Json::array({"integer", "string", "array", "object"})}}};
}

Codec<NodeOverride> node_override_codec() {
  using N = NodeOverride;
  const auto most = kMaxDuration;
  return object<N>(
      "nodes",
      {required(field("select", &N::select, selector_codec(), kSelector)), region_field(),
       field("power", &N::power, share(), "of each of them, of the whole"),
       field("protocol", &N::protocol,
             words<ProtocolKind>({{"push_chain", ProtocolKind::push_chain},
                                  {"header_first", ProtocolKind::header_first}}),
             "what they speak"),
       field("relay", &N::relay,
             words<Relay>(
                 {{"inv", Relay::inv}, {"headers", Relay::headers}, {"block", Relay::block}}),
             "how they wish to hear of new blocks"),
       field("rule_set", &N::rule_set, count(0, kMaxRuleSet),
             "whose blocks are valid for them: those of nodes of the same set; 0 if absent"),
       unless_empty(field("options", &N::options, own_options_codec(), "limits of their own")),
       field("up", &N::up, rate(), "uplink"), field("down", &N::down, rate(), "downlink"),
       validation_field(),
       field("clock_offset", &N::clock_offset, duration(Duration{-most.ns}, most),
             "how far ahead their clocks are; negative: behind"),
       field("peers", &N::peers, peers_codec(), "how many neighbours they have"),
       unless_empty(field("mesh", &N::mesh, boolean(), "linked to each other")),
       field("behaviour", &N::behaviour, behaviour_codec(), "an attacker, or a node that is ill")});
}

Codec<LinkChange> link_change_codec() {
  using L = LinkChange;
  return object<L>(
      "link",
      {between_field(), link_latency_field(), field("loss", &L::loss, share(), "of segments"),
       field("bandwidth", &L::bandwidth, rate(), "of the link itself"),
       field("cut", &L::cut, boolean(), "true as a silent partition is; false mends it"),
       unless_empty(field("one_way", &L::one_way, boolean(), "only from the first to the second"))},
      [](const Value& value, L& link) {
        if (!link.latency && !link.latency_factor && !link.loss && !link.bandwidth && !link.cut) {
          value.fail("a link on which nothing changes", "latency, loss, bandwidth or cut");
        }
      });
}

}  // namespace sim
