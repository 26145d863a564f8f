// JUnit XML of runs, for CI servers: a test suite for each run, a test case for each expectation.
//
// One case more says whether the run came to its end; what was measured stands in the failure. The
// verdicts are those of the run's JSON: nothing is judged here.
#pragma once

#include <string>
#include <vector>

#include "net-sim/report.h"

namespace sim {

struct JunitRun {
  std::string name;
  std::string error;  // empty if it ran to its end
  Json report;        // null if it did not run
};

// False if the file could not be written.
bool write_junit(const std::string& file, const std::vector<JunitRun>& runs);

}  // namespace sim
