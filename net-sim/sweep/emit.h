// A job file for engines that run many things on many machines: Slurm's arrays, GNU parallel.
//
// Each of its tasks makes one shard and goes on where an earlier one was killed; what comes out is
// merged into the same bytes as on one machine. How many shards makes how long a task takes:
// minutes are right, for engines count tasks and not runs.
#pragma once

#include <string>

#include "core/result.h"

namespace sim {

enum class SweepEngine { slurm, parallel };

// A script for bash, with absolute paths. An error is one line: the plan cannot be read.
chain::Result<std::string> sweep_job(SweepEngine engine, const std::string& plan,
                                     std::uint32_t shards, const std::string& out);

}  // namespace sim
