// What came of a network, in names that a simulated and a real run share: for comparing the two.
//
//   {"blocks": [{"name", "node", "found_seconds", "parent", "height", "bytes", "main_chain"}],
//    "main_chain": [names], "tips": [a name, or null, by node],
//    "received": [blocks, by node], "abandoned": [blocks, by node]}
#pragma once

#include "net-sim/lab/heard.h"
#include "net-sim/run_view.h"

namespace sim {

BlockNames block_names(const RunView& run);
Json world_facts(const RunView& run);

}  // namespace sim
