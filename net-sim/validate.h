// What is known about networks, beside what this simulator says of them: the checks of `simchain
// validate`, as a table of data.
//
//   experiment: a scenario, run with several seeds  -->  numbers of each run  -->  checks: rows
//
// A reference comes from a formula or a publication, which the row names. A formula is met only if
// the whole 95 % interval of our value lies within the tolerance, so that a short study is no pass.
// The experiments stand in validate_*.cpp, a file each suite; how they are run and shown is
// validate_command.h's and validate_page.h's business.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net-sim/simulator.h"
#include "net-sim/statistics.h"

namespace sim {

// What one run tells for one check.
struct Observed {
  double value = 0;
  std::optional<double> reference = {};     // where it depends on the run
  std::uint64_t successes = 0, trials = 0;  // where a share is pooled over runs
  std::optional<Estimate> estimate = {};    // where a run has an interval of its own
};

enum class FindingUnit : std::uint8_t {
  share,          // shown in per cent
  seconds,        // to four digits
  exact_seconds,  // to the nanosecond
  sameness,       // 1: two runs were the same
  count,
};

enum class Rule : std::uint8_t {
  whole_interval,  // within the tolerance of the reference
  value,           // only the value is; the reference is a sample, too
  at_least,        // the value is the reference or more
};

struct Check {
  std::string name;  // after the experiment's: "stale/all"
  FindingUnit unit = FindingUnit::share;
  std::optional<double> reference = {};  // absent: the runs tell it
  std::string source;                    // a formula or a publication
  double tolerance = 0;                  // a share of the reference; 0: exactly that
  Estimate (*pool)(const std::vector<Observed>& runs) = nullptr;
  Rule rule = Rule::whole_interval;
  std::optional<Estimate> reference_interval = {};  // 95 %, of a published sample
};

// Runs to the end; nothing if the watcher stopped it.
using Watch = std::function<std::optional<Ending>(const Simulator&)>;
std::unique_ptr<Simulator> run_watched(const Scenario& scenario, const Watch& watch);

// Experiments of one name are judged together: enough of them must meet all of their checks, and
// none fails by itself.
struct Quorum {
  std::string name;
  std::size_t least = 0, of = 0;
};

struct Experiment {
  std::string suite;
  std::string name;
  std::string yaml;  // the scenario, as a user could write it; its first comment is the question
  std::uint64_t seeds = 1;  // from the scenario's own on
  // One entry for each check; none if it was stopped. From several threads at once.
  std::function<std::vector<Observed>(const Scenario&, const Watch&)> measure;
  std::vector<Check> checks = {};
  std::optional<Quorum> quorum = {};
};

// All of them, suite by suite. `thorough`: larger ones, too.
std::vector<Experiment> all_experiments(bool thorough);
std::vector<std::string> suite_names();

std::vector<Experiment> stale_experiments();
std::vector<Experiment> selfish_experiments();
std::vector<Experiment> double_spend_experiments();
std::vector<Experiment> propagation_experiments();
std::vector<Experiment> draw_experiments();
std::vector<Experiment> published_experiments(bool thorough);
// That the first blocks of each of those give the same digest twice.
std::vector<Experiment> determinism_experiments(const std::vector<Experiment>& of);

// --- verdicts ----------------------------------------------------

Estimate mean_of_runs(const std::vector<Observed>& runs);     // Student's interval
Estimate share_of_trials(const std::vector<Observed>& runs);  // Wilson's
Estimate of_the_only_run(const std::vector<Observed>& runs);

struct Finding {
  std::string suite, experiment, question;
  std::size_t runs = 0;  // of the experiment
  Check check;
  Estimate ours;
  double reference = 0;
  bool met = false;
  std::optional<Quorum> quorum;

  bool failed() const { return !met && !quorum; }
  std::string name() const { return experiment + " " + check.name; }
};

// `runs`: what the experiment measured for its check number `check`, one a seed.
Finding judge(const Experiment& experiment, std::size_t check, const std::vector<Observed>& runs,
              const std::string& question);

// A finding for each quorum all of whose experiments are among `findings`.
std::vector<Finding> quorum_findings(const std::vector<Finding>& findings);

}  // namespace sim
