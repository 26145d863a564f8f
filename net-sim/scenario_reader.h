// Reads a scenario from YAML, strictly: what is not understood is an error, never ignored.
//
// An error is one line, `file:line:column: what was found; what was expected`, and names a near
// miss. The keys, their units and their defaults stand in one table (scenario_keys.h) from which
// reading, writing and the JSON Schema follow.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "net-sim/override.h"
#include "net-sim/scenario.h"

namespace sim {

// Overrides are applied in order before anything is read. "-" reads standard input.
chain::Result<Scenario> read_scenario(const std::string& file,
                                      const std::vector<Override>& overrides = {});

// The same from memory; `file` is only named in errors.
chain::Result<Scenario> read_scenario_text(const std::string& text, const std::string& file,
                                           const std::vector<Override>& overrides = {});

}  // namespace sim
