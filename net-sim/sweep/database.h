// Tables into one SQLite file, for whoever asks with SQL.
//
// The file is made anew and renamed into place, the rows in the order given, in one transaction and
// with nothing of the machine in it: so the same tables give the same bytes. Columns have no type,
// as SQLite allows: a number is stored as what it is.
#pragma once

#include <filesystem>
#include <vector>

#include "core/result.h"
#include "net-sim/csv.h"

namespace sim {

// An error is one line that names the file.
chain::Result<std::filesystem::path> write_database(const std::filesystem::path& file,
                                                    const std::vector<TextTable>& tables);

}  // namespace sim
