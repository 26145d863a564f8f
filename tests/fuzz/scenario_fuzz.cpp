// Any bytes as a scenario file: it is read, or refused in one line that names the file.
#include <cstdint>
#include <string>

#include "core/check.h"
#include "net-sim/check_command.h"
#include "net-sim/scenario_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto scenario = sim::read_scenario_text(text, "any.yaml");
  if (!scenario) {
    CHECK(scenario.error().starts_with("any.yaml:"));
    CHECK(scenario.error().find('\n') == std::string::npos);
    return 0;
  }
  // What was read can be written, and read again as the same. (Large networks take their time.)
  if (scenario->network.nodes > 1000) return 0;
  const auto json = sim::check_json(*scenario);
  CHECK(json.ok() || json.error().starts_with("any.yaml: "));
  return 0;
}
