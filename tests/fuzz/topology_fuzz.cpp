// Any bytes as a topology file: a simple graph whose numbers are in range, or one line that says
// what was found and what was expected.
#include <cstdint>
#include <set>
#include <string>

#include "core/check.h"
#include "net-sim/topology_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto graph = sim::read_topology_text({reinterpret_cast<const char*>(data), size});
  if (!graph) {
    const auto& [line, found, expected] = graph.error();
    CHECK(!found.empty() && !expected.empty() && line <= size + 1);
    CHECK(found.size() < 1000 && (found + expected).find('\n') == std::string::npos);
    return 0;
  }
  CHECK(graph->nodes > 0 && graph->nodes <= sim::kMaxNodes);
  std::set<std::pair<sim::NodeIndex, sim::NodeIndex>> seen;
  for (const auto& [from, to] : graph->edges) {
    CHECK(from < graph->nodes && to < graph->nodes && from != to);
    CHECK(seen.insert(std::minmax(from, to)).second);
  }
  std::uint64_t next = 0;
  for (const sim::OwnLink& each : graph->own) {
    CHECK(each.edge >= next && each.edge < graph->edges.size());
    next = std::uint64_t{each.edge} + 1;
    CHECK(!each.own.bandwidth || *each.own.bandwidth > 0);
    CHECK(!each.own.loss || (each.own.loss->ppb >= 0 && *each.own.loss <= sim::kWhole));
    CHECK(!each.own.latency || each.own.latency->ns >= 0);
  }
  return 0;
}
