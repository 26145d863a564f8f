#include "net-sim/edge_list.h"

#include <algorithm>
#include <vector>

#include "net-sim/units.h"

namespace sim {
namespace {

using Cells = std::vector<std::string_view>;

constexpr std::string_view kBlank = " \t\r\v\f";
constexpr std::size_t kMaxFields = 2 + kLinkValues;

// The fields of a line: an empty one stands between two commas.
Cells fields_of(std::string_view line) {
  Cells fields;
  line = line.substr(0, line.find('#'));
  const auto skip_blank = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  };
  for (skip_blank(); !line.empty(); skip_blank()) {
    const std::size_t end = std::min(line.find_first_of(" \t\r\v\f,"), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
    skip_blank();
    if (line.starts_with(',')) line.remove_prefix(1);
    if (fields.size() > kMaxFields) break;
  }
  return fields;
}

bool is_heading(const Cells& fields, std::uint64_t line) {
  if (fields.size() < 2) return false;
  const bool named = (fields[0] == "from" && fields[1] == "to") ||
                     (fields[0] == "source" && fields[1] == "target");
  if (!named) return false;
  for (std::size_t i = 2; i < fields.size(); ++i) {
    const char* const expected = name_of(static_cast<LinkValue>(i - 2));
    if (fields[i] == expected) continue;
    throw FileFault{line, "a column " + in_quotes(fields[i]),
                    "`" + std::string(expected) + "` in this place"};
  }
  return true;
}

void read_line(const Cells& fields, std::uint64_t line, NamedGraph& graph) {
  graph.declare(fields[0], line, false);
  if (fields.size() == 1) return;
  graph.declare(fields[1], line, false);
  LinkOwn own;
  for (std::size_t i = 2; i < fields.size(); ++i) {
    if (fields[i].empty() || fields[i] == "-") continue;
    read_link_value(static_cast<LinkValue>(i - 2), fields[i], line, own);
  }
  graph.link(fields[0], fields[1], own, line);
}

}  // namespace

FileGraph read_edge_list(std::string_view text) {
  NamedGraph graph;
  bool first = true;
  for (std::uint64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Cells fields = fields_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (fields.empty()) continue;
    if (fields.size() > kMaxFields) {
      throw FileFault{line, "more than " + std::to_string(kMaxFields) + " fields",
                      "from to [latency_ms bandwidth_mbit_per_s loss]"};
    }
    if (!first || !is_heading(fields, line)) read_line(fields, line, graph);
    first = false;
  }
  return graph.finish();
}

}  // namespace sim
