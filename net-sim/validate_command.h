// `simchain validate`: runs the experiments, judges their checks and prints the verdicts.
//
// Runs of all experiments and seeds are spread over threads; each has its own place for what it
// measures, and judgement comes after the last, so the findings are the same for any number of
// jobs.
#pragma once

#include <string>

#include "net-sim/validate.h"

namespace sim {

struct ValidateOptions {
  std::string suite;      // or an experiment; empty: all
  std::string show;       // an experiment, or one of its checks: print its scenario and run nothing
  unsigned jobs = 0;      // 0: all cores
  bool thorough = false;  // --long
  bool json = false;
  bool quiet = false;
};

// The exit code of the program.
int validate_command(const ValidateOptions& options);

// Those of `all` that are of the suite or have the name `word`; all of them if it is empty. An
// error is one line.
chain::Result<std::vector<Experiment>> selected(const std::vector<Experiment>& all,
                                                const std::string& word);

// Runs every seed of every experiment, `jobs` at a time, and judges what came of those that were
// not interrupted. An error is one line: a scenario that cannot be read.
chain::Result<std::vector<Finding>> find_out(const std::vector<Experiment>& experiments,
                                             unsigned jobs, bool quiet);

}  // namespace sim
