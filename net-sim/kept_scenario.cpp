#include "net-sim/kept_scenario.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "net-sim/graph_files.h"
#include "net-sim/output_file.h"
#include "net-sim/report.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/scenario_writer.h"

namespace sim {
namespace {

using chain::Error;
namespace fs = std::filesystem;

constexpr char kKeptScenario[] = "scenario.yaml";
constexpr char kKeptTopology[] = "scenario_topology.graphml";
constexpr char kKeptSummary[] = "summary.json";
constexpr std::size_t kMostNamed = 5;  // directories of runs, in an error

// Directories of runs inside one that holds none itself, as several seeds leave them.
std::string runs_inside(const fs::path& directory) {
  std::error_code failed;
  std::vector<std::string> names;
  for (fs::directory_iterator each(directory, failed), end; !failed && each != end;
       each.increment(failed)) {
    if (fs::exists(each->path() / kKeptScenario, failed)) {
      names.push_back(each->path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return names.size() > kMostNamed ? text + ", …" : text;
}

chain::Result<KeptRun> read_summary(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Json json = Json::parse(text, nullptr, false);
  const auto bad = [&](const std::string& what) {
    return Error(file.string() + ": found " + what + "; expected what `simchain run --out` writes");
  };
  if (!in || json.is_discarded() || !json.is_object()) return bad("no JSON of a run");
  KeptRun run;
  const auto is = [&](const char* key, auto test) { return json.contains(key) && test(json[key]); };
  const auto string = [](const Json& value) { return value.is_string(); };
  for (const char* key : {"scenario", "digest", "version", "ended_by"}) {
    if (!is(key, string)) return bad(std::string("no text `") + key + "`");
  }
  if (!is("events", [](const Json& value) { return value.is_number_unsigned(); })) {
    return bad("no number `events`");
  }
  run.scenario.name = json["scenario"];
  run.digest = json["digest"];
  run.version = json["version"];
  run.events = json["events"];
  run.stopped = json["ended_by"] == name_of(Ending::wall_limit) ||
                json["ended_by"] == name_of(Ending::interrupted);
  return run;
}

}  // namespace

chain::Result<fs::path> write_kept_scenario(const fs::path& directory, const Scenario& scenario) {
  Scenario kept = scenario;
  Topology& topology = kept.network.topology;
  if (topology.kind == Topology::Kind::file) {
    Edges edges;
    for (const auto& [from, to] : topology.edges) edges.push_back({from, to});
    const std::string graph = topology_graphml(scenario.network.nodes, edges, topology.own);
    if (!write_file(directory / kKeptTopology, graph)) {
      return Error("cannot write " + (directory / kKeptTopology).string());
    }
    topology.path = kKeptTopology;
  }
  const std::string question = kept.question.empty() ? "" : "# " + kept.question + "\n\n";
  if (!write_file(directory / kKeptScenario, question + scenario_yaml(kept))) {
    return Error("cannot write " + (directory / kKeptScenario).string());
  }
  return directory;
}

chain::Result<KeptRun> read_kept_run(const fs::path& directory) {
  std::error_code failed;
  if (!fs::is_directory(directory, failed)) {
    return Error(directory.string() + ": no such directory; expected one that `simchain run FILE " +
                 "--out DIR` has written");
  }
  if (!fs::is_regular_file(directory / kKeptScenario, failed) ||
      !fs::is_regular_file(directory / kKeptSummary, failed)) {
    const std::string inside = runs_inside(directory);
    return Error(directory.string() +
                 (inside.empty() ? ": found no run; expected summary.json and scenario.yaml, as "
                                   "`simchain run FILE --out DIR` writes them"
                                 : ": found several runs; name one of them: " + inside));
  }
  auto run = read_summary(directory / kKeptSummary);
  if (!run) return Error(run.error());
  auto scenario = read_scenario((directory / kKeptScenario).string());
  if (!scenario) return Error(scenario.error());
  scenario->name = run->scenario.name;
  run->scenario = std::move(*scenario);
  return run;
}

}  // namespace sim
