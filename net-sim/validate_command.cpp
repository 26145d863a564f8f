#include "net-sim/validate_command.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "core/spelling.h"
#include "net-sim/command.h"
#include "net-sim/interrupt.h"
#include "net-sim/progress.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/validate_page.h"
#include "net-sim/yaml_value.h"

namespace sim {
namespace {

using WallClock = std::chrono::steady_clock;

double wall_seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

// An experiment under way: what each of its seeds has measured.
struct Study {
  const Experiment* experiment = nullptr;
  Scenario scenario;
  std::vector<std::vector<Observed>> of_seed;  // [seed][check]; empty: not run to its end

  bool complete() const {
    return std::none_of(of_seed.begin(), of_seed.end(),
                        [](const auto& observed) { return observed.empty(); });
  }
};

chain::Result<Scenario> scenario_of(const Experiment& experiment) {
  return read_scenario_text(experiment.yaml, experiment.name);
}

void perform(Study& study, std::size_t place, Progress& progress) {
  Scenario scenario = study.scenario;
  scenario.seed.run += place;
  const auto start = WallClock::now();
  study.of_seed[place] =
      study.experiment->measure(scenario, [&](const Simulator& simulator) -> std::optional<Ending> {
        if (interrupted()) return Ending::interrupted;
        progress.tick(simulator, wall_seconds_since(start));
        return std::nullopt;
      });
  progress.clear();
}

void perform_all(std::vector<Study>& studies, unsigned jobs, bool quiet) {
  std::vector<std::pair<Study*, std::size_t>> places;
  for (Study& study : studies) {
    for (std::size_t i = 0; i < study.of_seed.size(); ++i) places.emplace_back(&study, i);
  }
  Progress progress(places.size(), quiet);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < places.size() && !interrupted(); i = next++) {
      perform(*places[i].first, places[i].second, progress);
    }
  };
  in_threads(threads_for(jobs, places.size()), work);
}

std::vector<std::string> names_of(const std::vector<Experiment>& experiments) {
  std::vector<std::string> names;
  for (const Experiment& experiment : experiments) names.push_back(experiment.name);
  return names;
}

std::string unknown(const std::string& word, const std::vector<std::string>& known,
                    const std::string& expected) {
  const std::string meant = chain::near_miss(word, known);
  return "simchain validate: found `" + word + "`; " +
         (meant.empty() ? "expected " + expected : "did you mean `" + meant + "`?");
}

// A check's name is its experiment's and what stands after a space.
int show(const std::vector<Experiment>& all, const std::string& name) {
  const std::string wanted = name.substr(0, name.find(' '));
  for (const Experiment& experiment : all) {
    if (experiment.name == wanted) return print(experiment.yaml);
  }
  return fail(unknown(wanted, names_of(all), "the name of a check, as the table has it"));
}

}  // namespace

chain::Result<std::vector<Experiment>> selected(const std::vector<Experiment>& all,
                                                const std::string& word) {
  std::vector<Experiment> found;
  for (const Experiment& experiment : all) {
    if (word.empty() || experiment.suite == word || experiment.name == word) {
      found.push_back(experiment);
    }
  }
  if (!found.empty()) return found;
  std::vector<std::string> known = suite_names();
  const std::string expected = "one of " + listed(known);
  for (const std::string& name : names_of(all)) known.push_back(name);
  return chain::Error(unknown(word, known, expected));
}

chain::Result<std::vector<Finding>> find_out(const std::vector<Experiment>& experiments,
                                             unsigned jobs, bool quiet) {
  std::vector<Study> studies;
  for (const Experiment& experiment : experiments) {
    auto scenario = scenario_of(experiment);
    if (!scenario) return chain::Error(scenario.error());
    studies.push_back({&experiment, std::move(*scenario), {}});
    studies.back().of_seed.resize(experiment.seeds);
  }
  perform_all(studies, jobs, quiet);
  std::vector<Finding> findings;
  for (const Study& study : studies) {
    if (!study.complete()) continue;
    for (std::size_t i = 0; i < study.experiment->checks.size(); ++i) {
      std::vector<Observed> runs;
      for (const auto& observed : study.of_seed) runs.push_back(observed[i]);
      findings.push_back(judge(*study.experiment, i, runs, study.scenario.question));
    }
  }
  for (Finding& finding : quorum_findings(findings)) findings.push_back(std::move(finding));
  return findings;
}

int validate_command(const ValidateOptions& options) {
  const std::vector<Experiment> all = all_experiments(options.thorough);
  if (!options.show.empty()) return show(all, options.show);
  const auto experiments = selected(all, options.suite);
  if (!experiments) return fail(experiments.error());
  catch_interrupts();
  const auto start = WallClock::now();
  const auto findings = find_out(*experiments, options.jobs, options.quiet);
  if (!findings) return fail(findings.error());
  ValidationFacts facts{.suite = options.suite.empty() ? "all" : options.suite,
                        .thorough = options.thorough,
                        .interrupted = interrupted(),
                        .wall_seconds = wall_seconds_since(start)};
  std::string counted;
  for (const Finding& finding : *findings) {
    if (finding.experiment != counted) facts.runs += finding.runs;
    counted = finding.experiment;
  }
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  const int written = print(options.json ? json_text(findings_json(*findings, facts)) + "\n"
                                         : findings_page(*findings, facts, colour));
  if (facts.interrupted) {
    std::fprintf(stderr, "simchain: interrupted; what is shown is what was complete\n");
    return kInterrupted;
  }
  return worse(written, failed(*findings) == 0 ? kAsExpected : kNotMet);
}

}  // namespace sim
