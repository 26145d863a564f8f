#include "net-sim/run_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include "net-sim/expectation.h"
#include "net-sim/first_messages.h"
#include "net-sim/graph_files.h"
#include "net-sim/interrupt.h"
#include "net-sim/junit.h"
#include "net-sim/kept_scenario.h"
#include "net-sim/page.h"
#include "net-sim/progress.h"
#include "net-sim/recorder.h"
#include "net-sim/resolve.h"
#include "net-sim/tables.h"
#include "net-sim/trace.h"
#include "net-sim/units.h"
#include "net-sim/view_collector.h"

namespace sim {
namespace {

using WallClock = std::chrono::steady_clock;

struct Job {
  const Scenario* scenario = nullptr;
  std::uint64_t seed = 1;
  std::string out;
};

struct Outcome {
  int code = kAsExpected;
  std::string error;   // one line
  std::string note;    // one line
  std::string broken;  // invariants, several lines each
  std::string page;    // for stdout
  Json report;
};

double seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

// What `until` waits for, but for a count, is liveness: not to have come to it is a failure.
bool waited_in_vain(Ending ending, const Scenario& scenario) {
  const Until::Kind kind = scenario.until.kind;
  return ending == Ending::duration &&
         (kind == Until::Kind::converged || kind == Until::Kind::quiet);
}

int code_of(Ending ending, const Scenario& scenario, const Json& report) {
  if (ending == Ending::interrupted) return kInterrupted;
  if (ending == Ending::wall_limit) return kWallLimit;
  if (waited_in_vain(ending, scenario)) return kNotMet;
  return all_met(report) ? kAsExpected : kNotMet;
}

// Of what is no known fault of the original: the worst, and all of it in words.
void note_violations(const std::vector<Violation>& violations, const std::string& run,
                     Outcome& outcome) {
  for (const Violation& violation : violations) {
    if (violation.excused) continue;
    outcome.broken += "simchain: " + run + ": " + text_of(violation);
    outcome.code = worse(outcome.code, violation.is_liveness() ? kNotMet : kUnsafe);
  }
}

std::string seed_word(const Job& job) {
  return job.scenario->name + " seed " + std::to_string(job.seed);
}

void write_directory(const Job& job, const Simulator& simulator, const FirstMessages& first,
                     ViewCollector* traced, Outcome& outcome) {
  const auto fail = [&](const std::string& line) {
    outcome.error = line;
    outcome.code = worse(outcome.code, kOutputFailed);
  };
  const auto tables = write_tables(job.out, simulator, outcome.report, &first);
  if (!tables) return fail(tables.error());
  const auto kept = write_kept_scenario(job.out, simulator.scenario());
  if (!kept) return fail(kept.error());
  const auto left_out = write_graphs(job.out, simulator);
  if (!left_out) return fail(left_out.error());
  if (traced != nullptr) {
    const auto trace = write_trace(job.out + "/trace.json", simulator, traced->finish());
    if (!trace) return fail(trace.error());
  }
  if (!left_out->empty()) outcome.note = seed_word(job) + ": too large, left out: " + *left_out;
}

Outcome perform(const Job& job, const RunOptions& options, Progress& progress) {
  Outcome outcome;
  Scenario scenario = *job.scenario;
  scenario.seed.run = job.seed;
  const std::string problem = draw_problem(scenario);
  if (!problem.empty()) return {kBadInput, problem, {}, {}, {}, {}};
  auto simulator = Simulator::create(scenario);
  if (!simulator) return {kBadInput, scenario.file + ": " + simulator.error(), {}, {}, {}, {}};
  std::optional<Recorder> recorder;
  if (!options.record.empty()) {
    recorder.emplace(**simulator, options.record, options.record_limit);
    (*simulator)->watch(*recorder);
  }
  std::optional<ViewCollector> traced;
  if (options.trace) {
    traced.emplace(**simulator, kTraceLimits);
    (*simulator)->watch(*traced);
  }
  std::optional<Checkers> checkers;
  const CheckLevel level = check_level(options.check, scenario);
  if (level != CheckLevel::none) {
    checkers.emplace(checked(**simulator), level);
    (*simulator)->watch(*checkers);
  }
  FirstMessages first(**simulator);
  if (!job.out.empty()) (*simulator)->watch(first);
  const auto start = WallClock::now();
  const Ending ending = (*simulator)->run([&]() -> std::optional<Ending> {
    if (interrupted()) return Ending::interrupted;
    const double wall = seconds_since(start);
    if (options.wall_limit_seconds > 0 && wall > options.wall_limit_seconds) {
      return Ending::wall_limit;
    }
    progress.tick(**simulator, wall);
    return std::nullopt;
  });
  const MachineFacts machine{seconds_since(start), peak_memory_bytes()};
  outcome.report = run_report(**simulator, ending, machine);
  outcome.code = code_of(ending, scenario, outcome.report);
  if (checkers) {
    const bool complete = ending == Ending::duration || ending == Ending::until;
    if (complete) checkers->finish((*simulator)->now());
    outcome.report["violations"] = violations_json(checkers->violations());
    note_violations(checkers->violations(), seed_word(job), outcome);
  }
  if (waited_in_vain(ending, scenario)) {
    outcome.error = seed_word(job) + ": not " +
                    (scenario.until.kind == Until::Kind::quiet ? "quiet" : "converged") +
                    " within the duration, " + duration_text(scenario.duration);
  }
  if (ending == Ending::interrupted || ending == Ending::wall_limit) {
    outcome.error = seed_word(job) + ": stopped by " + std::string(name_of(ending)) + " after " +
                    duration_text((*simulator)->now() - chain::kTimeZero) +
                    " of simulated time; what is shown is what there was";
  }
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  outcome.page = options.json ? json_text(outcome.report) + "\n"
                              : run_page((*simulator)->scenario(), outcome.report, colour);
  if (!job.out.empty()) {
    write_directory(job, **simulator, first, traced ? &*traced : nullptr, outcome);
  }
  auto recorded = recorder ? recorder->finish() : chain::Result<std::uint64_t>(0);
  if (!outcome.broken.empty() && !recorder && !job.out.empty()) {
    recorded = record_again(scenario, (*simulator)->now(), job.out + "/violation.rec");
  }
  if (!recorded) {
    outcome.error = recorded.error();
    outcome.code = worse(outcome.code, kOutputFailed);
  }
  return outcome;
}

// One directory a run; the directory itself where there is only one.
std::string out_directory(const RunOptions& options, const Scenario& scenario, std::uint64_t seed,
                          bool single) {
  if (options.out.empty() || single) return options.out;
  return options.out + "/" + scenario.name + "-seed" + std::to_string(seed);
}

std::vector<Job> jobs_of(const RunOptions& options, const std::vector<Scenario>& scenarios) {
  std::vector<Job> jobs;
  for (const Scenario& scenario : scenarios) {
    const std::uint64_t only = options.seed.value_or(scenario.seed.run);
    const auto [first, last] = options.seeds.value_or(std::pair{only, only});
    const bool single = scenarios.size() == 1 && first == last;
    for (std::uint64_t i = 0; i <= last - first; ++i) {  // the last seed may be the largest number
      const std::uint64_t seed = first + i;
      jobs.push_back({&scenario, seed, out_directory(options, scenario, seed, single)});
    }
  }
  return jobs;
}

// Runs of one name would write into one directory.
std::string name_that_stands_twice(const std::vector<Scenario>& scenarios) {
  std::set<std::string> names;
  for (const Scenario& scenario : scenarios) {
    if (!names.insert(scenario.name).second) return scenario.name;
  }
  return "";
}

// Prints outcomes in order as they come; returns the worst code.
int run_all(const std::vector<Job>& jobs, const RunOptions& options,
            std::vector<Outcome>& outcomes) {
  outcomes.resize(jobs.size());
  std::vector<bool> done(jobs.size(), false);
  std::atomic<std::size_t> next{0};
  std::size_t working = 0;
  std::mutex mutex;
  std::condition_variable finished;
  Progress progress(jobs.size(), options.quiet);
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      Outcome outcome = perform(jobs[i], options, progress);
      const std::lock_guard lock(mutex);
      outcomes[i] = std::move(outcome);
      done[i] = true;
      finished.notify_one();
      if (interrupted()) break;
    }
    const std::lock_guard lock(mutex);
    --working;
    finished.notify_one();
  };
  const std::size_t threads = threads_for(options.jobs, jobs.size());
  std::vector<std::thread> workers;
  working = threads;
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  int code = kAsExpected;
  bool unwritten = false;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return done[i] || working == 0; });
    if (!done[i]) break;  // interrupted
    progress.clear();
    if (i > 0 && !options.json) std::fputs("\n", stdout);
    std::fputs(outcomes[i].page.c_str(), stdout);
    const bool written = std::fflush(stdout) == 0;
    if (!written && !unwritten) {
      unwritten = true;
      std::fprintf(stderr, "simchain: cannot write to standard output\n");
    }
    if (!outcomes[i].error.empty()) {
      std::fprintf(stderr, "simchain: %s\n", outcomes[i].error.c_str());
    }
    if (!outcomes[i].note.empty()) {
      std::fprintf(stderr, "simchain: %s\n", outcomes[i].note.c_str());
    }
    std::fputs(outcomes[i].broken.c_str(), stderr);
    code = worse(code, outcomes[i].code);
  }
  for (std::thread& worker : workers) worker.join();
  if (unwritten) code = worse(code, kOutputFailed);
  return interrupted() ? kInterrupted : code;
}

}  // namespace

