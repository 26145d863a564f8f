// The recordings of real nodes as one world: every node's steps on one clock, and one tree of all
// blocks, watched by the same metrics as a simulated run.
//
//   DIR/scenario.yaml     what was to happen         DIR/node-0.rec, node-0.rec.1 ..., node-1.rec
//   DIR/lab.json          {"start_ns": Unix time of the scenario's zero, "absent": [nodes],
//                          "lives": [{"at_ns", "node", "live"}], "marks": [{"at_ns", "kind"}]}
//
// Each recording is stepped again, which says what the node did and proves that it is what this
// core does. What happened before the start (nodes connect) counts as happening at it. The clocks
// of nodes on one machine are one clock.
#pragma once

#include <filesystem>
#include <memory>

#include "net-sim/lab/heard.h"
#include "net-sim/run_view.h"

namespace sim {

struct MeasuredWorld {
  Scenario scenario;
  chain::BlockTree tree;
  std::unique_ptr<Metrics> metrics;
  HeardBook heard;
  std::uint64_t digest = 0, steps = 0;
  std::size_t links = 0;
  std::size_t torn_bytes = 0;  // at the ends of recordings: a kill's work

  RunView view() const;
};

// An error is one line that names the file.
chain::Result<std::unique_ptr<MeasuredWorld>> read_world(const std::filesystem::path& directory);

}  // namespace sim
