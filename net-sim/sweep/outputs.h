// The tables of a sweep: runs.csv, summary.csv, paired.csv, results.sqlite, and timing.csv apart.
//
// All but timing.csv follow from the plan and the rows that count alone, so that they are the same
// bytes however and wherever the runs were made; the database is written anew from the first page
// on. Each file appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "net-sim/sweep/study.h"

namespace sim {

// `rows`: all that ended, in any order. An error is one line.
chain::Result<std::filesystem::path> write_sweep(const std::filesystem::path& directory,
                                                 const SweepPlan& plan,
                                                 const std::vector<SweepRow>& rows);

}  // namespace sim
