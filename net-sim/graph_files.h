// Graphs of a run for other programs: the network and the block tree, as GraphML and as DOT.
//
// GraphML is for graph tools (and for `topology: {kind: file}`: what is written here is read back
// as the same links in the same order), DOT for Graphviz. Both are of use while a person can see
// something in the picture, so large ones are left out.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "net-sim/named_graph.h"
#include "net-sim/simulator.h"

namespace sim {

inline constexpr std::size_t kMostGraphNodes = 5'000;  // of a file; nodes, or blocks
inline constexpr std::size_t kMostGraphLinks = 200'000;

// The links with what they have of their own, `own` ascending by edge.
std::string topology_graphml(std::uint32_t nodes, const Edges& edges,
                             const std::vector<OwnLink>& own);

// topology.graphml, topology.dot, blocks.graphml and blocks.dot. What is returned names those left
// out as too large, or is empty. An error is one line.
chain::Result<std::string> write_graphs(const std::filesystem::path& directory,
                                        const Simulator& simulator);

}  // namespace sim
