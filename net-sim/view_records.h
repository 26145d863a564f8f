// What a picture of a run is made of: tips, messages, links, lives and events, as plain records.
//
// The collector (view_collector.h) gathers them while a run goes on; the page of `simchain view`,
// its story and the trace for Perfetto are written from them. Everything has a limit: a picture of
// more shows no more. Above a limit every other record goes, or node, and what is left out is
// counted, so that a page can say so.
#pragma once

#include <string>
#include <vector>

#include "net-sim/link.h"
#include "net-sim/resolve.h"

namespace sim {

struct ViewLimits {
  std::uint32_t nodes = 1'000;
  std::uint32_t fewest_nodes = 32;  // fewer are not left by thinning: the picture ends earlier
  std::size_t tips = 400'000;
  std::size_t messages = 60'000;  // besides those that brought a tip
  std::size_t links = 20'000;
  std::size_t blocks = 20'000;
  std::size_t reorgs = 20'000;    // the first
  std::size_t explained = 2'000;  // reorgs with what was said before, the deepest
  std::size_t happenings = 2'000;
};

// A message from its sending to its arrival; kNever: it has not arrived.
struct Travel {
  NodeIndex from = 0xffffffffu, to = 0xffffffffu;
  Time sent, arrived{chain::kNever};
  chain::MessageType type = chain::MessageType::query_latest;
  chain::BlockId block = chain::kNoBlock;  // that it is about, if it is one that exists
};

// A node follows another tip from now on.
struct ViewTip {
  enum class Cause : std::uint8_t { message, mined, restart };
  Time at;
  NodeIndex node = 0;
  chain::BlockId to = chain::kNoBlock;
  Cause cause = Cause::message;
  Travel travel;  // of the message that brought it
};

// What a node said or heard before a reorg.
struct ViewSaid {
  Time at;
  bool heard = false;
  NodeIndex other = 0;
  chain::MessageType type = chain::MessageType::query_latest;
  chain::BlockId block = chain::kNoBlock;
};

struct ViewReorg {
  ViewTip tip;
  chain::BlockId from = chain::kNoBlock;
  std::uint32_t depth = 0;            // blocks abandoned
  std::vector<ViewSaid> before = {};  // about the new branch, or with who brought it; oldest first
};

struct ViewLink {
  NodeIndex a = 0, b = 0;  // dialler, dialled
  Time from, to{chain::kNever};
};

struct ViewLife {  // a process ends or begins
  Time at;
  NodeIndex node = 0;
  bool up = false;
};

// An event of the scenario that came about.
struct ViewHappening {
  Firing firing;
  std::vector<std::uint32_t> groups = {};  // of a partition, by node
};

// How often a node was told of a higher block than its own since its tip last changed, and the last
// time.
struct Unheeded {
  std::uint64_t count = 0;
  Travel last;
};

struct ViewRecords {
  std::uint32_t stride = 1;   // nodes whose index it divides are shown
  Time until{chain::kNever};  // the picture ends here; kNever: with the run
  std::vector<ViewTip> tips;
  std::vector<Travel> messages;  // by time of sending
  std::uint64_t messages_sent = 0, message_stride = 1;
  std::vector<ViewReorg> reorgs;
  std::uint64_t reorgs_left_out = 0;
  std::vector<ViewLink> links;
  std::uint64_t links_left_out = 0;
  std::vector<ViewLife> lives;
  std::vector<ViewHappening> happenings;
  std::vector<Unheeded> unheeded;  // by node, at the end
  // Bytes sent by type, in bins of one width from the start on.
  Duration bin = chain::milliseconds(100);
  std::vector<std::array<std::uint64_t, chain::kMessageTypes>> traffic;

  bool shows(NodeIndex node) const { return node % stride == 0; }
};

}  // namespace sim
