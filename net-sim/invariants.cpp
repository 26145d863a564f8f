#include "net-sim/invariants.h"

namespace sim {
namespace {

// In the order of the enum.
constexpr std::array<InvariantRow, kInvariants> kRows{{
    {"chain_valid", InvariantKind::safety,
     "every block that an honest node takes passes a second validator, as do its ancestors", ""},
    {"pinned_genesis", InvariantKind::safety,
     "every honest chain begins with the genesis of the network", "H5"},
    {"work_paid", InvariantKind::safety,
     "no two blocks of an honest chain were paid for by one draw", "H6"},
    {"block_traced", InvariantKind::safety,
     "every block traces to a miner or an attacker who made it", ""},
    {"timestamp_bounded", InvariantKind::safety,
     "no honest node takes a block from more than two hours ahead of its clock", "H7"},
    {"tip_never_falls", InvariantKind::safety,
     "the work of a node's tip (its height, under rules `tutorial`) never falls in its life", "H6"},
    {"durable_kept", InvariantKind::safety, "a node starts again at no less work than was durable",
     ""},
    {"tip_is_best", InvariantKind::safety,
     "no block that a node has with all ancestors has more work than its tip", "H6"},
    {"body_received", InvariantKind::safety,
     "a node takes only bodies that the message at hand brought, or that it made itself", ""},
    {"refused_rightly", InvariantKind::safety,
     "headers are refused as too light only below the work floor, or where a limit may be reached",
     ""},
    {"delivery_in_order", InvariantKind::safety,
     "what arrives on a connection is a prefix of what was sent on it", ""},
    {"nothing_after_close", InvariantKind::safety,
     "nothing is sent or arrives after a connection's end", ""},
    {"close_is_local", InvariantKind::safety,
     "a connection ends for a reason of its own: the end of one touches no other", ""},
    {"honest_kept", InvariantKind::safety,
     "no honest node drops another for a fault (a second connection, silence, a wish: allowed)",
     ""},
    {"traffic_conserved", InvariantKind::safety,
     "sent = delivered + in flight + lost to a named fault, in messages and in bytes", ""},
    {"requests_bounded", InvariantKind::resources,
     "what a node has asked of one peer, and asks at once, stays within limits", ""},
    {"asked_while_missing", InvariantKind::resources,
     "a body is asked for only while it is missing", ""},
    {"no_echo", InvariantKind::resources, "nobody is told of a new tip by whom he has told of it",
     "H1"},
    {"tip_repeated_once", InvariantKind::resources,
     "in reply to chains a peer is sent one tip at most once as a block and once as a chain", ""},
    {"messages_bounded", InvariantKind::resources,
     "no message holds more than a page: 2,000 headers, 1 MiB of bodies or one larger body", "H7"},
    {"orphans_bounded", InvariantKind::resources,
     "a node takes no body more than a window above the blocks that it has whole", ""},
    {"places_bounded", InvariantKind::resources,
     "no node takes more connections than it has places for", ""},
    {"no_light_branch", InvariantKind::resources, "a branch below the work floor is never stored",
     ""},
    {"work_bounded", InvariantKind::resources,
     "a step looks at no more than its message's blocks, four download windows and its peers", ""},
    {"byte_budget", InvariantKind::resources,
     "a run among honest nodes costs at most what its blocks, connections and pings may", "H1, H2"},
    {"equal_work", InvariantKind::liveness,
     "nodes that are connected have tips of equal work, a stated time after the last fault",
     "H3, H4"},
    {"equal_tips", InvariantKind::liveness, "they have one tip, where the tie rule can tell",
     "H3, H4"},
    {"reconnected", InvariantKind::liveness,
     "who redials is connected again to all that it had dialled", ""},
    {"traffic_calm", InvariantKind::liveness, "traffic dies down to keepalives and greetings", ""},
    {"requests_answered", InvariantKind::liveness,
     "every request is answered, or its connection ended", ""},
    {"news_in_time", InvariantKind::liveness,
     "in calm, a block that an honest neighbor has is adopted within two round trips and transfer",
     ""},
}};

}  // namespace

const InvariantRow& row_of(Invariant invariant) {
  return kRows[static_cast<std::size_t>(invariant)];
}

std::string_view name_of(InvariantKind kind) {
  constexpr std::array<std::string_view, 3> kKindNames{"safety", "resources", "liveness"};
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::string text_of(const Violation& violation) {
  const InvariantRow& row = row_of(violation.invariant);
  std::string text = "violated (" + std::string(name_of(row.kind)) + "): " + std::string(row.name) +
                     ", " + std::string(row.sentence) + "\n  node " +
                     std::to_string(violation.node) + " at " +
                     std::to_string(violation.at.seconds()) + " s, event " +
                     std::to_string(violation.event) + ": " + violation.what + "\n";
  if (!violation.before.empty()) text += "  before that:\n";
  for (const std::string& line : violation.before) text += "    " + line + "\n";
  return text;
}

}  // namespace sim
