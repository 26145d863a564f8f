// What must hold in every run: the table of invariants, and what a violation of one tells.
//
// An invariant is a row of data: its name, its sentence, its kind, and for whom it is known not to
// hold. The original breaks several by design (H1 to H8 are the numbers under which its faults are
// described): those are excused where its own nodes are concerned, unless a run is judged strictly.
// Who judges stands in the checkers; nothing here looks at a run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net-sim/scenario.h"

namespace sim {

enum class Invariant : std::uint8_t {
  chain_valid,
  pinned_genesis,
  work_paid,
  block_traced,
  timestamp_bounded,
  tip_never_falls,
  durable_kept,
  tip_is_best,
  body_received,
  refused_rightly,
  delivery_in_order,
  nothing_after_close,
  close_is_local,
  honest_kept,
  traffic_conserved,
  requests_bounded,
  asked_while_missing,
  no_echo,
  tip_repeated_once,
  messages_bounded,
  orphans_bounded,
  places_bounded,
  no_light_branch,
  work_bounded,
  byte_budget,
  equal_work,
  equal_tips,
  reconnected,
  traffic_calm,
  requests_answered,
  news_in_time,
};
inline constexpr std::size_t kInvariants = 31;

enum class InvariantKind : std::uint8_t { safety, resources, liveness };

struct InvariantRow {
  std::string_view name;
  InvariantKind kind;
  std::string_view sentence;
  std::string_view of_the_original;  // its fault that breaks it; empty: it keeps it, too
};
const InvariantRow& row_of(Invariant invariant);
std::string_view name_of(InvariantKind kind);

struct Violation {
  Invariant invariant = Invariant::chain_valid;
  NodeIndex node = 0;
  Time at;
  std::uint64_t event = 0;          // of those that the checkers were told of, from 1 on
  std::string what;                 // what was found, in a line
  std::vector<std::string> before;  // the last events that led there, oldest first
  bool excused = false;             // a known fault of the original

  bool is_liveness() const { return row_of(invariant).kind == InvariantKind::liveness; }
};

// Several lines: the invariant, where and when, what was found, what led there.
std::string text_of(const Violation& violation);

}  // namespace sim
