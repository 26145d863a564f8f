// `simchain check`, `simchain check --schema` and `simchain new`: a scenario explained without a
// run.
//
// What is printed for a scenario is again a scenario, with every key spelled out: a reader sees the
// defaults, and a test that reads it back holds reader and writer together.
#pragma once

#include <string>

#include "core/result.h"
#include "net-sim/scenario.h"

namespace sim {

// What would run, for people: the network that the seed gives, the timetable, every key. Ends with
// a newline. An error is one line (a topology that this seed cannot give).
chain::Result<std::string> check_page(const Scenario& scenario);

// The same as one JSON document on one line.
// With `draws`, "draws" holds all that a lab needs to run it on real nodes (lab/lab_plan.h): that
// one is a run.
chain::Result<std::string> check_json(const Scenario& scenario, bool draws = false);

// JSON Schema of scenario files, for editors.
std::string scenario_schema();

// A commented scenario to start from; it passes `check`.
std::string scenario_template();

}  // namespace sim
