// What goes into a node and what comes out: the two sides of its one door.
//
// Both are data. An input can be recorded and stepped again; effects can be printed, hashed and
// compared. Effects read like a callback (`out.send(peer, message)`), are owned by the host,
// cleared and reused, so that a step allocates nothing once warm. What a host does with them, in
// which order, stands in node.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <variant>
#include <vector>

#include "core/message.h"
#include "core/time.h"

namespace chain {

using PeerId = std::uint32_t;     // of a connection; the host may use it again after PeerDown
using AddressId = std::uint32_t;  // of a place that can be dialled; the host knows where it is
inline constexpr PeerId kNoPeer = 0xffffffffu;
inline constexpr AddressId kNoAddress = 0xffffffffu;
// A host that forgets an address gives its place to another. The lower bits of an AddressId are the
// place, the upper ones count how often it was given: a new address is a new number.
inline constexpr std::uint32_t kAddressPlaces = 1 << 20;
inline constexpr std::uint32_t place_of(AddressId address) { return address % kAddressPlaces; }

// A connection is open. `address` is where it was dialled, kNoAddress for one that came in.
struct PeerUp {
  PeerId peer;
  AddressId address;
};
struct PeerDown {
  PeerId peer;
};
struct DialFailed {
  AddressId address;
};
// Somebody (an operator, a scenario) wishes for a connection, or wishes no longer for it.
struct Connect {
  AddressId address;
};
struct Disconnect {
  AddressId address;
};
struct Received {
  PeerId from;
  Message message;
  AddressId listens = kNoAddress;  // hello: where the sender says that it takes connections
};
// A block that this node found. It is in the tree.
struct Mined {
  BlockId block;
};
struct Wake {};

using Input =
    std::variant<PeerUp, PeerDown, DialFailed, Connect, Disconnect, Received, Mined, Wake>;

struct Send {
  PeerId to;
  Message message;
};
struct Drop {
  PeerId peer;
  Offence why;
};
struct Dial {
  AddressId address;
};
struct TipChange {
  BlockId from, to;
};
// For logs and traces: what a peer sent was not taken.
struct Refused {
  PeerId peer;
  Refusal why;
};

class Effects {
 public:
  void send(PeerId to, const Message& message) { add(sends_, Send{to, message}); }
  void drop(PeerId peer, Offence why) { add(drops_, Drop{peer, why}); }
  void dial(AddressId address) { add(dials_, Dial{address}); }
  void accept(BlockId block) { add(accepted_, block); }
  void learn(BlockId header) { add(headers_, header); }
  // Turn round what was accepted, or learnt, from index `first` on: a path is walked from its tip.
  void parents_first(std::size_t first) { turn_round(accepted_, first); }
  void headers_parents_first(std::size_t first) { turn_round(headers_, first); }
  void change_tip(BlockId from, BlockId to) { add(tip_changes_, TipChange{from, to}); }
  void refuse(PeerId peer, Refusal why) { add(refusals_, Refused{peer, why}); }
  // What the step has cost so far: blocks, requests and peers that were looked at. No effect.
  void add_work(std::uint64_t looks) { work_ += looks; }
  std::uint64_t work() const { return work_; }
  // A wish to be woken; of several the earliest stands.
  void wake_at(Time when) { wake_ = std::min(wake_, when); }

  const std::vector<Send>& sends() const { return sends_; }
  const std::vector<Drop>& drops() const { return drops_; }
  const std::vector<Dial>& dials() const { return dials_; }
  // Blocks new to this node, parents first; they are to be durable before anything is said.
  const std::vector<BlockId>& accepted() const { return accepted_; }
  // Headers new to this node, parents first, durable likewise; their bodies come later or never.
  const std::vector<BlockId>& headers() const { return headers_; }
  const std::vector<TipChange>& tip_changes() const { return tip_changes_; }
  const std::vector<Refused>& refusals() const { return refusals_; }
  Time wake() const { return wake_; }

  bool empty() const { return quiet_ && wake_ == kNever; }
  // Nothing but, maybe, a wish to be woken: most steps have no more to say.
  bool quiet() const { return quiet_; }
  void clear() {
    wake_ = kNever;
    work_ = 0;
    if (quiet_) return;
    quiet_ = true;
    sends_.clear();
    drops_.clear();
    dials_.clear();
    accepted_.clear();
    headers_.clear();
    tip_changes_.clear();
    refusals_.clear();
  }

 private:
  template <typename T>
  void add(std::vector<T>& effects, const T& effect) {
    quiet_ = false;
    effects.push_back(effect);
  }
  static void turn_round(std::vector<BlockId>& blocks, std::size_t first) {
    std::reverse(blocks.begin() + static_cast<std::ptrdiff_t>(first), blocks.end());
  }

  Time wake_ = kNever;
  std::uint64_t work_ = 0;
  bool quiet_ = true;
  std::vector<Send> sends_;
  std::vector<Drop> drops_;
  std::vector<Dial> dials_;
  std::vector<BlockId> accepted_;
  std::vector<BlockId> headers_;
  std::vector<TipChange> tip_changes_;
  std::vector<Refused> refusals_;
};

}  // namespace chain
