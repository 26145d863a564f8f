// Who is connected to whom when a run starts: the topology of a scenario, drawn by a seed.
//
// The same scenario and stream give the same links in the same order, on any machine. A graph is
// simple (no link twice, none to oneself) and may be in several pieces: a scenario that starts with
// a lonely node asks a question of its own. Latency and bandwidth of links belong to link.h.
#pragma once

#include <cstdint>
#include <string>

#include "core/random.h"
#include "core/result.h"
#include "net-sim/graph.h"
#include "net-sim/scenario.h"

namespace sim {

inline constexpr std::uint64_t kMaxLinks = 100'000'000;  // some GB before any node has a byte

// The links, in the order in which they are dialled; or why there is no such graph.
chain::Result<Edges> build_topology(const Scenario& scenario, chain::Random random);

// Why `topology` cannot be built for so many nodes, whatever the seed; empty if it can.
std::string topology_problem(const Topology& topology, std::uint32_t nodes);

}  // namespace sim
