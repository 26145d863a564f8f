// `simchain run`: scenarios and seeds to reports, tables and an exit code.
//
// Runs are independent and share nothing, so several go on in parallel; what they print comes in
// the order of files and seeds, whichever ends first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/record.h"
#include "net-sim/checkers.h"
#include "net-sim/command.h"
#include "net-sim/scenario_reader.h"

namespace sim {

// In a larger network the checkers' own books no longer fit into any cache, and checking takes as
// long as the run: it is done where it is asked for.
inline constexpr std::uint32_t kMostCheckedUnasked = 5'000;
// `asked`: nothing where nobody did.
CheckLevel check_level(std::optional<CheckLevel> asked, const Scenario& scenario);

struct RunOptions {
  std::vector<std::string> files;
  std::vector<Override> overrides;
  std::optional<std::uint64_t> seed;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> seeds;  // both included
  unsigned jobs = 0;                                             // 0: all cores
  bool json = false;
  bool quiet = false;
  bool trace = false;                                // trace.json in `out`
  std::string out;                                   // directory; empty: none
  std::string junit;                                 // file; empty: none
  std::string record;                                // file, of the only run; empty: none
  std::uint64_t record_limit = chain::kRecordLimit;  // bytes of a part of it
  double wall_limit_seconds = 0;                     // 0: none
  std::optional<CheckLevel> check;  // nothing: `known`, up to kMostCheckedUnasked nodes
};

int run_command(const RunOptions& options);

// "1..20" or "7".
chain::Result<std::pair<std::uint64_t, std::uint64_t>> parse_seeds(const std::string& text);

}  // namespace sim
