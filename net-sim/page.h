// The page that a run prints for people: what was run, whether it did as expected, what happened.
//
// Everything is taken from the JSON of the run, so that page and document cannot disagree, and
// every number stands beside the definition that it needs.
#pragma once

#include <string>

#include "net-sim/report.h"

namespace sim {

// `colour`: verdicts in green and red.
std::string run_page(const Scenario& scenario, const Json& report, bool colour);

}  // namespace sim
