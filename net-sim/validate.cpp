#include "net-sim/validate.h"

#include <algorithm>
#include <cmath>
#include <map>

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
                               .unit = FindingUnit::sameness,
                               .reference = 1.0,
                               .source = "digest of the same run again",
                               .pool = of_the_only_run}}});
  }
  return all;
}

std::vector<Experiment> all_experiments(bool thorough) {
  std::vector<Experiment> all;
  append(all, stale_experiments());
  append(all, selfish_experiments());
  append(all, double_spend_experiments());
  append(all, propagation_experiments());
  append(all, published_experiments(thorough));
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
                  .ours = check.pool(runs),
                  .quorum = experiment.quorum};
  finding.reference = check.reference ? *check.reference : runs.front().reference.value();
  if (check.rule == Rule::at_least) {
    finding.met = finding.ours.value >= finding.reference;
    return finding;
  }
  const auto close = [&](double value) {
    return within(value, finding.reference, check.tolerance);
  };
  finding.met =
      close(finding.ours.value) &&
      (check.rule == Rule::value || (close(finding.ours.low) && close(finding.ours.high)));
  return finding;
}

std::vector<Finding> quorum_findings(const std::vector<Finding>& findings) {
  std::map<std::string, std::map<std::string, bool>> met;  // by quorum and experiment
  for (const Finding& finding : findings) {
    if (!finding.quorum) continue;
    const auto [entry, first] = met[finding.quorum->name].try_emplace(finding.experiment, true);
    entry->second = entry->second && finding.met;
  }
  std::vector<Finding> together;
  for (const Finding& finding : findings) {
    if (!finding.quorum) continue;
    const auto group = met.find(finding.quorum->name);
    if (group == met.end()) continue;
    if (group->second.size() == finding.quorum->of) {
      const auto within = static_cast<double>(
          std::count_if(group->second.begin(), group->second.end(),
                        [](const auto& experiment) { return experiment.second; }));
      Experiment all{.suite = finding.suite,
                     .name = finding.quorum->name,
                     .yaml = "",
                     .measure = {},
                     .checks = {{.name = "within in all",
                                 .unit = FindingUnit::count,
                                 .reference = static_cast<double>(finding.quorum->least),
                                 .source = "of the rows above",
                                 .pool = of_the_only_run,
                                 .rule = Rule::at_least}}};
      together.push_back(judge(all, 0, {{.value = within}}, "How many of them agree?"));
      together.back().runs = 0;  // none of its own
    }
    met.erase(group);
  }
  return together;
}

}  // namespace sim
