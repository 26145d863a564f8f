// `simchain sweep`: all runs of a plan, on all cores, on a cluster in shards, and merged again.
//
//   plan -> runs, one a thread -> journal.jsonl -> tables        shards: journals -> merge ->
//   tables
//
// Which runs there are follows from the plan alone; who makes them, in which order, and how often
// it was killed in between shows in timing.csv and nowhere else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net-sim/checkers.h"
#include "net-sim/sweep/journal.h"

namespace sim {

struct SweepOptions {
  std::string plan;
  std::string out;    // directory; empty: out/NAME of the plan
  unsigned jobs = 0;  // 0: all cores
  std::optional<SweepShard> shard;
  bool resume = false;
  bool quiet = false;
  double wall_limit_seconds = 0;    // of a run; 0: none
  std::optional<CheckLevel> check;  // as of `simchain run`
};

// "2/8"; or one line.
chain::Result<SweepShard> parse_shard(const std::string& text);

// The exit code.
int sweep_command(const SweepOptions& options);
int sweep_merge_command(const std::vector<std::string>& directories, const std::string& out);

}  // namespace sim
