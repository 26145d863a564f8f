#include "net-sim/validate.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace sim {
namespace {

constexpr std::uint64_t kBlocksRunTwice = 200;

std::vector<Observed> run_twice(const Scenario& scenario, const Watch& watch) {
  Scenario early = scenario;  // its first blocks, as far as it has so many
  early.until = {.kind = Until::Kind::blocks, .count = kBlocksRunTwice};
  const auto first = run_watched(early, watch);
  const auto second = run_watched(early, watch);
  if (!first || !second) return {};
  return {{.value = first->digest() == second->digest() ? 1.0 : 0.0}};
}

void append(std::vector<Experiment>& all, std::vector<Experiment> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

bool within(double value, double reference, double tolerance) {
  return std::abs(value - reference) <= tolerance * std::abs(reference);
}

}  // namespace

std::unique_ptr<Simulator> run_watched(const Scenario& scenario, const Watch& watch) {
  auto simulator = Simulator::create(scenario);
  CHECK(simulator.ok());
  const Ending ending =
      (*simulator)->run([&]() { return watch ? watch(**simulator) : std::nullopt; });
  const bool stopped = ending == Ending::interrupted || ending == Ending::wall_limit;
  return stopped ? nullptr : std::move(*simulator);
}

std::vector<Experiment> determinism_experiments(const std::vector<Experiment>& of) {
  std::vector<Experiment> all;
  for (const Experiment& experiment : of) {
    all.push_back({.suite = "determinism",
                   .name = "determinism." + experiment.name,
                   .yaml = experiment.yaml,
                   .measure = run_twice,
                   .checks = {{.name = "first 200 blocks",
                               .unit = Unit::sameness,
                               .reference = 1.0,
                               .source = "digest of the same run again",
                               .pool = of_the_only_run}}});
  }
  return all;
}

std::vector<Experiment> all_experiments(bool) {
  std::vector<Experiment> all;
  append(all, stale_experiments());
  append(all, propagation_experiments());
  std::vector<Experiment> twice = determinism_experiments(all);
  append(all, draw_experiments());
  append(all, std::move(twice));
  return all;
}

std::vector<std::string> suite_names() {
  std::vector<std::string> names;
  for (const Experiment& experiment : all_experiments(false)) {
    if (names.empty() || names.back() != experiment.suite) names.push_back(experiment.suite);
  }
  return names;
}

// --- verdicts ----------------------------------------------------

Estimate mean_of_runs(const std::vector<Observed>& runs) {
  std::vector<double> values;
  for (const Observed& run : runs) values.push_back(run.value);
  return mean_estimate(values);
}

Estimate share_of_trials(const std::vector<Observed>& runs) {
  std::uint64_t successes = 0, trials = 0;
  for (const Observed& run : runs) {
    successes += run.successes;
    trials += run.trials;
  }
  return share_estimate(successes, trials);
}

Estimate of_the_only_run(const std::vector<Observed>& runs) {
  CHECK(runs.size() == 1);
  const double value = runs.front().value;
  return runs.front().estimate.value_or(Estimate{value, value, value});
}

Finding judge(const Experiment& experiment, std::size_t number, const std::vector<Observed>& runs,
              const std::string& question) {
  const Check& check = experiment.checks[number];
  Finding finding{.suite = experiment.suite,
                  .experiment = experiment.name,
                  .question = question,
                  .runs = runs.size(),
                  .check = check,
                  .ours = check.pool(runs)};
  finding.reference = check.reference ? *check.reference : runs.front().reference.value();
  const auto close = [&](double value) {
    return within(value, finding.reference, check.tolerance);
  };
  finding.met =
      close(finding.ours.value) &&
      (check.rule == Rule::value || (close(finding.ours.low) && close(finding.ours.high)));
  return finding;
}

}  // namespace sim
