#include "net-sim/scenario_keys.h"

#include <limits>

namespace sim {
namespace {

constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 53;  // JSON's whole numbers end there

// A number, or one for each stream.
Codec<Seeds> seed_codec() {
  using S = Seeds;
  const auto number = count64(0, std::numeric_limits<std::uint64_t>::max());
  const auto streams = object<S>(
      "seed", {field("run", &S::run, number, "of every stream that has none of its own"),
               field("topology", &S::topology, number, "who is connected to whom, and where"),
               field("latency", &S::latency, number, "of links and messages"),
               field("mining", &S::mining, number, "when blocks are found, and by whom"),
               field("faults", &S::faults, number, "whom shares mean, what is lost")});
  return {[=](const Value& value) {
            if (value.is_map()) return streams.read(value);
            Seeds into;
            into.run = number.read(value);
            return into;
          },
          [=](const Seeds& seeds) {
            const bool one = !seeds.topology && !seeds.latency && !seeds.mining && !seeds.faults;
            return one ? Json(seeds.run) : streams.write(seeds);
          },
          {{"anyOf", {number.schema, streams.schema}}}};
}

// `converged`, `quiet`, {blocks: N} or {height: N}.
Codec<Until> until_codec() {
  using Kind = Until::Kind;
  const auto word = words<Kind>({{"converged", Kind::converged}, {"quiet", Kind::quiet}});
  const auto number = count64(1, kMaxCount);
  const std::string expected = "`converged`, `quiet`, {blocks: N} or {height: N}";
  const auto read = [=](const Value& value) {
    Until into;
    if (value.is_text()) {
      into.kind = word.read(value);
      return into;
    }
    if (!value.is_map()) value.fail(value.described(), expected);
    const auto members = value.members();
    if (members.size() != 1) {
      value.fail("a map of " + std::to_string(members.size()) + " keys", expected);
    }
    const auto& member = members[0];
    if (member.key != "blocks" && member.key != "height") {
      member.key_place.fail_unknown("unknown key `" + shown(member.key) + "` in until", member.key,
                                    {"blocks", "height"});
    }
    into.kind = member.key == "blocks" ? Kind::blocks : Kind::height;
    into.count = number.read(member.value);
    return into;
  };
  const auto write = [=](const Until& until) {
    if (until.kind == Kind::duration) return Json();
    if (until.kind == Kind::blocks) return Json{{"blocks", until.count}};
    if (until.kind == Kind::height) return Json{{"height", until.count}};
    return word.write(until.kind);
  };
  const auto counted = [&](const char* key) {
    return Json{{"type", "object"},
                {"required", Json::array({key})},
                {"additionalProperties", false},
                {"properties", {{key, number.schema}}}};
  };
  return {read, write, {{"anyOf", {word.schema, counted("blocks"), counted("height")}}}};
}

using Mix = std::vector<std::pair<ProtocolKind, Share>>;

// A word, or a map of words to shares.
Codec<Mix> protocol_codec() {
  const auto word = words<ProtocolKind>(
      {{"push_chain", ProtocolKind::push_chain}, {"header_first", ProtocolKind::header_first}});
  const auto part = share();
  const auto read = [=](const Value& value) {
    if (!value.is_map()) return Mix{{word.read(value), kWhole}};
    Mix mix;
    std::vector<Share> shares;
    for (const auto& member : value.members()) {
      mix.emplace_back(word.read(member.key_place), kWhole);
      shares.push_back(part.read(member.value));
    }
    if (mix.empty()) value.fail("a mix of nothing", "{push_chain: 30 %, header_first: 70 %}");
    make_whole(value, shares, "shares of protocols");
    for (std::size_t i = 0; i < mix.size(); ++i) mix[i].second = shares[i];
    return mix;
  };
  const auto write = [=](const Mix& mix) {
    if (mix.size() == 1) return word.write(mix[0].first);
    Json json = Json::object();
    for (const auto& [kind, each] : mix) {
      json[word.write(kind).get<std::string>()] = part.write(each);
    }
    return json;
  };
  return {read,
          write,
          {{"anyOf", {word.schema, {{"type", "object"}, {"additionalProperties", part.schema}}}}}};
}

Codec<Measure> measure_codec() {
  using M = Measure;
  return object<M>("measure",
                   {field("warm_up", &M::warm_up, duration(), "blocks found before do not count"),
                    field("cool_down", &M::cool_down, duration(), "nor those of the last")});
}

Codec<OutputSection> output_codec() {
  using O = OutputSection;
  return object<O>("output", {field("sample_every", &O::sample_every,
                                    duration(chain::milliseconds(1)), "rows of timeseries.csv")});
}

template <typename V>
Field<Scenario> list_field(std::string_view key, std::vector<V> Scenario::*member,
                           const Codec<V>& codec, std::string_view about) {
  return unless_empty(field(key, member, list_of(codec, 0, "a list, each with a `-`"), about));
}

}  // namespace

const Codec<Scenario>& scenario_codec() {
  using S = Scenario;
  static const Codec<S> codec = object<S>(
      "the scenario",
      {field("seed", &S::seed, seed_codec(), "of every random draw; one number, or one a stream"),
       field("duration", &S::duration, duration(kInstant), "the end, or the limit of `until`"),
       field("until", &S::until, until_codec(), "what ends the run before `duration`"),
       field("measure", &S::measure, measure_codec(), "which blocks enter the statistics"),
       field("protocol", &S::protocol, protocol_codec(), "what nodes speak, or a mix"),
       field("relay", &S::relay,
             words<Relay>(
                 {{"headers", Relay::headers}, {"inv", Relay::inv}, {"block", Relay::block}}),
             "header_first: how new blocks are announced"),
       field("options", &S::options, options_codec(), "limits and timeouts of nodes"),
       // The network comes before whatever names a node.
       field("network", &S::network, network_codec(), "nodes and what lies between them"),
       field("chain", &S::chain, chain_codec(), "blocks and their rules"),
       field("mining", &S::mining, mining_codec(), "who finds blocks"),
       list_field("nodes", &S::nodes, node_override_codec(), "what some nodes have of their own"),
       list_field("links", &S::links, link_change_codec(), "what some links have of their own"),
       list_field("events", &S::events, event_codec(), "what happens, and when"),
       list_field("expect", &S::expect, expectation_codec(), "what the run must show"),
       field("output", &S::output, output_codec(), "what is written")});
  return codec;
}

}  // namespace sim
