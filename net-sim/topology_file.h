// A topology from a file: GraphML (graphml.h) if its first character is a `<`, else a list of edges
// (edge_list.h).
//
// A file is read once, with the scenario; what is malformed is one line that names the place, and
// what is too large is refused before it is taken in. What the numbers of nodes must fit, and where
// a path starts, is the scenario's business.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "net-sim/named_graph.h"

namespace sim {

// Bytes. A GraphML of a million links that carry all three values has 200 MB.
inline constexpr std::size_t kMaxTopologyFile = std::size_t{256} << 20;

// A fault in line 0 is the file's as a whole.
chain::Result<FileGraph, FileFault> read_topology_file(const std::string& path);

// The same from memory.
chain::Result<FileGraph, FileFault> read_topology_text(std::string_view text);

}  // namespace sim
