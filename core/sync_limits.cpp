#include "core/sync_limits.h"

#include <array>

#include "core/check.h"

namespace chain {
namespace {

using L = SyncLimits;

constexpr std::int64_t kMostCount = 1'000'000;
constexpr std::int64_t kMostTotal = 1'000'000'000;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 40;
constexpr std::int64_t kMostTime = minutes(24 * 60).ns;

constexpr std::string_view kHeaderFirst = "header_first";
constexpr std::string_view kNode = "node";

constexpr std::array kRows{
    SyncLimitRow{kHeaderFirst, "header_timeout", &L::header_timeout, milliseconds(1).ns, kMostTime,
                 "the time until other peers are asked for headers that one peer did not send"},
    SyncLimitRow{kHeaderFirst, "body_timeout", &L::body_timeout, milliseconds(1).ns, kMostTime,
                 "the longest time until another peer is asked for a body"},
    SyncLimitRow{kHeaderFirst, "min_body_timeout", &L::min_body_timeout, milliseconds(1).ns,
                 kMostTime, "the shortest time until another peer is asked for a body"},
    SyncLimitRow{kHeaderFirst, "download_window", &L::download_window, 1, kMostCount,
                 "blocks from the first missing body on that are requested ahead"},
    SyncLimitRow{kHeaderFirst, "bodies_per_request", &L::bodies_per_request, 1, kMostCount,
                 "bodies in one request, and in its answer"},
    SyncLimitRow{kHeaderFirst, "requests_per_peer", &L::requests_per_peer, 1, 1000,
                 "requests for bodies that await an answer of one peer"},
    SyncLimitRow{kHeaderFirst, "unseen_tips", &L::unseen_tips, 1, 1000,
                 "requests to one peer, those for announced tips of unknown header included"},
    SyncLimitRow{kHeaderFirst, "headers_per_page", &L::headers_per_page, 1, kMaxHeaders,
                 "headers that one message answers with; the frame limit may shorten it"},
    SyncLimitRow{kHeaderFirst, "bytes_per_page", &L::bytes_per_page, 1, std::int64_t{1} << 30,
                 "bytes of bodies that one message answers with; one body may be larger"},
    SyncLimitRow{kHeaderFirst, "announced_headers", &L::announced_headers, 1, kMaxHeaders,
                 "headers that announce a tip; one further away is announced by its hash"},
    SyncLimitRow{kHeaderFirst, "far_behind", &L::far_behind, 1, kMostCount,
                 "blocks behind an announced tip from which on one peer at a time is asked"},
    SyncLimitRow{kNode, "low_work_depth", &L::low_work_depth, 1, kMostCount,
                 "a branch is stored from the own chain's work less that of so many tip blocks on"},
    SyncLimitRow{kNode, "low_work_pages", &L::low_work_pages, 1, kMostCount,
                 "pages of headers of a branch with less work that are read before it is given up"},
    SyncLimitRow{kNode, "branch_headers", &L::branch_headers, 0, kMostCount,
                 "headers stored of a branch that is not heavier, beside one per tip block's work"},
    SyncLimitRow{kNode, "peer_branch_headers", &L::peer_branch_headers, 0, kMostTotal,
                 "headers stored from one connection of branches that are not heavier"},
    SyncLimitRow{kNode, "peer_branch_bytes", &L::peer_branch_bytes, 0, kMostBytes,
                 "bytes of blocks stored from one connection of branches that are not heavier"},
    SyncLimitRow{kNode, "total_branch_headers", &L::total_branch_headers, 0, kMostTotal,
                 "headers stored in all of branches that are not heavier"},
    SyncLimitRow{kNode, "total_branch_bytes", &L::total_branch_bytes, 0, kMostBytes,
                 "bytes of blocks stored in all of branches that are not heavier"},
};

}  // namespace

std::span<const SyncLimitRow> sync_limit_rows() { return kRows; }

std::int64_t limit_value(const SyncLimits& limits, const SyncLimitRow& row) {
  struct Visitor {
    const SyncLimits& limits;
    std::int64_t operator()(std::uint32_t L::*member) const { return limits.*member; }
    std::int64_t operator()(std::uint64_t L::*member) const {
      return static_cast<std::int64_t>(limits.*member);
    }
    std::int64_t operator()(Duration L::*member) const { return (limits.*member).ns; }
  };
  return std::visit(Visitor{limits}, row.member);
}

void set_limit(SyncLimits& limits, const SyncLimitRow& row, std::int64_t value) {
  CHECK(row.min <= value && value <= row.max);
  struct Visitor {
    SyncLimits& limits;
    std::int64_t value;
    void operator()(std::uint32_t L::*member) const {
      limits.*member = static_cast<std::uint32_t>(value);
    }
    void operator()(std::uint64_t L::*member) const {
      limits.*member = static_cast<std::uint64_t>(value);
    }
    void operator()(Duration L::*member) const { limits.*member = Duration{value}; }
  };
  std::visit(Visitor{limits, value}, row.member);
}

}  // namespace chain
