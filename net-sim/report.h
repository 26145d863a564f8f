// The JSON of a run: the one document from which the page, the expectations and every study read.
//
// Keys are an interface: more may be added, none may change. A value that does not exist in a run
// is null, never 0.
#pragma once

#include <nlohmann/json.hpp>

#include "net-sim/invariants.h"
#include "net-sim/run_view.h"

namespace sim {

using Json = nlohmann::ordered_json;

// What depends on the machine and not on the scenario.
struct MachineFacts {
  double wall_seconds = 0;
  std::uint64_t peak_memory_bytes = 0;
};

std::string_view name_of(Ending ending);

// One line without its end; bytes that are no UTF-8 (of a file's name) are replaced.
std::string json_text(const Json& json, int indent = -1);

// The whole document, the verdicts of the expectations included.
Json run_report(const RunView& run, Ending ending, const MachineFacts& machine);

// One entry each: {"invariant", "kind", "node", "at_seconds", "event", "what", "excused"}; the last
// is the number of the original's fault that explains it, or null.
Json violations_json(const std::vector<Violation>& violations);

}  // namespace sim
