// JUnit XML of runs, for CI servers: a test suite for each run, a test case for each expectation.
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
