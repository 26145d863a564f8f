// The CSV files of a run and its summary: `--out DIR`.
//
// Columns carry their unit in the name and are an interface. Times are exact decimals of the
// integer nanoseconds, so files are the same bytes on every machine.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "net-sim/report.h"

namespace sim {

// Creates `directory` and writes summary.json, blocks.csv,
// propagation.csv, tips.csv, reorgs.csv, messages.csv, confirmations.csv and timeseries.csv.
// An error is one line that names the file.
chain::Result<std::filesystem::path> write_tables(const std::filesystem::path& directory,
                                                  const Simulator& simulator, const Json& report);

// "12.345678901"
std::string csv_seconds(std::int64_t nanoseconds);

}  // namespace sim
