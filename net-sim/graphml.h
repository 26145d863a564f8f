// A graph as GraphML, the XML that graph tools write (Brandes et al. 2002).
//
//   <key id="l" for="edge" attr.name="latency_ms" attr.type="double"><default>20</default></key>
//   <graph edgedefault="undirected">
//     <node id="a"/> <node id="b"/>
//     <edge source="a" target="b"> <data key="l">12.5</data> </edge>
//
// Used are nodes, edges and edges' attributes latency_ms, bandwidth_mbit_per_s and loss; the source
// is the dialler. Other attributes are left aside, with a note where they are edges'. Hyperedges
// and graphs inside nodes are refused; so is a document type, whose entities could grow without
// end.
#pragma once

#include <string_view>

#include "net-sim/named_graph.h"

namespace sim {

// Throws FileFault.
FileGraph read_graphml(std::string_view text);

}  // namespace sim
