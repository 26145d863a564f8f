// The CSV files of a run and its summary: `--out DIR`.
//
// Columns carry their unit in the name and are an interface. Times are exact decimals of the
// integer nanoseconds, so files are the same bytes on every machine.
#pragma once

#include <filesystem>

#include "core/result.h"
#include "net-sim/first_messages.h"
#include "net-sim/report.h"

namespace sim {

// Creates `directory` and writes summary.json, blocks.csv, propagation.csv, tips.csv, reorgs.csv,
// messages.csv, confirmations.csv, timeseries.csv and, where `first` is given, first_messages.csv.
// An error is one line that names the file.
chain::Result<std::filesystem::path> write_tables(const std::filesystem::path& directory,
                                                  const RunView& run, const Json& report,
                                                  const FirstMessages* first);

}  // namespace sim
