#include "net-sim/explore.h"

#include <algorithm>

#include "net-sim/scenario_reader.h"
#include "net-sim/simulator.h"

namespace sim {
namespace {

constexpr std::int64_t kMargin = 60;  // seconds of calm beyond the bound: what to see die down

std::int64_t whole_seconds(Duration d) { return (d.ns + kBillion - 1) / kBillion; }

bool is_found(const std::vector<Violation>& violations, std::optional<Invariant> sought) {
  return std::any_of(violations.begin(), violations.end(), [&](const Violation& v) {
    return !v.excused && (!sought || v.invariant == *sought);
  });
}

}  // namespace

bool broke(const Explored& run, Invariant invariant) {
  return std::any_of(run.violations.begin(), run.violations.end(),
                     [=](const Violation& v) { return v.invariant == invariant; });
}

Explored explore(const Plan& plan, const std::string& question, const ExploreRules& rules) {
  Explored run;
  Plan long_enough = plan;
  run.text = plan_text(long_enough, question, rules.base);
  auto scenario = read_scenario_text(run.text, "explored.yaml");
  if (!scenario) {
    run.error = scenario.error();
    return run;
  }
  const std::int64_t calm = whole_seconds(liveness_bound(*scenario)) + kMargin;
  if (calm != plan.calm_s) {
    long_enough.calm_s = calm;
    run.text = plan_text(long_enough, question, rules.base);
    scenario = read_scenario_text(run.text, "explored.yaml");
  }
  auto simulator = scenario
                       ? Simulator::create(*scenario)
                       : chain::Result<std::unique_ptr<Simulator>>(chain::Error(scenario.error()));
  if (!simulator) {
    run.error = simulator.error();
    return run;
  }
  Checkers checkers(checked(**simulator), rules.level);
  Coverage coverage(**simulator);
  (*simulator)->watch(checkers);
  (*simulator)->watch(coverage);
  std::uint64_t most_events = kMostExploredEvents;
  const Ending ending = (*simulator)->run([&]() -> std::optional<Ending> {
    if (rules.stop && rules.stop()) return Ending::interrupted;
    const std::uint64_t events = (*simulator)->events();
    if (is_found(checkers.violations(), std::nullopt)) {
      most_events = std::min(most_events, events + kMostEventsOnceBroken);
    }
    const bool enough = rules.sought && is_found(checkers.violations(), rules.sought);
    if (enough || events > most_events) return Ending::wall_limit;
    return std::nullopt;
  });
  run.complete = ending == Ending::duration || ending == Ending::until;
  if (run.complete) {
    run.judged_liveness = checkers.is_calm((*simulator)->now());
    checkers.finish((*simulator)->now());
  }
  for (const Violation& violation : checkers.violations()) {
    if (!violation.excused) run.violations.push_back(violation);
  }
  run.nodes = scenario->network.nodes;
  run.events = (*simulator)->events();
  run.simulated = (*simulator)->now() - chain::kTimeZero;
  run.coverage = coverage.count();
  run.had_crash = coverage.had_crash();
  run.had_reorg = coverage.had_reorg();
  run.had_partition = coverage.had_partition();
  return run;
}

}  // namespace sim
