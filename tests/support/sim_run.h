// Runs of the simulator for tests: a scenario from a few lines of YAML, a run to its end.
//
// A scenario that cannot be read or built fails the test that asked for it, with the line that a
// user would see. What a test wants to know it reads off the simulator, as a report does.
#pragma once

#include <memory>
#include <string>

#include "net-sim/scenario.h"
#include "net-sim/simulator.h"

namespace test {

// `yaml` needs no more than the keys that matter; the protocol is push_chain unless it says so.
sim::Scenario scenario_of(const std::string& yaml);
sim::Scenario scenario_file(const std::string& path);

std::unique_ptr<sim::Simulator> run(const sim::Scenario& scenario);
std::unique_ptr<sim::Simulator> run(const std::string& yaml);

// 16 hex digits.
std::string digest_of(const sim::Scenario& scenario);

}  // namespace test
