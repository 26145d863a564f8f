#include "tests/support/sim_run.h"

#include <stdexcept>

#include "core/digest.h"
#include "net-sim/scenario_reader.h"

namespace test {
namespace {

template <typename T>
T value_or_throw(chain::Result<T> result) {
  if (!result) throw std::runtime_error(result.error());
  return std::move(*result);
}

}  // namespace

sim::Scenario scenario_of(const std::string& yaml) {
  const bool named = yaml.find("protocol:") != std::string::npos;
  return value_or_throw(
      sim::read_scenario_text((named ? "" : "protocol: push_chain\n") + yaml, "test.yaml"));
}

sim::Scenario scenario_file(const std::string& path) {
  return value_or_throw(sim::read_scenario(path));
}

std::unique_ptr<sim::Simulator> run(const sim::Scenario& scenario) {
  auto simulator = value_or_throw(sim::Simulator::create(scenario));
  simulator->run({});
  return simulator;
}

std::unique_ptr<sim::Simulator> run(const std::string& yaml) { return run(scenario_of(yaml)); }

std::string digest_of(const sim::Scenario& scenario) {
  return chain::hex16(run(scenario)->digest());
}

}  // namespace test
