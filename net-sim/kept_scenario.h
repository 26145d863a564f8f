// The scenario that a run leaves in its directory, and reading it back: what was run is run again.
//
//   DIR/scenario.yaml                  every key, overrides and the run's seed included
//   DIR/scenario_topology.graphml      the links, where the topology came from a file
//
// A run needs nothing else: presets stand as their figures. Whether it came out the same is judged
// by the digest in DIR/summary.json.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "net-sim/scenario.h"

namespace sim {

// An error is one line that names the file.
chain::Result<std::filesystem::path> write_kept_scenario(const std::filesystem::path& directory,
                                                         const Scenario& scenario);

// What the summary of a run says that a second run must agree with.
struct KeptRun {
  Scenario scenario;
  std::string digest, version;
  std::uint64_t events = 0;
  bool stopped = false;  // by a person or a limit, after so many events
};

// An error is one line: no such directory, none of a run, a file that is not what it should be.
chain::Result<KeptRun> read_kept_run(const std::filesystem::path& directory);

}  // namespace sim
