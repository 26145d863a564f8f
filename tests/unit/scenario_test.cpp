// What a scenario file means: values, defaults, overrides, and the whole language there and back.
#include <gtest/gtest.h>

#include <filesystem>

#include "net-sim/check_command.h"
#include "net-sim/report.h"
#include "net-sim/scenario_keys.h"
#include "net-sim/scenario_reader.h"

namespace {

using namespace sim;

Scenario scenario_from(const std::string& text, const std::vector<Override>& overrides = {}) {
  auto scenario = read_scenario_text("protocol: push_chain\n" + text, "test.yaml", overrides);
  EXPECT_TRUE(scenario.ok()) << (scenario.ok() ? "" : scenario.error());
  return scenario.ok() ? *scenario : Scenario{};
}

std::string error_of(const std::string& text, const std::vector<Override>& overrides = {}) {
  const auto scenario = read_scenario_text(text, "test.yaml", overrides);
  return scenario.ok() ? "" : scenario.error();
}

// Reads even what this seed cannot draw.
Scenario read_language(const std::string& text) {
  Document document = parse_document(text, "test.yaml", {});
  document.nodes = NetworkSection{}.nodes;
  return scenario_codec().read(Value(document, document.root, ""));
}

// Every key of the language, each set to something that is no default.
constexpr char kWholeLanguage[] = R"yaml(
seed: {run: 1, topology: 7, latency: 8, mining: 9, faults: 10}
duration: 3 h
until: {blocks: 10000}
measure: {warm_up: 10 min, cool_down: 1 min}
protocol: {push_chain: 30 %, header_first: 70 %}
relay: inv
options: {header_first: {body_timeout: 15 s, headers_per_page: 500}, node: {low_work_depth: 20}}
chain:
  rules: tutorial
  block_interval: 20 s
  block_size: {kind: quantiles, unit: kB, values: [1, 5.5, 900]}
  tie_break: random
  validation: {per_block: 1 ms, per_MB: 380 ms}
  difficulty: {retarget: 10 blocks}
  min_difficulty: 18
  commit_time: 2 ms
  max_block: 128 kB
  check_genesis: false
  check_merkle_root: false
network:
  nodes: 40
  topology: {kind: outbound, links: 6, max_inbound: 50}
  latency: {kind: regions, preset: bitcoin-2019, per: message}
  bandwidth: {up: 10 Mbit/s, down: 50 Mbit/s, model: per_link}
  loss: 1 %
  regions:
    preset: bitcoin-2019
    names: [EU, AS]
    share: [60 %, 40 %]
    latency: [[12 ms, 240 ms], [250 ms, 90 ms]]
    distribution: {kind: pareto, shape: 2.5, per: message}
    up: [20 Mbit/s, 10 Mbit/s]
    down: [40 Mbit/s, unlimited]
  tcp_timeout: 5 min
  dial_timeout: 3 s
  reconnect: {first: 2 s, max: 1 min}
  discovery: true
  max_inbound: 50
  keepalive: 2 min
  max_frame: 1 MB
mining: {power: {kind: zipf, exponent: 0.8}}
nodes:
  - {select: 0..15, region: AS, power: 5 %, protocol: push_chain, relay: inv, up: 100 Mbit/s,
     rule_set: 3,
     options: {node: {low_work_pages: 2}},
     down: 100 Mbit/s, validation: {per_MB: 1 s}, clock_offset: -3 s, peers: {min: 7, max: 8},
     mesh: true}
  - {select: 3, behaviour: {kind: selfish, gamma: 0.5, nodes: [4, 5]}}
  - {select: 4, behaviour: {kind: double_spend, confirmations: 2, premined: 1, attempts: 9}}
  - {select: 5, behaviour: {kind: withhold, for: 10 s}}
  - {select: 6, behaviour: {kind: silent}}
  - {select: 7, behaviour: {kind: equivocator, siblings: 3}}
  - {select: 8, behaviour: {kind: forger, fault: merkle_root}}
  - {select: 9, behaviour: {kind: flooder, message: QueryLatest, rate: 0.5}}
  - {select: 10, behaviour: {kind: eclipser, victim: 2, connections: 4}}
links:
  - {between: [0, 1], latency: 2 s, loss: 1 %, bandwidth: 1 Mbit/s, one_way: true}
events:
  - {at: 10 min, partition: {groups: [50 %, 50 %], sockets: reset}}
  - {at: 20 min, heal: all}
  - {at: 25 min, crash: {select: 10 %, lose_unsynced: true}, restart_after: 60 s}
  - {at: 30 min, link: {between: [0, 1], cut: true}}
  - {at: 30 min, for: 5 min, link: {between: [{region: EU}, {region: AS}], latency: x3}}
  - {at: 35 min, mine: {node: 4, blocks: 3}}
  - {at: 36 min, connect: {from: 4, to: 7}}
  - {at: 37 min, disconnect: {from: 4, to: 7}}
  - {at: 38 min, join: {select: 3}}
  - {at: 38 min, leave: {select: all}}
  - {at: 39 min, for: 3 s, pause: {select: [1, 2]}}
  - {from: 40 min, to: 50 min, churn: {leave_per_hour: 6, join_per_hour: 6.5}}
  - {every: 10 min, from: 20 min, times: 5, for: 60 s,
     partition: {name: cut, groups: [{region: [EU]}, rest], one_way: true}}
  - {at: 40 min, power: {select: 0..4, to: 0 %}}
  - {at: 50 min, stop_mining: all}
expect:
  - converged: {within: 3 min, after: heal, depth: 2}
  - stale_rate: {below: 14 %, above: 1 %}
  - common_prefix: {depth_below: 6}
  - bytes_per_block: {below: 10 MB}
  - blocks.stale: {between: [20, 40]}
  - distinct_tips: {equals: 1}
  - digest: 0123456789abcdef
output: {sample_every: 2 s}
)yaml";

