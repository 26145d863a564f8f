#include "net-sim/sweep/sweep_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "core/version.h"
#include "net-sim/interrupt.h"
#include "net-sim/run_command.h"
#include "net-sim/sweep/outputs.h"
#include "net-sim/units.h"

namespace sim {
namespace {

using WallClock = std::chrono::steady_clock;

double since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

int complain(int code, const std::string& line) {
  std::fprintf(stderr, "simchain: %s\n", line.c_str());
  return code;
}

// Whether the shard makes this run. With `until` it has whole points, else every so-many-th run, so
// that shards take about as long.
bool owns(const SweepPlan& plan, SweepShard shard, std::size_t point, std::uint64_t seed) {
  const std::uint64_t number =
      plan.until.empty() ? point * plan.seeds() + (seed - plan.first_seed) : point;
  return number % shard.of == shard.number - 1;
}

// Hands out runs, one after the other, and takes their rows.
class Schedule {
 public:
  Schedule(const SweepPlan& plan, SweepShard shard, const std::vector<SweepRow>& done)
      : plan_(plan), shard_(shard), points_(plan.points.size()) {
    const std::uint64_t units =
        plan.until.empty() ? plan.points.size() * plan.seeds() : plan.points.size();
    const std::uint64_t owned = units / shard.of + (shard.number <= units % shard.of ? 1 : 0);
    most_ = plan.until.empty() ? owned : owned * plan.seeds();
    for (const SweepRow& row : done) add(row);
  }

  struct Run {
    std::size_t point;
    std::uint64_t seed;
  };
  std::optional<Run> next() {
    for (; first_open_ < points_.size() && is_handed_out(first_open_); ++first_open_) {
    }
    for (std::size_t point = first_open_; point < points_.size(); ++point) {
      if (is_handed_out(point)) continue;
      return Run{point, plan_.first_seed + points_[point].next++};
    }
    return std::nullopt;
  }
  void add(const SweepRow& row) {
    Point& at = points_[row.point];
    ended_ += at.rows.emplace(row.seed, row).second ? 1 : 0;
    if (plan_.until.empty() || at.enough) return;
    PointRows first;  // without a gap
    for (const auto& [seed, each] : at.rows) {
      if (seed == plan_.first_seed + first.size()) first.push_back(&each);
    }
    while (at.judged < first.size() && !at.enough) at.enough = suffice(plan_, first, ++at.judged);
    if (at.enough) most_ -= plan_.seeds() - at.rows.size();
  }

  std::vector<SweepRow> rows() const {
    std::vector<SweepRow> all;
    for (const Point& point : points_) {
      for (const auto& [seed, row] : point.rows) all.push_back(row);
    }
    return all;
  }
  // Of runs: how many ended, and how many are there at most.
  std::uint64_t ended() const { return ended_; }
  std::uint64_t most() const { return most_; }

 private:
  struct Point {
    std::uint64_t next = 0;                  // seed to hand out, counted from the first
    std::map<std::uint64_t, SweepRow> rows;  // by seed
    std::size_t judged = 0;                  // of its first rows, how many are not enough
    bool enough = false;
  };

  // Moves on to the next seed that is to be run.
  bool is_handed_out(std::size_t point) {
    Point& at = points_[point];
    if (at.enough) return true;
    while (at.next < plan_.seeds() && (at.rows.count(plan_.first_seed + at.next) > 0 ||
                                       !owns(plan_, shard_, point, plan_.first_seed + at.next))) {
      ++at.next;
    }
    return at.next >= plan_.seeds();
  }

  const SweepPlan& plan_;
  const SweepShard shard_;
  std::vector<Point> points_;
  std::size_t first_open_ = 0;
  std::uint64_t ended_ = 0, most_ = 0;
};

// Nothing: it was interrupted.
std::optional<SweepRow> perform_one(const SweepPlanRead& read, Schedule::Run run,
                                    const SweepOptions& options, const std::string& host) {
  SweepRow row;
  row.point = run.point;
  row.seed = run.seed;
  row.host = host;
  const auto start = WallClock::now();
  const auto failed = [&](int code, const std::string& error) {
    row.error = error;
    row.code = code;
    row.wall_seconds = since(start);
    return row;
  };
  Scenario scenario = read.scenarios[run.point];
  scenario.seed.run = run.seed;
  const std::string problem = draw_problem(scenario);
  if (!problem.empty()) return failed(kBadInput, problem);
  auto simulator = Simulator::create(scenario);
  if (!simulator) return failed(kBadInput, simulator.error());
  std::optional<Checkers> checkers;
  const CheckLevel level = check_level(options.check, scenario);
  if (level != CheckLevel::none) {
    checkers.emplace(checked(**simulator), level);
    (*simulator)->watch(*checkers);
  }
  const Ending ending = (*simulator)->run([&]() -> std::optional<Ending> {
    if (interrupted()) return Ending::interrupted;
    const bool late = options.wall_limit_seconds > 0 && since(start) > options.wall_limit_seconds;
    return late ? std::optional(Ending::wall_limit) : std::nullopt;
  });
  if (ending == Ending::interrupted) return std::nullopt;
  if (ending == Ending::wall_limit) return failed(kWallLimit, "stopped by the wall limit");
  const Json report = run_report(**simulator, ending, {});
  row.digest = report["digest"];
  for (const SweepMeasure& measure : read.plan.measures) {
    row.values.push_back(measured(measure, report));
  }
  if (checkers) {
    checkers->finish((*simulator)->now());
    for (const Violation& violation : checkers->violations()) {
      if (violation.excused) continue;
      row.error +=
          (row.error.empty() ? "violated: " : ", ") + std::string(row_of(violation.invariant).name);
      row.code = worse(row.code, violation.is_liveness() ? kNotMet : kUnsafe);
    }
  }
  row.wall_seconds = since(start);
  row.peak_memory_bytes = peak_memory_bytes();
  return row;
}

class Sweep {
 public:
  Sweep(const SweepPlanRead& plan, const SweepOptions& options, Schedule schedule,
        JournalWriter journal)
      : plan_(plan),
        options_(options),
        shown_(!options.quiet && isatty(STDERR_FILENO) != 0),
        before_(schedule.ended()),
        schedule_(std::move(schedule)),
        journal_(std::move(journal)) {}

