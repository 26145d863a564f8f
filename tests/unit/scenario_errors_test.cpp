// What a person reads who got a scenario wrong: one line, where, what was found, what was expected.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "net-sim/scenario_reader.h"

namespace {

using namespace sim;

struct Bad {
  const char* text;   // after the line `protocol: push_chain`
  const char* error;  // after `bad.yaml:`
};

std::string refusal_of(const std::string& text) {
  const auto scenario = read_scenario_text(text, "bad.yaml");
  EXPECT_FALSE(scenario.ok()) << text;
  return scenario.ok() ? "" : scenario.error();
}

void expect_errors(const std::vector<Bad>& all) {
  for (const Bad& bad : all) {
    EXPECT_EQ(refusal_of(std::string("protocol: push_chain\n") + bad.text),
              std::string("bad.yaml:") + bad.error)
        << bad.text;
  }
}

TEST(ScenarioErrors, Keys) {
  expect_errors({
      {"netwrk: {}", "2:1: unknown key `netwrk` in the scenario; did you mean `network`?"},
      {"network:\n  latancy: 5 ms",
       "3:3: unknown key `latancy` in network; did you mean `latency`?"},
      {"network: {speed: 5}",
       "2:11: unknown key `speed` in network; expected one of `nodes`, `topology`, `latency`, "
       "`bandwidth`, `loss`, `regions`, `tcp_timeout`, `dial_timeout`, `reconnect`, `discovery`, "
       "`max_inbound`, `keepalive` or `max_frame`"},
      {"seed: 1\nseed: 2", "3:1: `seed` for the second time; expected each key once"},
      {"network: {nodes: 4, nodes: 4}",
       "2:21: `nodes` for the second time; expected each key once"},
      {"network: {topology: {kind: ring, degree: 4}}",
       "2:34: unknown key `degree` in topology `ring`; expected no key"},
      {"? [a, b]\n: 1", "2:3: a key that is no word; expected a word"},
      {"expect:\n  - stale_rat: {below: 4 %}",
       "3:5: unknown measure `stale_rat`; did you mean `stale_rate`?"},
      {"expect: [{blocks.stael: {below: 4}}]",
       "2:11: unknown measure `blocks.stael`; did you mean `blocks.stale`?"},
      {"expect: [{stale_rate: {below: 14}}]", "2:31: `14`; expected a share such as `30 %`"},
      {"expect: [{stale_rate: {between: [1 %, 3 min]}}]",
       "2:39: `3 min`; expected a share such as `30 %`"},
      {"expect: [{propagation_seconds.p99: {below: 10 MB}}]",
       "2:44: `10 MB`; expected a duration such as `50 ms` or `10 min`"},
      {"expect: [{bytes_total: {below: inf}}]",
       "2:32: `inf` is no quantity; expected a number, with its unit where it has one"},
      {"expect:\n  - stale_rate: {belw: 4 %}",
       "3:18: unknown key `belw` in `stale_rate`; did you mean `below`?"},
      {"until: {block: 5}", "2:9: unknown key `block` in until; did you mean `blocks`?"},
  });
}

TEST(ScenarioErrors, Units) {
  expect_errors({
      {"network: {latency: 5 MB}",
       "2:20: `5 MB` is a size; expected a duration such as `50 ms` or `10 min`"},
      {"network: {latency: 5}",
       "2:20: `5` has no unit; expected a duration such as `50 ms` or `10 min`"},
      {"network: {latency: fast}",
       "2:20: `fast`; expected a duration such as `50 ms` or `10 min`, or {kind: …}"},
      {"network: {bandwidth: {up: 10 Mbps}}",
       "2:27: unknown unit `Mbps` in `10 Mbps`; expected one of B/s, kbit/s, Mbit/s, Gbit/s"},
      {"network: {loss: 5}", "2:17: `5` has no unit; expected a share such as `30 %`"},
      {"network: {loss: 120 %}", "2:17: `120 %` is too large; expected at most 100 %"},
      {"duration: 0 s", "2:11: `0 s` is too small; expected more than 0"},
      {"duration: -5 s", "2:11: `-5 s` is too small; expected more than 0"},
      {"duration: 1000000 d", "2:11: `1000000 d` is too large; expected at most 36500 d"},
      {"chain: {block_size: {kind: quantiles, unit: ms, values: [1, 2]}}",
       "2:45: `1 ms` is a duration; expected a size such as `20 kB` or `1.5 MB`"},
  });
}

TEST(ScenarioErrors, ValuesThatCannotBe) {
  expect_errors({
      {"network: {nodes: 10.5}",
       "2:18: `10.5` is not a whole number; expected a whole number from 1 to 1000000"},
      {"network: {nodes: 0}", "2:18: `0` is too small; expected a whole number from 1 to 1000000"},
      {"network: {latency: {kind: lognormal, median: 60 ms}}",
       "2:20: latency `lognormal` without `p90`; expected `p90`: what 90 % of draws stay below"},
      {"network: {latency: {kind: lognormal, median: 60 ms, p90: 50 ms}}",
       "2:20: a `p90` below the `median`; expected `p90` from the median up"},
      {"network: {latency: {kind: uniform, min: 60 ms, max: 50 ms}}",
       "2:20: a `min` above its `max`; expected `min` up to `max`"},
      {"network: {latency: {kind: lognorml, median: 60 ms}}",
       "2:27: unknown `lognorml`; did you mean `lognormal`?"},
      {"network: {latency: {median: 60 ms}}",
       "2:20: latency without `kind`; expected `constant`, `uniform`, `exponential`, `lognormal`, "
       "`pareto`, `quantiles` or `regions`"},
      {"network: {nodes: 10, topology: {kind: random_regular, degree: 10}}",
       "2:32: degree 10 in a network of 10 nodes; expected at most 9"},
      {"network: {nodes: 4, topology: {kind: edges, edges: [[0, 1], [1, 4]]}}",
       "2:65: node 4 of a network of 4; expected 0 to 3"},
      {"network: {nodes: 4, topology: {kind: edges, edges: [[0, 1], [1, 0]]}}",
       "2:61: a second link between 1 and 0; expected each link once"},
      {"network: {nodes: 4, topology: edges}",
       "2:31: topology `edges` without its keys; expected {kind: edges, edges: …}"},
      {"network: {topology: {kind: erdos_renyi, probability: 0.1, mean_degree: 3}}",
       "2:21: both `probability` and `mean_degree`; expected one of them"},
      {"mining: {power: [50 %, 20 %]}",
       "2:17: powers that sum to 70 %; expected 100 %, or within 1 % of it"},
      {"network: {nodes: 1}\nmining: {power: [50 %, 50 %]}",
       "3:17: power for 2 nodes; expected at most 1, one for each node"},
      {"measure: {warm_up: 2 h}",
       "2:10: warm_up and cool_down of 2 h together; expected less than the duration, 1 h"},
      {"network: {reconnect: {first: 2 s, max: 1 s}}",
       "2:22: a `max` below `first`; expected `max` from it up"},
      {"network: {discovery: maybe}", "2:22: unknown `maybe`; expected one of `true` or `false`"},
  });
}

TEST(ScenarioErrors, Regions) {
  const std::string two = "network: {regions: {names: [A, B], share: [50 %, 50 %], ";
  const std::string square = "latency: [[9 ms, 9 ms], [9 ms, 9 ms]]";
  const std::string no_up = two + square + ", up: [1 MB/s]}}";
  const std::string quantiles = two + square + ", up: [1 MB/s, {kind: quantiles, unit: kB/s, ";
  const std::string short_mean =
      two + "latency: [[9 ms, 9 ms], [9 ms, 5 ms]], distribution: {kind: pareto}}}";
  const std::string bad_shape = two + square + ", distribution: {kind: pareto, shape: 1}}}";
  const std::string one_row = two + "latency: [[9 ms, 9 ms]]}}";
  const std::string short_row = two + "latency: [[9 ms, 9 ms], [9 ms]]}}";
  const std::string backwards = quantiles + "values: [5, 4]}]}}";
  const std::string nought = quantiles + "values: [0, 4]}]}}";
  const std::string unknown = two + square + "}}\nnodes: [{select: {region: C}, relay: inv}]";
  expect_errors({
      {"network: {regions: {preset: bitcoin-2091}}",
       "2:29: unknown preset `bitcoin-2091`; did you mean `bitcoin-2019`?"},
      {"network: {latency: {kind: regions, preset: moon}}",
       "2:44: unknown preset `moon`; expected one of `bitcoin-2015`, `bitcoin-2019`, `ccs2016` or "
       "`pools-2015`"},
      {"network: {regions: {preset: ../presets/ccs2016}}",
       "2:29: unknown preset `../presets/ccs2016`; expected one of `bitcoin-2015`, "
       "`bitcoin-2019`, `ccs2016` or `pools-2015`"},
      {"network: {latency: {kind: regions, preset: ccs2016}, regions: {preset: bitcoin-2015}}",
       "2:44: another preset than that of `regions`, `bitcoin-2015`; expected one of them"},
      {"network: {latency: {kind: regions}}",
       "2:20: latency `regions` without regions; expected `network.regions`, or a `preset`"},
      {"network: {regions: {share: [100 %]}}",
       "2:20: regions without `names`; expected names, or a preset that has them"},
      {"network: {regions: {names: [A, A], share: [50 %, 50 %]}}",
       "2:20: region `A` for the second time; expected each once"},
      {"network: {regions: {preset: bitcoin-2019, names: [A, B]}}",
       "2:20: 6 values of `share` for 2 regions; expected one for each"},
      {no_up.c_str(), "2:20: 1 values of `up` for 2 regions; expected one for each"},
      {one_row.c_str(), "2:20: 1 values of `latency` for 2 regions; expected one for each"},
      {short_row.c_str(),
       "2:20: a row of 1 in a `latency` of 2 rows; expected as many columns as rows"},
      {short_mean.c_str(),
       "2:20: a mean of 5 ms, too short for a Pareto law whose shape is a fifth of it; expected "
       "more than 5 ms, or `distribution` with a `shape`"},
      {bad_shape.c_str(),
       "2:110: a `shape` of 1; expected more than 1, or 0 for a fifth of the mean in ms"},
      {backwards.c_str(), "2:151: `4` after a larger value; expected ascending values"},
      {nought.c_str(), "2:148: `0` is out of range; expected 1 B/s to 9007199254740.992 kbit/s"},
      {unknown.c_str(), "3:27: unknown region `C`; expected one of `A` or `B`"},
      {"network: {nodes: 15}\nmining: {power: {preset: pools-2015}}",
       "3:17: power for 16 nodes; expected at most 15, one for each node"},
      {"mining: {power: {preset: pools-2051}}",
       "2:26: unknown preset `pools-2051`; did you mean `pools-2015`?"},
      {"mining: {power: {regions: [EU]}}",
       "2:17: pools without `shares`; expected shares, or a preset that has them"},
      {"mining: {power: {shares: [100 %], regions: [EU, NA]}}",
       "2:17: 2 `regions` for 1 `shares`; expected at most one for each"},
  });
}

TEST(ScenarioErrors, Events) {
  expect_errors({
      {"events:\n  - {at: 5 min}",
       "3:5: an event without an action; expected one of `partition`, `heal`, `crash`, `link`, "
       "`mine`, `connect`, `disconnect`, `join`, `leave`, `pause`, `churn`, `power` or "
       "`stop_mining`"},
      {"events:\n  - {heal: all}", "3:5: an event without a time; expected `at`"},
      {"events:\n  - {at: 1 s, heal: all, mine: {node: 3}}",
       "3:26: `mine` beside `heal`; expected one action an event"},
      {"events:\n  - {at: 1 s, haul: all}",
       "3:15: unknown key `haul` in an event; did you mean `heal`?"},
      {"events:\n  - {at: 1 s, every: 1 min, heal: all}",
       "3:5: `at` beside `every`; expected `from`, its first time"},
      {"events:\n  - {from: 1 s, heal: all}",
       "3:5: `from` without `every`; expected `at`, or how often it happens"},
      {"events:\n  - {every: 1 ns, mine: {node: 1}}",
       "3:13: an event that happens more than 1000000 times; expected a longer `every`, or "
       "`times`"},
      {"events:\n  - {at: 1 s, for: 1 s, mine: {node: 1}}",
       "3:5: `for` of `mine`, which cannot be undone; expected no `for`"},
      {"events:\n  - {every: 1 min, for: 2 min, partition: {groups: [0, rest]}}",
       "3:5: `for` longer than `every`; expected that one ends before the next begins"},
      {"events:\n  - {at: 1 s, heal: cut}\n  - {at: 0, partition: {name: cat, groups: [0, rest]}}",
       "3:21: no partition named `cut`; did you mean `cat`?"},
      {"events:\n  - {at: 1 s, partition: {groups: [all]}}",
       "3:35: a list of 1; expected a list of groups such as `[50 %, 50 %]` or `[0..4, rest]`, at "
       "least 2"},
      {"events:\n  - {at: 1 s, mine: {node: 100}}",
       "3:28: node 100 of a network of 100; expected 0 to 99"},
      {"events:\n  - {at: 1 s, connect: {from: 3, to: 3}}",
       "3:24: a node and itself; expected two nodes"},
      {"events:\n  - {at: 1 s, stop_mining: 5..3}",
       "3:28: a range that falls; expected the lower end first"},
      {"events:\n  - {at: 1 s, stop_mining: rest}",
       "3:28: `rest`; expected a node `3`, a list `[1, 2]`, a range `10..19`, a share `10 %`, "
       "`all`"},
      {"events:\n  - {at: 1 s, stop_mining: {region: EU}}",
       "3:37: region `EU`; expected `network.regions` that names it"},
      {"events:\n  - {at: 1 s, link: {between: [0, 1]}}",
       "3:21: a link on which nothing changes; expected latency, loss, bandwidth or cut"},
      {"events:\n  - {at: 1 s, link: {between: [0, 1], latency: xx}}",
       "3:48: `xx` is no factor; expected a factor such as `x3` or `x0.5`"},
      {"events: {at: 1 s}", "2:9: a map; expected a list, each with a `-`"},
      {"events: [heal]", "2:10: `heal`; expected a map of keys for an event"},
  });
}

TEST(ScenarioErrors, Expectations) {
  expect_errors({
      {"expect:\n  - converged: {within: 3 min, after: heal}",
       "3:39: `heal`, but nothing happens in `events`; expected an event"},
      {"events: [{at: 1 s, mine: {node: 1}}]\nexpect:\n  - converged: {after: heal}",
       "4:24: no event `heal` in this scenario; expected `mine`"},
      {"expect:\n  - converged: {within: 3 min}",
       "3:16: `within` without `after`; expected the event from which time is counted"},
      {"expect:\n  - {stale_rate: {below: 1}, blocks.stale: {below: 1}}",
       "3:5: a map of 2 keys; expected one measure, such as `stale_rate: {below: 14 %}`"},
      {"expect:\n  - stale_rate: {}", "3:17: no bound; expected below, above, equals or between"},
      {"expect:\n  - blocks.stale: {between: [40, 20]}",
       "3:29: a range that falls; expected the lower end first"},
      {"expect:\n  - digest: 0123", "3:13: `0123`; expected 16 hex digits"},
  });
}

TEST(ScenarioErrors, WhatIsNoScenario) {
  EXPECT_EQ(refusal_of("- a"), "bad.yaml:1:1: a list; expected a map of keys for the scenario");
  EXPECT_EQ(refusal_of("a: [1, 2\n"),
            "bad.yaml:2:1: not YAML, end of sequence flow not found; expected valid YAML");
  EXPECT_EQ(refusal_of("a: 1\n---\nb: 2\n"),
            "bad.yaml:2:1: more after the scenario's end; expected one YAML map in a file");
  // yaml-cpp finds documents without end here.
  EXPECT_EQ(refusal_of(",\nprotocol: push_chain\n"),
            "bad.yaml:1:1: more after the scenario's end; expected one YAML map in a file");
  EXPECT_EQ(refusal_of("network:\n"), "bad.yaml:2:1: nothing; expected a map of keys for network");
  EXPECT_EQ(read_scenario("no/such/file.yaml").error(),
            "no/such/file.yaml: cannot be read; expected a scenario file");
  EXPECT_EQ(read_scenario(SCENARIO_DIR).error(),
            std::string(SCENARIO_DIR) + ": a directory; expected a scenario file");
}

TEST(ScenarioErrors, FilesOfTopologies) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "topologies";
  std::filesystem::create_directories(folder);
  const auto refused = [&](const std::string& file, const std::string& text) {
    std::ofstream(folder / "graph.txt") << file;
    const std::string scenario = (folder / "bad.yaml").string();
    const auto read = read_scenario_text("protocol: push_chain\n" + text, scenario);
    EXPECT_FALSE(read.ok());
    const std::string error = read.ok() ? "" : read.error();
    EXPECT_TRUE(error.starts_with(folder.string())) << error;
    return error.substr(std::min(folder.string().size() + 1, error.size()));
  };
  const std::string plain = "network: {topology: {kind: file, path: graph.txt}}";
  EXPECT_EQ(refused("0 1\n2 2\n", plain),
            "graph.txt:2: a link of node `2` to itself; expected two nodes");
  EXPECT_EQ(refused("0 1\n", "network: {nodes: 3, topology: {kind: file, path: graph.txt}}"),
            "bad.yaml:2:50: a file of 2 nodes for a network of 3; expected as many, or no "
            "`network.nodes`");
  EXPECT_EQ(refused("0 1\n", plain + "\nevents: [{at: 1 s, mine: {node: 2}}]"),
            "bad.yaml:3:33: node 2 of a network of 2; expected 0 to 1");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(refusal_of("network: {topology: {kind: file, path: no/such.graphml}}"),
            "bad.yaml:1:40: `no/such.graphml`: no such file; expected a file of GraphML or a list "
            "of edges");
  EXPECT_EQ(refusal_of("network: {topology: {kind: file}}"),
            "bad.yaml:1:21: topology `file` without `path`; expected `path`: GraphML or an edge "
            "list, relative to the scenario");
}

TEST(ScenarioErrors, AnErrorIsOneShortLineWhateverTheFileHolds) {
  const std::string long_text(100'000, 'x');
  const std::vector<std::string> texts = {
      "\"" + long_text + "\": 1", "duration: " + long_text, "protocol: \"a\\nb\\x01\"",
      "expect: [{" + long_text + ": {below: 1}}]", "duration: \"\\xff\\n\\n5\""};
  for (const std::string& text : texts) {
    const std::string error = refusal_of(text);
    EXPECT_LT(error.size(), 500u);
    EXPECT_EQ(error.find_first_of("\n\r\x01"), std::string::npos) << error;
  }
}

TEST(ScenarioErrors, WhatYamlSaysStandsOnOneLine) {  // found by fuzzing
  const std::string error = refusal_of(std::string("el\0\n", 4));
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

}  // namespace
