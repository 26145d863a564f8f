// Tables as values, and as CSV.
//
// A cell is a number, a text or nothing; numbers are written shortest, so that they read back as
// the same double on every machine. Quoted as RFC 4180 has it, lines end with \n alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net-sim/report.h"

namespace sim {

struct TextTable {
  std::string name;  // of the file without its ending
  std::vector<std::string> columns;
  std::vector<std::vector<Json>> rows;  // null: an empty cell
};

std::string csv_text(const TextTable& table);

// "12.345678901"
std::string csv_seconds(std::int64_t nanoseconds);

}  // namespace sim
