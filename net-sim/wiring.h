// Every link that a network starts with: those of its topology, then those that entries of `nodes`
// ask for on top, `mesh` and `peers`.
//
//   topology -> mesh: all selected nodes linked to each other
//            -> peers: each selected node dials others at random until it has as many neighbours
//               as it drew between `min` and `max`
//
// A node that has its number is dialled by no other such node as long as anybody else is left, and
// one that has its `max` never. What falls short of what was asked for is a note, not an error:
// the network is the largest that there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "net-sim/graph.h"
#include "net-sim/scenario.h"

namespace sim {

struct Wiring {
  Edges edges;                     // those of the topology first, in its order
  std::vector<std::string> notes;  // what a person should know of them, a line each
};

// `regions` as draw_regions gives them. An error is one line: a topology that the seed cannot give,
// or more links than kMaxLinks.
chain::Result<Wiring> draw_wiring(const Scenario& scenario,
                                  const std::vector<std::uint32_t>& regions);

}  // namespace sim
