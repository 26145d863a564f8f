// A sync protocol as a plug: five hooks that a node calls during a step.
//
// A node may have several; each peer belongs to one of them, `on_tip` reaches every plug, and each
// speaks to its own peers only. A new protocol is one file pair, one line in ProtocolKind, one
// folder of golden scripts. Plugs never call each other: they meet in the chain view.
#pragma once

#include <span>

#include "core/chain_rules.h"
#include "core/chain_view.h"
#include "core/io.h"

namespace chain {

// What a node speaks: the original alone, or its replacement with peers that can and the original
// with those that cannot.
enum class ProtocolKind : std::uint8_t { push_chain, header_first };

// How a tip came to be the tip; the original says different things after each.
enum class TipCause : std::uint8_t { mined, appended, replaced };

struct Context;

class Protocol {
 public:
  virtual ~Protocol() = default;
  // `dialled`: from this side.
  virtual void on_peer_up(Context&, PeerId, bool /*dialled*/) {}
  virtual void on_peer_down(Context&, PeerId) {}
  virtual void on_message(Context&, PeerId from, const Message&) = 0;
  // The node follows `tip` now. `source` is the peer that it came from, kNoPeer for a mined block.
  virtual void on_tip(Context&, PeerId source, BlockId tip, TipCause cause) = 0;
};

// What a protocol may see and touch during one step.
struct Context {
  // Takes every block between the own chain and `tip` that the node lacks, follows `tip`, and tells
  // all plugs.  REQUIRES: the host has the bodies of those.
  void follow(PeerId source, BlockId tip, TipCause cause);
  // Takes the last `count` blocks of the path to `last`, as far as the node lacks them, and follows
  // nothing.
  void take(BlockId last, std::uint32_t count);
  // Knows from now on the headers of the path to `last`.
  void learn(BlockId last);
  // The highest block on the way from the own chain to `target` up to which all bodies are here;
  // kNoBlock if the two have no block in common. Its work is linear in the bodies that came since
  // the last time; after a start it walks once over those that were there.
  BlockId complete_towards(BlockId target);
  // Whether `last` lies within a window of the own chain. Bodies that nobody asked for are taken
  // only there, so that a peer cannot fill the store with bodies above a hole; others are asked for
  // when the window gets there.
  bool is_in_window(BlockId last) const {
    const BlockId fork = tree.fork_point(chain.tip(), last);
    return fork != kNoBlock && tree.height(last) - tree.height(fork) <= limits.download_window;
  }
  // Whether the node would move from its tip to `candidate`.
  bool is_better(BlockId candidate) const {
    return chain::is_better(rules, tree, candidate, chain.tip(), salt);
  }

  const Time now;
  const BlockTree& tree;
  const ChainRules& rules;
  const SyncLimits& limits;
  const std::uint64_t max_frame;  // bytes of the largest message that may be sent
  ChainView& chain;
  Effects& out;
  const std::span<Protocol* const> plugs;
  const std::uint64_t salt;  // the node's own, for ties broken at random
};

}  // namespace chain
