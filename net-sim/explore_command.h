// `simchain explore`: random scenarios on all cores, what they broke, and what they met.
//
// Each seed is one plan (explore_plan.h). Of each invariant the failure of the lowest seed is kept,
// shrunk when exploring is over, and written as a scenario file that anyone can run. Findings
// depend on the seeds that were run and on nothing else.
#pragma once

#include <optional>
#include <string>

#include "net-sim/explore_plan.h"

namespace sim {

struct ExploreOptions {
  std::string file;  // a base scenario; `-`: everything is drawn
  std::optional<std::pair<std::uint64_t, std::uint64_t>> seeds;  // both included
  double for_seconds = 0;  // 0: a minute, or, with seeds, as long as they take
  unsigned jobs = 0;       // 0: all cores
  ExploredProtocol protocol = ExploredProtocol::any;
  std::string out = "explored";       // directory of what failed; made where there is something
  std::optional<std::uint64_t> show;  // print the scenario of this seed; run nothing
  bool first = false;                 // leave off once something is found
  bool json = false;
  bool quiet = false;
};

int explore_command(const ExploreOptions& options);

}  // namespace sim
