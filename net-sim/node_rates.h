// The bandwidth of each node: the network's, its region's, or its own.
//
// A region gives a rate, or a table of quantiles from which each of its nodes draws; the draws
// belong to the seed of the topology, as who is where does. An entry of `nodes` counts above both.
#pragma once

#include <cstdint>
#include <vector>

#include "net-sim/link.h"
#include "net-sim/scenario.h"

namespace sim {

// One for each node.  `regions` as draw_regions gives them (resolve.h).
std::vector<Links::Rates> node_rates(const Scenario& scenario,
                                     const std::vector<std::uint32_t>& regions);

}  // namespace sim
