// The values of a key that varies: `[20, 50]`, `1..10`, or `{from: 5 s, to: 40 s, steps: 4, scale:
// log}`.
//
// Each becomes the text of an override, so that whatever a scenario's key may be can vary. Steps of
// a range are worked out in integers, the same on every machine, and rounded to four digits.
#pragma once

#include <string>
#include <vector>

#include "net-sim/yaml_value.h"

namespace sim {

// At least one.  Throws ScenarioError.
std::vector<std::string> swept_values(const Value& value);

}  // namespace sim
