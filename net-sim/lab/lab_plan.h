// A scenario as a timetable for real nodes: everything that its seed draws, for a lab to carry out.
//
// The simulation is run, and watched: which links there are and what each is like, who finds a
// block when and of which size, when nodes stop and start and whom they dial, when links are cut
// and mended. So the two worlds part only in what nodes and links do with it. Links come as a
// shaper takes them (net-real/shaper), times from the start in "at_ns"; of latencies drawn for
// each message so many are given that a short run does not repeat them.
#pragma once

#include "core/result.h"
#include "net-sim/report.h"

namespace sim {

// {"nodes", "edges", "links", "blocks", "changes", "lives", "dials", "pauses", "marks", "report",
// "facts"}. An error is one line: what the scenario has and real nodes cannot do.
chain::Result<Json> lab_plan(const Scenario& scenario);

}  // namespace sim
