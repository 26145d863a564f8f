// A node that does not play by the rules: an object behind the same door as Node, around an honest
// core.
//
//   input -> Adversary::step -> (the honest core, or not) -> effects, less what it keeps to itself,
//                                                            and what no honest node would say
//
// An attacker is no flag inside Node, so that no honest line ever asks who is who. It sees what its
// own core sees and its peers send; only to make blocks it asks the simulator (Workshop). Blocks
// that no rule lets pass stand in nobody's tree: a message names them by a staged id, with the
// verdict that any honest host would come to, and the adversary itself knows their bytes.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/node.h"
#include "net-sim/scenario.h"

namespace sim {

// What the simulator makes for an attacker.
class Workshop {
 public:
  virtual ~Workshop() = default;
  virtual chain::BlockTree& blocks() = 0;
  // A valid block of this attacker on `parent`, found now; it counts as found.
  virtual chain::BlockId make_block(NodeIndex finder, chain::BlockId parent) = 0;
  // The bytes of an honest message.
  virtual std::uint64_t wire_size(const chain::Message& message) = 0;
};

// One turn of an adversary: what its node is told, and where its effects go.
struct Turn {
  NodeIndex self;
  chain::Node& core;
  Workshop& workshop;
  Time now;
  const chain::Input& input;
  chain::Effects& out;
};

// Two tips of equal work, one of them an attacker's: the next honest finder builds on `branch` with
// probability `gamma`, else on `other`.
struct Race {
  chain::BlockId branch, other;
  Share gamma;
};

// What became of an attack. What is an attempt, and what a success, each kind says in its header.
struct AttackCount {
  std::uint64_t attempts = 0, successes = 0;
};

class Adversary {
 public:
  explicit Adversary(Behaviour::Kind kind) : kind_(kind) {}
  virtual ~Adversary() = default;

  Behaviour::Kind kind() const { return kind_; }
  // As Node::step.
  void step(const Turn& turn);
  // The oracle has drawn this attacker: the block that it makes, to come back as Mined; kNoBlock if
  // there is none.
  virtual chain::BlockId find(NodeIndex self, const chain::Node& core, Workshop& workshop);
  // Its node begins another life: all connections are gone.
  virtual void restarted() { peers_.clear(); }
  // Of a message with a staged id, in bytes.
  virtual std::uint64_t staged_bytes(const chain::Message&, Workshop&) const { return 0; }
  // A race that the scenario decides, if one is on.
  virtual std::optional<Race> race(const chain::Node&, const chain::BlockTree&) const {
    return std::nullopt;
  }
  // Whether something is still to come of it without any input.
  virtual bool waits() const { return false; }
  // `on_main`: whether a block lies on the main chain at the end.
  virtual AttackCount count(const std::function<bool(chain::BlockId)>& on_main) const;

 protected:
  // The attacker's own doing; the default is an honest node's.
  virtual void act(const Turn& turn) { honest(turn, turn.input); }
  // What of the honest core's words leaves the house, and how.
  virtual void say(const chain::Send& send, chain::Effects& out) const {
    out.send(send.to, send.message);
  }

  // Steps the honest core and hands its effects on.
  void honest(const Turn& turn, const chain::Input& input);
  // Gives its own core blocks that it made, parents first, up to `tip`: the core tells its peers of
  // them as of any tip, if they make one.
  void reveal(const Turn& turn, chain::BlockId tip);
  // Sends one peer the path of `count` blocks up to `tip`, in the words that the peer speaks.
  void tell(const Turn& turn, chain::PeerId peer, chain::BlockId tip, std::uint32_t count) const;
  const std::vector<chain::PeerId>& peers() const { return peers_; }
  // The block is this attacker's.
  chain::BlockId note_found(chain::BlockId block);

 private:
  const Behaviour::Kind kind_;
  std::vector<chain::PeerId> peers_;
  std::vector<chain::BlockId> own_blocks_;
  chain::Effects inner_;
};

}  // namespace sim
