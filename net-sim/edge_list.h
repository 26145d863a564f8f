// A graph as a list of edges, one a line:
//
//   # from to latency_ms bandwidth_mbit_per_s loss        what follows a # is a comment
//   0 1 12.5 100 0.001
//   0,2,,100                                              an empty value is the network's own
//   Seoul Busan - - 1e-4                                  so is a -
//   Jeju                                                  a node that no other line may link
//
// Fields stand between whitespace or commas. Names are words or numbers; the first of two is the
// dialler. A first line of `from to …` or `source target …` is a heading in this order of columns.
#pragma once

#include <string_view>

#include "net-sim/named_graph.h"

namespace sim {

// Throws FileFault.
FileGraph read_edge_list(std::string_view text);

}  // namespace sim
