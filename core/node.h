// A node: a pure state machine that decides what is said. Time and an input go in, effects come
// out.
//
// The same lines drive it in the simulator and behind real sockets. A host does, in this order:
//   effects.clear(); node.step(now, input, effects);
//   make effects.accepted() and the new tip durable in one transaction;
//   then send, drop, dial, and remember the wake-up time.
// One wake-up per node, the earliest; a wake may come early, late or twice, nothing is cancelled.
// A node reads no clock, draws no randomness, does no I/O and never learns what carries its
// messages.
#pragma once

#include <memory>
#include <vector>

#include "core/dialer.h"
#include "core/protocol.h"

namespace chain {

struct NodeOptions {
  ProtocolKind protocol = ProtocolKind::push_chain;
  ChainRules rules;
  std::optional<Redial> redial;  // nothing: a lost neighbour stays lost, as in the original
};

class Node {
 public:
  // `durable` is what an earlier life committed; a new node follows the root.
  Node(const BlockTree& tree, ChainView durable, const NodeOptions& options);

  // The only door.  REQUIRES: now >= the previous now, `out` is empty.
  void step(Time now, const Input& input, Effects& out) noexcept;

  const ChainView& chain() const { return chain_; }

 private:
  void handle(Context&, const PeerUp&);
  void handle(Context&, const PeerDown&);
  void handle(Context&, const DialFailed&);
  void handle(Context&, const Connect&);
  void handle(Context&, const Disconnect&);
  void handle(Context&, const Received&);
  void handle(Context&, const Mined&);
  void handle(Context&, const Wake&);

  const BlockTree* tree_;
  ChainView chain_;
  ChainRules rules_;
  Dialer dialer_;
  std::vector<std::unique_ptr<Protocol>> plugs_;
  std::vector<Protocol*> plug_pointers_;
  Time last_step_{};
};

}  // namespace chain
