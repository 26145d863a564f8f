// A run as a trace for Perfetto (ui.perfetto.dev) and Chrome: `run --out DIR --trace`.
//
//   a track for each node      a span for each block, as long as it was the node's tip
//   an arrow                   a message, from the sender's track to the receiver's
//   a track for the scenario   its events as marks
//
// The format is Chrome's trace events in JSON, times in microseconds. A viewer grows slow with what
// it loads, so a trace has tighter limits than a page; what is left out stands in `otherData`.
#pragma once

#include <filesystem>

#include "core/result.h"
#include "net-sim/simulator.h"
#include "net-sim/view_records.h"

namespace sim {

// For the collector of a trace.
inline constexpr ViewLimits kTraceLimits{.tips = 100'000, .messages = 30'000};

// An error is one line.
chain::Result<std::filesystem::path> write_trace(const std::filesystem::path& file,
                                                 const Simulator& simulator,
                                                 const ViewRecords& records);

}  // namespace sim
