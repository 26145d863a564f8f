#include "net-sim/csv.h"

#include <cstdio>

namespace sim {
namespace {

std::string csv_cell(const Json& cell) {
  if (cell.is_null()) return "";
  if (!cell.is_string()) return cell.dump();
  const std::string text = cell.get<std::string>();
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

template <typename Cells>
std::string csv_line(const Cells& cells) {
  std::string line;
  bool first = true;
  for (const auto& cell : cells) {
    line += (first ? "" : ",") + csv_cell(cell);
    first = false;
  }
  return line + "\n";
}

}  // namespace

std::string csv_text(const TextTable& table) {
  std::string text = csv_line(table.columns);
  for (const std::vector<Json>& row : table.rows) text += csv_line(row);
  return text;
}

std::string csv_seconds(std::int64_t nanoseconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%09lld",
                static_cast<long long>(nanoseconds / 1'000'000'000),
                static_cast<long long>(nanoseconds % 1'000'000'000));
  return text;
}

}  // namespace sim