TEST(Language, WhatIsWrittenReadsBackAsTheSame) {
  const Codec<Scenario> codec = scenario_codec();
  try {
    const Json written = codec.write(read_language(kWholeLanguage));
    EXPECT_EQ(codec.write(read_language(written.dump())).dump(2), written.dump(2));
  } catch (const ScenarioError& error) {
    FAIL() << error.line;
  }
}

// Whatever key is set must be seen in what is written: else the round trip proves nothing.
TEST(Language, EveryKeyOfTheTextIsWritten) {
  const Json written = scenario_codec().write(read_language(kWholeLanguage));
  const Json defaults = scenario_codec().write(Scenario{});
  for (const auto& [section, value] : written.items()) {
    if (!value.is_object()) continue;
    for (const auto& [key, inner] : value.items()) {
      ASSERT_TRUE(!defaults.contains(section) || defaults[section].is_null() ||
                  !defaults[section].is_object() || defaults[section].value(key, Json()) != inner)
          << section << "." << key << " still has its default";
    }
  }
  EXPECT_EQ(written["network"].size(), 13u);
  EXPECT_EQ(written["chain"].size(), 11u);
  EXPECT_EQ(written["nodes"][0].size(), 13u);
  EXPECT_EQ(written["events"].size(), 15u);
}

TEST(Language, MerkleRootsAreAlwaysCheckedUnderWork) {
  const std::string error = error_of("chain: {rules: work, check_merkle_root: false}\n");
  EXPECT_NE(error.find("check_merkle_root"), std::string::npos) << error;
}