CheckLevel check_level(std::optional<CheckLevel> asked, const Scenario& scenario) {
  const bool large = scenario.network.nodes > kMostCheckedUnasked;
  return asked.value_or(large ? CheckLevel::none : CheckLevel::known);
}

chain::Result<std::pair<std::uint64_t, std::uint64_t>> parse_seeds(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_count(text.substr(0, dots));
  const auto last = parse_count(dots == std::string::npos ? text : text.substr(dots + 2));
  if (!first || !last || *first > *last || *last - *first >= 1'000'000) {
    return chain::Error("--seeds: found `" + text +
                        "`; expected a range such as `1..20`, at most a million seeds");
  }
  return std::pair{*first, *last};
}

int run_command(const RunOptions& options) {
  std::vector<Scenario> scenarios;
  for (const std::string& file : options.files) {
    auto scenario = read_scenario(file, options.overrides);
    if (!scenario) {
      std::fprintf(stderr, "%s\n", scenario.error().c_str());
      return kBadInput;
    }
    scenarios.push_back(std::move(*scenario));
  }
  const std::string twice = options.out.empty() ? "" : name_that_stands_twice(scenarios);
  if (!twice.empty()) {
    std::fprintf(stderr, "--out: found two scenarios named `%s`; expected names that differ\n",
                 twice.c_str());
    return kBadInput;
  }
  const std::vector<Job> jobs = jobs_of(options, scenarios);
  if (!options.record.empty() && jobs.size() > 1) {
    std::fprintf(stderr, "--record: found %zu runs; expected one, for a recording has one\n",
                 jobs.size());
    return kBadInput;
  }
  catch_interrupts();
  std::vector<Outcome> outcomes;
  int code = run_all(jobs, options, outcomes);
  if (!options.junit.empty()) {
    std::vector<JunitRun> runs;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const bool ran = !outcomes[i].report.is_null() || !outcomes[i].error.empty();
      runs.push_back(
          {seed_word(jobs[i]), ran ? outcomes[i].error : "it was not run", outcomes[i].report});
    }
    if (!write_junit(options.junit, runs)) {
      std::fprintf(stderr, "simchain: cannot write %s\n", options.junit.c_str());
      code = worse(code, kOutputFailed);
    }
  }
  return code;
}

}  // namespace sim