  void run() {
    in_threads(threads_for(options_.jobs, schedule_.most()), [this] { work(); });
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  const Schedule& schedule() const { return schedule_; }
  bool is_unwritten() const { return unwritten_; }

 private:
  void work() {
    while (true) {
      std::optional<Schedule::Run> run;
      {
        const std::lock_guard lock(mutex_);
        if (interrupted() || unwritten_) return;
        run = schedule_.next();
      }
      if (!run) return;
      std::optional<SweepRow> row = perform_one(plan_, *run, options_, host_);
      const std::lock_guard lock(mutex_);
      if (!row || unwritten_) return;
      unwritten_ = !journal_.add(*row);
      if (unwritten_) return;
      schedule_.add(*row);
      show();
    }
  }

  void show() {
    const double wall = since(start_);
    if (!shown_ || wall < last_shown_ + 0.25) return;
    last_shown_ = wall;
    const std::uint64_t ended = schedule_.ended(), most = schedule_.most();
    const double rate = static_cast<double>(ended - before_) / wall;
    std::fprintf(stderr, "\r\033[K%llu of %s%llu runs, %.1f a second, %.0f s left",
                 static_cast<unsigned long long>(ended), plan_.plan.until.empty() ? "" : "at most ",
                 static_cast<unsigned long long>(most), rate,
                 static_cast<double>(most - ended) / std::max(rate, 1e-9));
    std::fflush(stderr);
  }

  const SweepPlanRead& plan_;
  const SweepOptions& options_;
  const bool shown_;
  const std::uint64_t before_;  // runs that ended in earlier sessions
  const std::string host_ = host_name();
  const WallClock::time_point start_ = WallClock::now();
  double last_shown_ = 0;
  Schedule schedule_;
  JournalWriter journal_;
  bool unwritten_ = false;
  std::mutex mutex_;
};

// Why the journal in DIR is not one that this sweep could go on with; empty: it is.
std::string difference(const JournalHead& there, const JournalHead& wanted) {
  if (there.plan.fingerprint != wanted.plan.fingerprint)
    return "is of another plan, or of an earlier version of it";
  if (there.version != wanted.version) {
    return "was made by version " + there.version + "; expected " + wanted.version;
  }
  if (there.shard == wanted.shard) return "";
  return "is of shard " + std::to_string(there.shard.number) + "/" + std::to_string(there.shard.of);
}

// Every row names a run of the plan, once.
std::string spoilt(const SweepPlan& plan, const std::vector<SweepRow>& rows) {
  std::set<std::pair<std::size_t, std::uint64_t>> seen;
  for (const SweepRow& row : rows) {
    const bool known = row.point < plan.points.size() && row.seed >= plan.first_seed &&
                       row.seed <= plan.last_seed &&
                       (row.values.empty() || row.values.size() == plan.measures.size());
    const std::string name =
        "point " + std::to_string(row.point) + ", seed " + std::to_string(row.seed);
    if (!known) return "holds a run that the plan has not: " + name;
    if (!seen.emplace(row.point, row.seed).second) return "holds a run twice: " + name;
  }
  return "";
}

JournalHead head_of(const SweepPlan& plan, SweepShard shard) {
  return {std::string(chain::version()), shard, plan};
}

std::string out_of(const SweepPlan& plan, const std::string& out) {
  return out.empty() ? "out/" + plan.name : out;
}

int worst_of(const std::vector<SweepRow>& rows) {
  int code = kAsExpected;
  for (const SweepRow& row : rows) code = worse(code, row.code);
  return code;
}

// The exit code: the worst of the runs, or that it cannot be said.
int say_page(const SweepPlan& plan, const std::string& out, const std::vector<SweepRow>& rows) {
  const std::vector<SweepRow> counted = rows_that_count(plan, rows);
  const auto errors = std::count_if(counted.begin(), counted.end(),
                                    [](const SweepRow& row) { return !row.error.empty(); });
  const int printed =
      print(plan.name + ": " + std::to_string(counted.size()) + " runs at " +
            std::to_string(plan.points.size()) + " points, " + std::to_string(errors) +
            " with an error; " + out + "/results.sqlite, runs.csv, summary.csv" +
            (plan.baseline.empty() ? "" : ", paired.csv") + "\n");
  return worse(printed, worst_of(rows));
}

}  // namespace

chain::Result<SweepShard> parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = parse_count(text.substr(0, slash));
  const auto of = slash == std::string::npos ? number : parse_count(text.substr(slash + 1));
  if (slash == std::string::npos || !number || !of || *number < 1 || *number > *of ||
      *of > 1'000'000) {
    return chain::Error("--shard: found `" + text + "`; expected a shard such as `2/8`");
  }
  return SweepShard{static_cast<std::uint32_t>(*number), static_cast<std::uint32_t>(*of)};
}

int sweep_command(const SweepOptions& options) {
  const auto read = read_sweep_plan(options.plan);
  if (!read) return fail(read.error());
  const SweepPlan& plan = read->plan;
  const std::string out = out_of(plan, options.out);
  const SweepShard shard = options.shard.value_or(SweepShard{});
  const auto journal = read_journal(out);
  if (!journal) return complain(kBadInput, journal.error());
  const JournalHead head = head_of(plan, shard);
  if (journal->whole > 0) {
    const std::string place = journal_file(out).string();
    if (!options.resume) {
      return complain(kBadInput, place +
                                     " is there already; --resume goes on with it, another "
                                     "--out begins anew");
    }
    std::string problem = difference(journal->head, head);
    if (problem.empty()) problem = spoilt(plan, journal->rows);
    if (!problem.empty()) return complain(kBadInput, place + " " + problem);
  }
  auto writer = JournalWriter::open(out, *journal, head);
  if (!writer) return complain(kOutputFailed, writer.error());
  catch_interrupts();
  Sweep sweep(*read, options, Schedule(plan, shard, journal->rows), std::move(*writer));
  sweep.run();
  if (sweep.is_unwritten()) {
    return complain(kOutputFailed, "cannot write " + journal_file(out).string() +
                                       "; what it holds is whole, and --resume goes on with it");
  }
  const std::vector<SweepRow> rows = sweep.schedule().rows();
  const auto written = write_sweep(out, plan, rows);
  const int code = written ? kAsExpected : complain(kOutputFailed, written.error());
  if (interrupted()) {
    return complain(kInterrupted, "interrupted after " + std::to_string(rows.size()) +
                                      " runs, of which the tables in " + out +
                                      " tell; --resume goes on");
  }
  return written ? say_page(plan, out, rows) : worse(code, worst_of(rows));
}

int sweep_merge_command(const std::vector<std::string>& directories, const std::string& out) {
  std::optional<JournalHead> first;
  std::vector<SweepRow> rows;
  std::map<std::uint32_t, std::string> shards;
  std::uint32_t of = 0;
  for (const std::string& directory : directories) {
    const auto journal = read_journal(directory);
    if (!journal) return complain(kBadInput, journal.error());
    if (journal->whole == 0) return complain(kBadInput, directory + ": no sweep was run into it");
    const SweepShard shard = journal->head.shard;
    if (!first) first = journal->head;
    JournalHead wanted = *first;
    wanted.shard = shard;
    const std::string problem = difference(journal->head, wanted);
    if (!problem.empty()) return complain(kBadInput, directory + " " + problem);
    if (of != 0 && shard.of != of) {
      return complain(kBadInput, directory + " is one of " + std::to_string(shard.of) +
                                     " shards; those before it are of " + std::to_string(of));
    }
    of = shard.of;
    if (!shards.emplace(shard.number, directory).second) {
      return complain(kBadInput, directory + " holds shard " + std::to_string(shard.number) +
                                     ", as does " + shards[shard.number]);
    }
    Schedule left(first->plan, shard, journal->rows);
    if (left.next()) {
      return complain(kBadInput, directory + ": " + std::to_string(left.most() - left.ended()) +
                                     " runs are missing; simchain sweep --resume makes them");
    }
    rows.insert(rows.end(), journal->rows.begin(), journal->rows.end());
  }
  for (std::uint32_t number = 1; number <= of; ++number) {
    if (shards.count(number) > 0) continue;
    return complain(kBadInput, "shard " + std::to_string(number) + "/" + std::to_string(of) +
                                   " is missing; expected the directories of all " +
                                   std::to_string(of));
  }
  const std::string problem = spoilt(first->plan, rows);
  if (!problem.empty()) return complain(kBadInput, "the shards together: " + problem);
  const std::string directory = out_of(first->plan, out);
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  const auto written = write_sweep(directory, first->plan, rows);
  if (!written) return complain(kOutputFailed, written.error());
  return say_page(first->plan, directory, rows);
}

}  // namespace sim
