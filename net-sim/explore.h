// One plan, run and judged; and a failure made smaller.
//
// What runs is the plan's text, read as any scenario file is, so that what explore says of it is
// what `simchain run` says of the file. Nothing here draws anything or knows of threads and time on
// the wall.
#pragma once

#include <functional>
#include <optional>

#include "net-sim/checkers.h"
#include "net-sim/explore_coverage.h"
#include "net-sim/explore_plan.h"

namespace sim {

struct Explored {
  std::string text;       // the scenario file
  std::string error;      // of the reader, or of a network that cannot be drawn: it was not run
  bool complete = false;  // it came to its end
  bool judged_liveness = false;       // its end was calm
  std::vector<Violation> violations;  // but for what is excused
  std::uint32_t nodes = 0;
  std::uint64_t events = 0;
  Duration simulated;
  CoverageCount coverage;
  bool had_crash = false, had_reorg = false, had_partition = false;
};

struct ExploreRules {
  CheckLevel level = CheckLevel::known;
  std::string base;                      // YAML whose keys stand; empty: none
  std::function<bool()> stop = {};       // asked now and then: whether to leave off
  std::optional<Invariant> sought = {};  // a run that has broken it need not go on
};

// Runs with more events than this are cut short, and judged as far as they came.
inline constexpr std::uint64_t kMostExploredEvents = 2'000'000;
// And with more than this after the first thing that broke: a fault may multiply what happens.
inline constexpr std::uint64_t kMostEventsOnceBroken = 200'000;

// `question`: the first comment of the text.  The calm is made long enough for liveness.
Explored explore(const Plan& plan, const std::string& question, const ExploreRules& rules);

// The smallest plan found that still breaks `invariant`: fewer faults, attackers, nodes, a shorter
// time, plainer values, tried one after another until nothing can be left out, or `most_runs` were
// made.  REQUIRES: `plan` breaks it.
Plan shrunk(const Plan& plan, Invariant invariant, const ExploreRules& rules,
            std::uint32_t most_runs);

// Of a run that is shrunk: whether it broke `invariant`.
bool broke(const Explored& run, Invariant invariant);

}  // namespace sim
