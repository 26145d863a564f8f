// The limits and timeouts by which a node downloads and stores what peers send: options, with a
// name, a range and a default each.
//
// The nodes of one network need not agree on them. A node holds a pointer to one set, which many
// nodes share and the host keeps. The table has a row for each limit; scenario keys, chain files,
// recordings and explore are derived from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "core/time.h"

namespace chain {

inline constexpr std::uint32_t kMaxHeaders = 2000;  // in one message; the codec's ceiling

struct SyncLimits {
  // header_first
  Duration header_timeout = seconds(20);
  Duration body_timeout = seconds(20);
  Duration min_body_timeout = seconds(2);
  std::uint32_t download_window = 2048;
  std::uint32_t bodies_per_request = 512;
  std::uint32_t requests_per_peer = 2;
  std::uint32_t unseen_tips = 16;
  std::uint32_t headers_per_page = kMaxHeaders;
  std::uint64_t bytes_per_page = (1 << 20) - 1024;
  std::uint32_t announced_headers = 8;
  std::uint32_t far_behind = 16;
  // node
  std::uint32_t low_work_depth = 144;
  std::uint32_t low_work_pages = 4096;
  std::uint32_t branch_headers = 144;
  std::uint32_t peer_branch_headers = 10'000;
  std::uint64_t peer_branch_bytes = 32 << 20;
  std::uint32_t total_branch_headers = 100'000;
  std::uint64_t total_branch_bytes = 256 << 20;

  bool operator==(const SyncLimits&) const = default;
};
inline constexpr SyncLimits kDefaultSyncLimits{};

enum class LimitUnit : std::uint8_t { count, bytes, duration };

struct SyncLimitRow {
  std::string_view section;  // of the options: header_first, or node
  std::string_view name;
  std::variant<std::uint32_t SyncLimits::*, std::uint64_t SyncLimits::*, Duration SyncLimits::*>
      member;
  std::int64_t min = 0, max = 0;  // both included; a count, bytes or nanoseconds
  std::string_view sentence;      // for reference pages and the schema

  LimitUnit unit() const { return static_cast<LimitUnit>(member.index()); }
};
std::span<const SyncLimitRow> sync_limit_rows();

// In the unit of the row: a count, bytes, nanoseconds.
std::int64_t limit_value(const SyncLimits& limits, const SyncLimitRow& row);
// REQUIRES: row.min <= value <= row.max.
void set_limit(SyncLimits& limits, const SyncLimitRow& row, std::int64_t value);

}  // namespace chain