TEST(Language, Values) {
  const Scenario s = read_language(kWholeLanguage);
  EXPECT_EQ(s.seed.run, 1u);
  EXPECT_EQ(s.seed.faults_seed(), 10u);
  EXPECT_EQ(s.until.kind, Until::Kind::blocks);
  EXPECT_EQ(s.until.count, 10'000u);
  ASSERT_EQ(s.protocol.size(), 2u);
  EXPECT_EQ(s.protocol[0].second, Share{300'000'000});
  EXPECT_EQ(s.chain.block_size.values, (std::vector<std::int64_t>{1'000, 5'500, 900'000}));
  EXPECT_EQ(s.network.bandwidth.up, 1'250'000u);
  EXPECT_EQ(s.network.regions->latency[1][0], chain::milliseconds(250));
  EXPECT_EQ(static_cast<std::uint64_t>(s.network.regions->down[1].value), kUnlimited);
  EXPECT_EQ(s.nodes[0].rule_set, 3u);
  EXPECT_EQ(s.nodes[0].clock_offset, chain::seconds(-3));
  EXPECT_EQ(s.nodes[1].behaviour->gamma, Share{500'000'000});
  EXPECT_EQ(s.links[0].latency, chain::seconds(2));
  const auto& slow = *std::get_if<LinkChange>(&s.events[4].action);
  EXPECT_EQ(slow.latency_factor, Decimal{3 * kBillion});
  EXPECT_EQ(s.events[4].lasts, chain::minutes(5));
  EXPECT_EQ(s.events[11].to, chain::kTimeZero + chain::minutes(50));
  EXPECT_EQ(std::get_if<Crash>(&s.events[2].action)->restart_after, chain::seconds(60));
}

TEST(Expectations, InTheUnitOfTheRunsJson) {
  const auto& e = read_language(kWholeLanguage).expect;
  EXPECT_EQ(e[0].text, "converged to depth 2 within 3 min after heal");
  EXPECT_EQ(e[0].within, chain::minutes(3));
  EXPECT_EQ(e[1].text, "stale_rate above 1 % and below 14 %");
  EXPECT_EQ(e[1].path, "stale_rate.of_all");
  EXPECT_DOUBLE_EQ(e[1].below->number, 0.14);
  EXPECT_EQ(e[2].path, "common_prefix.depth");
  EXPECT_EQ(e[2].text, "common_prefix depth below 6");
  EXPECT_DOUBLE_EQ(e[3].below->number, 10e6);
  EXPECT_DOUBLE_EQ(e[4].high->number, 40);
  EXPECT_EQ(e[5].text, "distinct_tips equals 1");
  EXPECT_EQ(e[6].digest, "0123456789abcdef");
}

TEST(Defaults, OfAnEmptyFile) {
  const Scenario s = scenario_from("");
  EXPECT_EQ(s.seed.run, 1u);
  EXPECT_EQ(s.duration, chain::minutes(60));
  EXPECT_EQ(s.network.nodes, 100u);
  EXPECT_EQ(s.network.topology.kind, Topology::Kind::random_regular);
  EXPECT_EQ(s.network.latency.kind, Distribution::Kind::lognormal);
  EXPECT_EQ(s.network.bandwidth.up, kUnlimited);
  EXPECT_EQ(s.chain.block_interval, chain::seconds(10));
  EXPECT_EQ(s.chain.block_size.value, 20'000);
  EXPECT_EQ(s.mining.power, MiningSection::Power::equal);
}

TEST(Defaults, ThatDependOnOtherKeys) {
  EXPECT_EQ(scenario_from("").chain.rules, RulesKind::tutorial);  // since all speak push_chain
  EXPECT_EQ(scenario_from("network: {nodes: 9}").network.topology.kind, Topology::Kind::full_mesh);
  EXPECT_EQ(scenario_from("network: {nodes: 10}").network.topology.kind,
            Topology::Kind::random_regular);
  EXPECT_FALSE(scenario_from("").network.reconnect.redials(sim::ProtocolKind::push_chain));
  EXPECT_TRUE(scenario_from("").network.reconnect.redials(sim::ProtocolKind::header_first));
  EXPECT_TRUE(scenario_from("network: {reconnect: {first: 1 s}}")
                  .network.reconnect.redials(sim::ProtocolKind::push_chain));
  EXPECT_FALSE(scenario_from("network: {reconnect: none}")
                   .network.reconnect.redials(sim::ProtocolKind::header_first));
}

TEST(Values, ShortForms) {
  EXPECT_EQ(scenario_from("network: {latency: 50 ms}").network.latency.value, 50'000'000);
  EXPECT_EQ(scenario_from("network: {nodes: 20, topology: ring}").network.topology.kind,
            Topology::Kind::ring);
  EXPECT_EQ(scenario_from("until: quiet").until.kind, Until::Kind::quiet);
  EXPECT_EQ(scenario_from("chain: {block_size: 1 kB}").chain.block_size.value, 1'000);
}

TEST(Scenario, IsNamedByItsFileAndAskedByItsComment) {
  const auto s = read_scenario_text(
      "# How long\n#  does it take?\n#\n# Not part of it.\nprotocol: push_chain\n", "dir/two.yaml");
  ASSERT_TRUE(s.ok()) << s.error();
  EXPECT_EQ(s->name, "two");
  EXPECT_EQ(s->question, "How long does it take?");
}

TEST(Overrides, ReplaceAddAndReachIntoLists) {
  const std::string text = "network: {nodes: 30}\nevents: [{at: 1 min, mine: {node: 2}}]\n";
  const Scenario s =
      scenario_from(text, {{"network.nodes", "40"},
                           {"events.0.at", "2 min"},
                           {"events.0.mine.blocks", "5"},
                           {"chain.block_size", "{kind: uniform, min: 1 kB, max: 2 kB}"},
                           {"network.nodes", "50"}});
  EXPECT_EQ(s.network.nodes, 50u);
  EXPECT_EQ(s.events[0].at, chain::kTimeZero + chain::minutes(2));
  EXPECT_EQ(std::get_if<Mine>(&s.events[0].action)->blocks, 5u);
  EXPECT_EQ(s.chain.block_size.max, 2'000);
}

TEST(Overrides, ErrorsNameThem) {
  const std::string text = "protocol: push_chain\nevents: [{at: 1 min, heal: all}]\n";
  EXPECT_EQ(error_of(text, {{"network.nods", "5"}}),
            "--set network.nods: unknown key `nods` in network; did you mean `nodes`?");
  EXPECT_EQ(error_of(text, {{"netwrk.nodes", "5"}}),
            "--set netwrk.nodes: unknown key `netwrk` in the scenario; did you mean `network`?");
  EXPECT_EQ(error_of(text, {{"network", "{nodes: five}"}}),
            "--set network: `five` is not a whole number; expected a whole number from 1 to "
            "1000000");
  EXPECT_EQ(error_of(text, {{"protocol.x", "5"}}),
            "--set protocol.x: `protocol` is `push_chain`, which has no keys; expected the whole "
            "value");
  EXPECT_EQ(error_of(text, {{"events.1.at", "5 s"}}),
            "--set events.1.at: no element `1` in the list `events`; expected 0 to 0");
  EXPECT_EQ(error_of(text, {{"network..x", "5 s"}}),
            "--set network..x: an empty key; expected keys joined by dots, such as "
            "`network.nodes`");
  EXPECT_EQ(error_of(text, {{"duration", "[1"}}),
            "--set duration: `[1` is not YAML; expected a value as a scenario has it");
  EXPECT_EQ(parse_override("network.nodes").error(),
            "--set network.nodes: no key with a value; expected KEY=VALUE, such as "
            "network.nodes=500");
  EXPECT_EQ(parse_override("a.b=c=d")->value, "c=d");
}

TEST(Check, WhatItPrintsIsTheSameScenario) {
  const Scenario s = scenario_from(
      "network: {nodes: 30}\n"
      "events:\n"
      "  - {at: 1 min, partition: {groups: [50 %, rest], sockets: reset, name: \"a: b, #c\"}}\n"
      "  - {at: 2 min, heal: all}\n"
      "expect: [{converged: {after: heal, within: 1 min}}, {distinct_tips: {equals: 1}}]\n");
  const auto page = check_page(s);
  ASSERT_TRUE(page.ok()) << page.error();
  EXPECT_NE(page->find("network    30 nodes, 120 links; each node has 8; in one piece\n"),
            std::string::npos)
      << *page;
  EXPECT_NE(page->find("  1 min      partition: 15 | 15 nodes, sockets reset\n"), std::string::npos)
      << *page;
  const std::string keys = page->substr(page->find("# Every key"));
  const auto again = read_scenario_text(keys, "again.yaml");
  ASSERT_TRUE(again.ok()) << again.error() << "\n" << keys;
  EXPECT_EQ(scenario_codec().write(*again), scenario_codec().write(s));
  const auto json = check_json(s);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(Json::parse(*json)["resolved"], scenario_codec().write(s));
  EXPECT_EQ(Json::parse(*json)["links"], 120);
}

// `expect` takes any path into the JSON of a run: what it may name is what a run tells.
void expect_nameable(const Json& value, const std::string& path) {
  if (value.is_structured()) {
    for (const auto& [key, inner] : value.items()) {
      expect_nameable(inner, path.empty() ? key : path + "." + key);
    }
    return;
  }
  const std::string bound = value.is_string() ? "equals: x" : "below: 1";
  EXPECT_EQ(error_of("protocol: push_chain\nexpect: [{" + path + ": {" + bound + "}}]"), "")
      << path;
}

TEST(Expectations, MayNameWhatARunTells) {
  const Scenario scenario = scenario_from(
      "network: {nodes: 6, latency: 1 s}\nduration: 20 min\nchain: {block_interval: 3 s}\n"
      "events: [{at: 1 min, mine: {node: 0}}]");
  auto simulator = Simulator::create(scenario);
  ASSERT_TRUE(simulator.ok());
  (*simulator)->run({});
  Json report = run_report(**simulator, Ending::duration, {1, 1});
  ASSERT_GT(report["reorgs"]["count"], 0);
  for (const char* key : {"scenario", "version", "seed", "digest", "expectations"})
    report.erase(key);
  expect_nameable(report, "");
}

TEST(New, PassesItsOwnCheck) {
  const auto scenario = read_scenario_text(scenario_template(), "new.yaml");
  ASSERT_TRUE(scenario.ok()) << scenario.error();
  EXPECT_TRUE(check_page(*scenario).ok());
}

TEST(Schema, KnowsEveryKeyAndItsDefault) {
  const Json schema = Json::parse(scenario_schema());
  const Json& network = schema["properties"]["network"]["properties"];
  EXPECT_EQ(network["nodes"]["default"], 100);
  EXPECT_EQ(network["tcp_timeout"]["default"], "15 min");
  EXPECT_EQ(schema["properties"]["chain"]["properties"]["block_interval"]["default"], "10 s");
  EXPECT_EQ(schema["additionalProperties"], false);
  const Json written = scenario_codec().write(read_language(kWholeLanguage));
  for (const auto& [key, value] : written.items()) {
    EXPECT_TRUE(schema["properties"].contains(key)) << key;
  }
  for (const auto& [key, value] : written["network"].items()) {
    EXPECT_TRUE(network.contains(key) && network[key].contains("description")) << key;
  }
}

TEST(Shipped, EveryScenarioPassesItsCheck) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SCENARIO_DIR)) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    const auto scenario = read_scenario(entry.path().string());
    ASSERT_TRUE(scenario.ok()) << scenario.error();
    EXPECT_TRUE(check_page(*scenario).ok()) << entry.path();
    EXPECT_NE(scenario->question.find('?'), std::string::npos) << entry.path();
    EXPECT_FALSE(scenario->expect.empty()) << entry.path();
    EXPECT_TRUE(scenario->notes.empty()) << scenario->notes.front();
  }
  EXPECT_GE(files, 5u);
}

}  // namespace
