// The graphs that a seed draws: one function for each random kind of a topology.
//
// The same parameters and stream give the same links in the same order, on any machine: the draws
// and their order enter every digest. What cannot be drawn whatever the seed is refused before
// (topology.h); what only this seed cannot give is an error here.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "net-sim/graph.h"
#include "net-sim/scenario.h"

namespace sim {

// Every node with as many links; in one piece where the degree is 2 or more.
chain::Result<Edges> random_regular(std::uint32_t nodes, std::uint32_t degree,
                                    chain::Random& random);

// Each pair with the same probability.
Edges erdos_renyi(std::uint32_t nodes, Share probability, chain::Random& random);

// Each node dials as many others as it wants to, among those with fewer than `max_inbound`.
chain::Result<Edges> dial_others(const std::vector<std::uint32_t>& wanted,
                                 std::uint32_t max_inbound, chain::Random& random);

// How many others each node dials: 1 with the first share, up to 2 with the second, …
std::vector<std::uint32_t> draw_degrees(std::uint32_t nodes, const std::vector<Share>& cumulative,
                                        chain::Random& random);

// A ring where each node knows its nearest; each link is then led elsewhere with some probability
// (Watts and Strogatz 1998).
Edges small_world(std::uint32_t nodes, const Topology& topology, chain::Random& random);

// Who comes later links to those who have many links (Barabási and Albert 1999).
Edges scale_free(std::uint32_t nodes, std::uint32_t attach, chain::Random& random);

}  // namespace sim
