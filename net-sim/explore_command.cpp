#include "net-sim/explore_command.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "core/check.h"
#include "net-sim/explore.h"
#include "net-sim/interrupt.h"
#include "net-sim/recorder.h"
#include "net-sim/report.h"
#include "net-sim/run_command.h"
#include "net-sim/scenario_reader.h"

namespace sim {
namespace {

using WallClock = std::chrono::steady_clock;

constexpr double kDefaultSeconds = 60;
constexpr double kSecondsInYear = 365.25 * 24 * 3600;
constexpr std::uint64_t kLastSeed = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kMostShrinkingRuns = 1500;

double exploring_seconds(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

// A CHECK of the code under test ends the process: the seed that it came to is told, so that
// `--seeds N` comes to it again, and `--show N` prints the scenario. Only what a signal handler may
// do.
thread_local char exploring[64] = "";
void note_seed(std::uint64_t seed) {
  std::snprintf(exploring, sizeof exploring, "simchain: explore: seed %llu\n",
                static_cast<unsigned long long>(seed));
}
void tell_seed(int) {
  const ssize_t ignored = write(STDERR_FILENO, exploring, std::strlen(exploring));
  static_cast<void>(ignored);
}

// A plan that broke an invariant, and the file that shows it.
struct Failure {
  Plan plan;
  Violation violation;
  std::string file{};
  std::uint32_t nodes = 0;  // of the file's network
};

struct Tally {
  std::uint64_t runs = 0, failed = 0, not_run = 0, cut_short = 0, events = 0;
  double node_years = 0;  // of simulated time
  // Of the runs that broke nothing.
  std::uint64_t passed = 0, with_crash = 0, with_reorg = 0, with_partition = 0, with_liveness = 0;
  CoverageCount coverage = nothing_met();
  std::string error;  // of the first that was not run
  std::map<Invariant, Failure> failures;

  void add(const Plan& plan, const Explored& run) {
    if (!run.error.empty()) {
      if (not_run++ == 0) error = run.error;
      return;
    }
    ++runs;
    events += run.events;
    node_years += run.simulated.seconds() * run.nodes / kSecondsInYear;
    coverage += run.coverage;
    for (const Violation& violation : run.violations) {
      const auto found = failures.find(violation.invariant);
      if (found != failures.end() && found->second.plan.seed <= plan.seed) continue;
      failures[violation.invariant] = {plan, violation};
    }
    if (!run.violations.empty()) {
      ++failed;
      return;
    }
    if (!run.complete) {
      ++cut_short;
      return;
    }
    ++passed;
    with_crash += run.had_crash ? 1 : 0;
    with_reorg += run.had_reorg ? 1 : 0;
    with_partition += run.had_partition ? 1 : 0;
    with_liveness += run.judged_liveness ? 1 : 0;
  }
};

class Exploration {
 public:
  Exploration(const ExploreOptions& options, PlanBounds bounds, ExploreRules rules)
      : options_(options),
        bounds_(bounds),
        rules_(std::move(rules)),
        shown_(!options.quiet && isatty(STDERR_FILENO) != 0),
        next_(0) {
    rules_.stop = [this] { return interrupted() || found_; };
    limit_ = options.for_seconds > 0 ? options.for_seconds : options.seeds ? 0 : kDefaultSeconds;
  }

  Tally run() {
    in_threads(threads_for(options_.jobs, kLastSeed), [this] { work(); });
    if (shown_) std::fputs("\r\033[K", stderr);
    return std::move(tally_);
  }
  double wall_seconds() const { return exploring_seconds(start_); }

 private:
  bool is_over() const {
    return interrupted() || found_ || (limit_ > 0 && wall_seconds() > limit_);
  }

  void work() {
    while (!is_over()) {
      const std::uint64_t i = next_++;  // the last seed may be the largest number
      const auto [first, last] = options_.seeds.value_or(std::pair(std::uint64_t{1}, kLastSeed));
      if (i > last - first) return;
      const std::uint64_t seed = first + i;
      note_seed(seed);
      const Plan plan = draw_plan(seed, bounds_);
      const Explored run = explore(plan, "", rules_);
      const std::lock_guard lock(mutex_);
      if (!interrupted() && !found_) tally_.add(plan, run);  // else it may have been cut off
      found_ = options_.first && !tally_.failures.empty();
      show();
    }
  }

  void show() {
    if (!shown_ || wall_seconds() < last_shown_ + 0.25) return;
    last_shown_ = wall_seconds();
    std::fprintf(stderr, "\r\033[K%llu runs, %.0f a second, %zu invariants broken",
                 static_cast<unsigned long long>(tally_.runs),
                 static_cast<double>(tally_.runs) / last_shown_, tally_.failures.size());
    if (limit_ > 0) std::fprintf(stderr, ", %.0f s left", std::max(0.0, limit_ - last_shown_));
    std::fflush(stderr);
  }

  const ExploreOptions& options_;
  const PlanBounds bounds_;
  ExploreRules rules_;
  const bool shown_;
  const WallClock::time_point start_ = WallClock::now();
  double limit_ = 0;
  double last_shown_ = 0;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> found_ = false;
  std::mutex mutex_;
  Tally tally_;
};

// Shrunk, and with a first comment that says what it shows and how to see it; and its recording.
bool write_failure(Failure& failure, const ExploreOptions& options, const ExploreRules& rules) {
  const InvariantRow& row = row_of(failure.violation.invariant);
  note_seed(failure.plan.seed);
  failure.plan = shrunk(failure.plan, failure.violation.invariant, rules, kMostShrinkingRuns);
  failure.file = options.out + "/" + std::string(row.name) + ".yaml";
  std::string question = "Does it hold here that " + std::string(row.sentence) + "?\n\n";
  question += "It did not: simchain run " + failure.file;
  if (rules.level == CheckLevel::all) question += " --check all";
  const Explored run = explore(failure.plan, question, rules);
  failure.nodes = run.nodes;
  for (const Violation& violation : run.violations) {
    if (violation.invariant == failure.violation.invariant) failure.violation = violation;
  }
  std::error_code ignored;
  std::filesystem::create_directories(options.out, ignored);
  std::ofstream out(failure.file, std::ios::binary);
  out << run.text;
  const std::filesystem::path recording =
      std::filesystem::path(failure.file).replace_extension("rec");
  const auto scenario = read_scenario_text(run.text, failure.file);
  CHECK(scenario.ok());
  return out.flush() && record_again(*scenario, failure.violation.at, recording.string());
}

std::string counts_text(const std::string& title,
                        const std::map<std::string, std::uint64_t>& counts) {
  std::string met, never;
  for (const auto& [name, count] : counts) {
    std::string& list = count > 0 ? met : never;
    list += (list.empty() ? "" : "; ") + name + (count > 0 ? " " + std::to_string(count) : "");
  }
  return "  " + title + ": " + met + "\n" + (never.empty() ? "" : "    never: " + never + "\n");
}

std::string page(const Tally& tally, double wall_seconds) {
  char line[256];
  std::snprintf(line, sizeof line,
                "%llu runs in %.1f s, %.1f M events, %.1f node-years; %llu passed, %llu failed",
                static_cast<unsigned long long>(tally.runs), wall_seconds,
                static_cast<double>(tally.events) / 1e6, tally.node_years,
                static_cast<unsigned long long>(tally.passed),
                static_cast<unsigned long long>(tally.failed));
  std::string text = line;
  text += ", " + std::to_string(tally.cut_short) + " cut short, " + std::to_string(tally.not_run) +
          " could not be drawn\n";
  text += "  of those that passed: with a crash " + std::to_string(tally.with_crash) +
          ", a reorg " + std::to_string(tally.with_reorg) + ", a partition " +
          std::to_string(tally.with_partition) + ", liveness judged " +
          std::to_string(tally.with_liveness) + "\n";
  text += counts_text("faults, in runs", tally.coverage.faults);
  text += counts_text("messages", tally.coverage.messages);
  text += counts_text("transitions", tally.coverage.transitions);
  for (const auto& [invariant, failure] : tally.failures) {
    text += "\n" + failure.file + ", from seed " + std::to_string(failure.plan.seed) + "\n" +
            text_of(failure.violation);
  }
  return text;
}

Json document(const Tally& tally, double wall_seconds) {
  Json failures = Json::array();
  for (const auto& [invariant, failure] : tally.failures) {
    Json entry = violations_json({failure.violation})[0];
    entry["seed"] = failure.plan.seed;
    entry["file"] = failure.file;
    entry["nodes"] = failure.nodes;
    entry["faults"] = failure.plan.faults.size() + failure.plan.attackers.size();
    failures.push_back(std::move(entry));
  }
  return {{"runs", tally.runs},
          {"wall_seconds", wall_seconds},
          {"events", tally.events},
          {"node_years", tally.node_years},
          {"failed", tally.failed},
          {"cut_short", tally.cut_short},
          {"not_drawn", tally.not_run},
          {"passed",
           {{"all", tally.passed},
            {"with_crash", tally.with_crash},
            {"with_reorg", tally.with_reorg},
            {"with_partition", tally.with_partition},
            {"liveness_judged", tally.with_liveness}}},
          {"coverage",
           {{"faults", tally.coverage.faults},
            {"messages", tally.coverage.messages},
            {"transitions", tally.coverage.transitions}}},
          {"failures", failures}};
}

int code_of(const Tally& tally) {
  int code = kAsExpected;
  for (const auto& [invariant, failure] : tally.failures) {
    code = worse(code, failure.violation.is_liveness() ? kNotMet : kUnsafe);
  }
  return code;
}

bool speaks_original_alone(const Scenario& scenario) {
  return scenario.protocol.size() == 1 &&
         scenario.protocol.front().first == ProtocolKind::push_chain;
}

}  // namespace

int explore_command(const ExploreOptions& options) {
  PlanBounds bounds{.protocol = options.protocol};
  ExploreRules rules;
  rules.stop = [] { return interrupted(); };
  if (options.file != "-") {
    const auto base = read_scenario(options.file);
    if (!base) {
      std::fprintf(stderr, "%s\n", base.error().c_str());
      return kBadInput;
    }
    std::ostringstream text;
    text << std::ifstream(options.file, std::ios::binary).rdbuf();
    rules.base = text.str();
    bounds.nodes = base->network.nodes;
    bounds.chaos_s = std::max<std::int64_t>(base->duration.ns / kBillion, 10);
    if (base->chain.rules == chain::RulesKind::tutorial) bounds.rules = "tutorial";
    const bool alone = speaks_original_alone(*base);
    if (alone) bounds.protocol = ExploredProtocol::push_chain;
  }
  // Who asks for the original alone asks for its faults.
  const bool all = bounds.protocol == ExploredProtocol::push_chain;
  rules.level = all ? CheckLevel::all : CheckLevel::known;
  if (options.show) {
    const Plan plan = draw_plan(*options.show, bounds);
    return print(plan_text(plan, "What seed " + std::to_string(plan.seed) + " draws.", rules.base));
  }
  catch_interrupts();
  std::signal(SIGABRT, tell_seed);
  Exploration exploration(options, bounds, rules);
  Tally tally = exploration.run();
  const double wall_seconds = exploration.wall_seconds();
  int code = code_of(tally);
  if (tally.runs == 0 && tally.not_run > 0) {
    std::fprintf(stderr, "simchain: explore: nothing could be run: %s\n", tally.error.c_str());
    code = worse(code, kBadInput);
  }
  for (auto& [invariant, failure] : tally.failures) {
    if (write_failure(failure, options, rules)) continue;
    std::fprintf(stderr, "simchain: cannot write %s\n", failure.file.c_str());
    code = worse(code, kOutputFailed);
  }
  const std::string text =
      options.json ? json_text(document(tally, wall_seconds)) + "\n" : page(tally, wall_seconds);
  code = worse(code, print(text));
  return interrupted() ? kInterrupted : code;
}

}  // namespace sim
