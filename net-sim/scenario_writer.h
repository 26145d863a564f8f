// A scenario as YAML again, every key spelt out: what `check` shows and what a run leaves behind.
//
// What is read from it gives the same run: presets stand as their figures and overrides are
// applied. Only a topology from a file stays a path, which the caller may replace.
#pragma once

#include <string>

#include "net-sim/codec.h"
#include "net-sim/scenario.h"

namespace sim {

// Sections as blocks, what stands in them on one line each.
std::string scenario_yaml(const Scenario& scenario);

// One value on one line, with quotes only where YAML needs them.
std::string yaml_flow(const Json& json);

}  // namespace sim
