#include "net-sim/check_command.h"

#include <algorithm>
#include <sstream>

#include "net-sim/lab/lab_plan.h"
#include "net-sim/report.h"
#include "net-sim/resolve.h"
#include "net-sim/scenario_keys.h"
#include "net-sim/scenario_writer.h"
#include "net-sim/streams.h"
#include "net-sim/wiring.h"

namespace sim {
namespace {

constexpr std::size_t kFiringsShown = 20;  // of the timetable, on the page

// --- facts -------------------------------------------------------

// What the seed makes of a scenario.
struct Drawn {
  Edges edges;
  GraphFacts graph;
  std::vector<std::string> notes;  // the scenario's, and those of this seed
  std::vector<std::uint32_t> regions;
  std::vector<Firing> firings;
  std::size_t miners = 0;
};

chain::Result<Drawn> draw(const Scenario& scenario) {
  Drawn drawn;
  drawn.regions = draw_regions(scenario, stream(scenario.seed, Stream::regions));
  auto wiring = draw_wiring(scenario, drawn.regions);
  if (!wiring) return chain::Error{scenario.file + ": " + wiring.error()};
  drawn.edges = std::move(wiring->edges);
  drawn.notes = scenario.notes;
  drawn.notes.insert(drawn.notes.end(), wiring->notes.begin(), wiring->notes.end());
  drawn.graph = graph_facts(scenario.network.nodes, drawn.edges);
  drawn.firings = timetable(scenario);
  for (const std::int64_t power : mining_power(scenario, drawn.regions)) {
    if (power > 0) ++drawn.miners;
  }
  return drawn;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string network_line(const Scenario& scenario, const Drawn& drawn) {
  const GraphFacts& graph = drawn.graph;
  std::string text =
      counted(scenario.network.nodes, "node") + ", " + counted(drawn.edges.size(), "link") + "; ";
  text += graph.min_degree == graph.max_degree ? "each node has " + std::to_string(graph.min_degree)
                                               : "a node has " + std::to_string(graph.min_degree) +
                                                     " to " + std::to_string(graph.max_degree);
  return text + (graph.pieces == 1 ? "; in one piece"
                                   : "; in " + std::to_string(graph.pieces) + " pieces");
}

std::string blocks_line(const Scenario& scenario, const Drawn& drawn) {
  if (drawn.miners == 0) return "none but those of `mine` events";
  const Duration interval = scenario.chain.block_interval;
  return "one in " + duration_text(interval) + " on average, about " +
         std::to_string(scenario.duration.ns / interval.ns) + " in " +
         duration_text(scenario.duration) + "; " + counted(drawn.miners, "miner");
}

std::string groups_text(const Partition& partition, const Scenario& scenario, const Drawn& drawn) {
  const auto groups =
      partition_groups(partition, scenario, drawn.regions, stream(scenario.seed, Stream::faults));
  if (!groups) return groups.error();
  std::vector<std::size_t> sizes(partition.groups.size(), 0);
  for (const std::uint32_t group : *groups) ++sizes[group];
  std::string text;
  for (const std::size_t size : sizes) text += (text.empty() ? "" : " | ") + std::to_string(size);
  return text + " nodes, sockets " +
         (partition.sockets == Partition::Sockets::silent ? "silent" : "reset");
}

std::string firing_text(const Firing& firing, const Scenario& scenario, const Drawn& drawn) {
  const Event& event = scenario.events[firing.event];
  if (const Partition* partition = std::get_if<Partition>(&event.action)) {
    if (firing.undo) return "heal of that partition";
    return "partition: " + groups_text(*partition, scenario, drawn);
  }
  const std::string name = name_of(event.action);
  if (firing.undo) return "end of that " + name;
  return name + ": " + yaml_flow(event_codec().write(event).at(name));
}

std::string timetable_text(const Scenario& scenario, const Drawn& drawn) {
  std::string text;
  for (std::size_t i = 0; i < std::min(drawn.firings.size(), kFiringsShown); ++i) {
    const Firing& firing = drawn.firings[i];
    std::string at = duration_text(firing.at - chain::kTimeZero);
    at.resize(std::max<std::size_t>(at.size(), 10), ' ');
    text += "  " + at + " " + firing_text(firing, scenario, drawn) + "\n";
  }
  if (drawn.firings.size() > kFiringsShown) {
    text += "  … and " + std::to_string(drawn.firings.size() - kFiringsShown) + " more\n";
  }
  return text;
}

std::string title(const Scenario& scenario) {
  return scenario.name + (scenario.question.empty() ? "" : ": " + scenario.question) + "\n";
}

}  // namespace

chain::Result<std::string> check_page(const Scenario& scenario) {
  const auto drawn = draw(scenario);
  if (!drawn) return chain::Error{drawn.error()};
  std::ostringstream page;
  page << title(scenario) << "\n";
  page << "network    " << network_line(scenario, *drawn) << "\n";
  page << "blocks     " << blocks_line(scenario, *drawn) << "\n";
  if (!drawn->firings.empty()) page << "timetable\n" << timetable_text(scenario, *drawn);
  if (!scenario.expect.empty()) page << "expected\n";
  for (const Expectation& each : scenario.expect) page << "  " << each.text << "\n";
  for (const std::string& note : drawn->notes) page << "note       " << note << "\n";
  page << "\n# Every key, defaults included:\n" << scenario_yaml(scenario);
  return page.str();
}

chain::Result<std::string> check_json(const Scenario& scenario, bool draws) {
  const auto drawn = draw(scenario);
  if (!drawn) return chain::Error{drawn.error()};
  Json events = Json::array(), expected = Json::array();
  for (const Firing& firing : drawn->firings) {
    events.push_back({{"at_seconds", (firing.at - chain::kTimeZero).seconds()},
                      {"event", name_of(scenario.events[firing.event].action)},
                      {"undo", firing.undo}});
  }
  for (const Expectation& each : scenario.expect) expected.push_back(each.text);
  Json document = {{"scenario", scenario.name},
                   {"question", scenario.question},
                   {"nodes", scenario.network.nodes},
                   {"links", drawn->edges.size()},
                   {"pieces", drawn->graph.pieces},
                   {"min_degree", drawn->graph.min_degree},
                   {"max_degree", drawn->graph.max_degree},
                   {"miners", drawn->miners},
                   {"timetable", events},
                   {"expectations", expected},
                   {"notes", drawn->notes},
                   {"resolved", scenario_codec().write(scenario)}};
  if (draws) {
    auto plan = lab_plan(scenario);
    if (!plan) return chain::Error{plan.error()};
    document["draws"] = std::move(*plan);
  }
  return json_text(document) + "\n";
}

std::string scenario_schema() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "A scenario of simchain"}};
  schema.update(scenario_codec().schema);
  return schema.dump(2) + "\n";
}

