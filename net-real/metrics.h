// GET /metrics: what a node knows of itself, as Prometheus reads it.
//
// Names follow Prometheus' conventions: base units, _total on what only grows, one HELP and one
// TYPE a name. What counts stands in node_counters.h; what is asked of the system and of the parts
// of the node is gathered when somebody asks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net-real/links.h"
#include "net-real/node_counters.h"

namespace net {

struct PeerGroup {
  std::string direction, protocol;  // "inbound", "header_first"; "undecided"
  std::uint64_t peers = 0;
};

struct NodeFacts {
  std::string_view version;
  bool learning = false;  // there is no chain yet
  std::uint32_t height = 0, headers_height = 0;
  std::int64_t tip_timestamp_ms = 0;
  std::vector<PeerGroup> peers;  // those that are none, too: a series does not come and go
  std::uint64_t peers_on_another_tip = 0;
  SendStats sends;
  std::uint64_t disk_free_bytes = 0;
  bool disk_full = false;
  std::optional<std::int64_t> certificate_expiry_s{};  // Unix seconds
  std::uint64_t mining_requests_waiting = 0;
  std::uint64_t hashes = 0;
  std::int64_t now_ms = 0, started_ms = 0;  // Unix milliseconds
};

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_text(const NodeFacts& facts, const NodeCounters& counters);

}  // namespace net
