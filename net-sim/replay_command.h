// `simchain replay`: steps a recording again, of a run or of a real node, and stops at the first
// difference.
//
// The parts that follow on a file (FILE.1, FILE.2 ...) are replayed with it. A torn end, as a kill
// leaves it, is no fault. A difference is shown with what the node was told, what it does now and
// how it stands, and is exit code 3: the core is not what it was, or not deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sim {

struct ReplayOptions {
  std::string file;
  bool json = false;
  std::optional<std::uint32_t> steps_of = {};  // a node whose steps are printed, each in words
};

// The exit code.
int replay_command(const ReplayOptions& options);

}  // namespace sim