std::string scenario_template() {
  return R"yaml(# How long do ten nodes need to hear of a new block?
#
# A scenario asks one question, in its first comment; what it expects is the answer.
# Run it:    simchain run my_scenario.yaml
# Explain:   simchain check my_scenario.yaml     prints every key with its default
# Override:  simchain run my_scenario.yaml --set network.nodes=50 --seed 7
#
# Quantities carry units: 50 ms, 10 min, 20 kB, 10 Mbit/s, 30 %.

seed: 1                     # the same seed gives the same run, on any machine
duration: 10 min
protocol: header_first      # or push_chain, the original, faults included

chain:
  block_interval: 20 s      # the mean, of the whole network
  block_size: 2 kB

network:
  nodes: 10
  topology: {kind: random_regular, degree: 4}   # or full_mesh, line, ring, star, erdos_renyi, …
  latency: {kind: lognormal, median: 60 ms, p90: 180 ms}
  bandwidth: {up: 10 Mbit/s, down: 50 Mbit/s}

mining:
  power: equal              # or shares of nodes 0, 1, …: [50 %, 30 %, 20 %]; or none

events:                     # what happens, and when; `for` undoes it
  - {at: 5 min, mine: {node: 3, blocks: 1}}
  # - {at: 6 min, for: 1 min, partition: {groups: [50 %, rest], sockets: silent}}

expect:                     # the answer; `simchain run` exits with 2 if it is another
  - propagation_seconds.p50: {below: 1 s}
)yaml";
}

}  // namespace sim
