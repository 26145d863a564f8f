// `--set network.nodes=500`: one key of a scenario given on the command line, or by a sweep.
//
// The keys are joined by dots, an element of a list is named by its number (`events.0.at`). What
// the value means is the reader's business.
#pragma once

#include <string>

#include "core/result.h"

namespace sim {

struct Override {
  std::string path;
  std::string value;  // YAML
};

// From "a.b.c=value"; or one line that says what is missing.
chain::Result<Override> parse_override(const std::string& text);

}  // namespace sim
