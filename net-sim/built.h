// What the language has and this version cannot run yet: refused by name, never ignored.
//
// One table, in built.cpp. When a feature is built its line is deleted, and nothing else changes.
#pragma once

#include <optional>
#include <string>

#include "net-sim/scenario.h"

namespace sim {

struct NotBuilt {
  std::string feature;   // "loss"
  std::string path;      // of the key that asks for it: "network.loss", "events.2"
  std::string expected;  // what this version can do instead
};

// The first thing that `scenario` asks for in vain.
std::optional<NotBuilt> first_not_built(const Scenario& scenario);

}  // namespace sim
