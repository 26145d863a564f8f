// Whether a run did what its scenario expects.
//
// Everything but convergence is read from the run's own JSON, so that an expectation can name any
// number a user can see; convergence may be asked for to a depth, which the JSON does not have. A
// null never meets an expectation.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "net-sim/convergence.h"
#include "net-sim/scenario.h"

namespace sim {

using Json = nlohmann::ordered_json;

// The tracker of convergence to so many blocks below the highest tip.
using TrackerOf = std::function<const ConvergenceTracker&(std::uint32_t depth)>;

// One entry each: {"expect", "verdict": "met" | "not met", "measured"}.
Json judge(const Scenario& scenario, const Json& report, const TrackerOf& tracker_of);

// One entry for each occurrence of an event: {"after", "at_seconds", "seconds"}.
Json convergence_json(const ConvergenceTracker& tracker);

// Whether all of `report["expectations"]` were met.
bool all_met(const Json& report);

// The value at a path like `convergence.0.seconds`, or nothing.
const Json* at_path(const Json& report, const std::string& path);

}  // namespace sim
