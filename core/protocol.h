// A sync protocol as a plug: five hooks that a node calls during a step.
//
// A node may have several; each peer belongs to one of them, `on_tip` reaches every plug, and each
// speaks to its own peers only. A new protocol is one file pair, one line in ProtocolKind, one
// folder of golden scripts. Plugs never call each other: they meet in the chain view.
#pragma once

#include "core/chain_rules.h"
#include "core/chain_view.h"
#include "core/io.h"

namespace chain {

enum class ProtocolKind : std::uint8_t { push_chain };

// How a tip came to be the tip; the original says different things after each.
enum class TipCause : std::uint8_t { mined, appended, replaced };

struct Context;

class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual void on_peer_up(Context&, PeerId) {}
  virtual void on_peer_down(Context&, PeerId) {}
  virtual void on_message(Context&, PeerId from, const Message&) = 0;
  // The node follows `tip` now. `source` is the peer that it came from, kNoPeer for a mined block.
  virtual void on_tip(Context&, PeerId source, BlockId tip, TipCause cause) = 0;
  virtual void on_wake(Context&) {}
};

// What a protocol may see and touch during one step.
struct Context {
  // Takes every block on the path to `tip` that the node lacks, follows `tip`, and tells all plugs.
  void follow(PeerId source, BlockId tip, TipCause cause);

  const Time now;
  const BlockTree& tree;
  const ChainRules& rules;
  ChainView& chain;
  Effects& out;
  const std::vector<Protocol*>& plugs;
};

}  // namespace chain
