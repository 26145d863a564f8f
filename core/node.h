// A node: a pure state machine that decides what is said. Time and an input go in, effects come
// out.
//
// The same lines drive it in the simulator and behind real sockets. A host does, in this order:
//   effects.clear(); node.step(now, input, effects);
//   make effects.accepted(), effects.headers() and the new tip durable in one transaction;
//   then send, drop, dial, and remember the wake-up time.
// One wake-up per node, the earliest; a wake may come early, late or twice, nothing is cancelled.
// A node reads no clock, draws no randomness, does no I/O and never learns what carries its
// messages. What it speaks with whom the first frame of each peer decides:
//
//   undecided -- Hello --> header_first        -- any frame of the original --> push_chain
#pragma once

#include <array>
#include <optional>

#include "core/address_book.h"
#include "core/dialer.h"
#include "core/header_first.h"
#include "core/peer_list.h"
#include "core/push_chain.h"

namespace chain {

inline constexpr std::uint64_t kUnlimitedFrame = ~std::uint64_t{0};

struct NodeOptions {
  ChainRules rules = {};
  std::optional<Redial> redial = {};  // nothing: a lost neighbour stays lost, as in the original
  ProtocolKind protocol = ProtocolKind::push_chain;
  // header_first only.
  Relay relay = Relay::headers;  // how this node is to be told of new blocks
  // Whether a peer's nonce is its own: then of two connections to one node one is dropped here.
  // (A real host sees to it where it knows the IP address.)
  bool trusts_nonces = false;
  AddressId own_address = kNoAddress;
  Duration keepalive = minutes(10);  // of silence, then the dialler pings
  std::uint64_t nonce = 0;           // the node's name for this life; breaks ties, too
  std::uint32_t outbound = 0;  // connections to dial, from what peers tell; 0: no address exchange
  std::uint64_t max_frame = kUnlimitedFrame;       // bytes of the largest message it may send
  const SyncLimits* limits = &kDefaultSyncLimits;  // the host keeps them
};

class Node {
 public:
  // `durable` is what an earlier life committed; a new node follows the root.
  Node(const BlockTree& tree, ChainView durable, const NodeOptions& options);

  // So many peers are to be expected: what is kept of them then stands close together.
  void reserve(std::size_t peers);

  // The only door.  REQUIRES: now >= the previous now, `out` is empty.
  void step(Time now, const Input& input, Effects& out) noexcept;

  const ChainView& chain() const { return chain_; }
  // Whether the node listens to messages of this type from this peer: what it does not hear, a host
  // need not read.
  bool hears(PeerId peer, MessageType type) const;
  // "header_first", "push_chain", or "" while that is undecided.
  std::string_view protocol_of(PeerId peer) const;
  // Hints: a message is to be stepped soon; then, when what the first has fetched is there: from
  // whom, and whether it is about blocks or only of a tip.
  void prefetch() const {
    prefetch_line(&options_.outbound);
    prefetch_line(&dialer_);
    const char* const end_of_sync = reinterpret_cast<const char*>(&last_step_);
    prefetch_line(end_of_sync - 2 * kCacheLine);
    prefetch_line(end_of_sync - kCacheLine);
    prefetch_line(end_of_sync);
    prefetch_line(&chain_);
  }
  void prefetch(PeerId from, bool blocks) const {
    chain_.prefetch();
    if (sync_) sync_->prefetch(from, blocks);
  }
  // The heaviest header that is known.
  BlockId best_header() const;
  // The tip that a peer told last, or that it is known to have; nothing before it told one.
  std::optional<BlockId> tip_of(PeerId peer) const;
  // Whether an answer or a dial is awaited: without input, more may happen still.
  bool waits() const { return dialer_.waits() || (sync_ && sync_->waits()); }

 private:
  enum class Speech : std::uint8_t { undecided, push_chain, header_first };
  struct Peer {
    PeerId id;
    AddressId address;  // where it was dialled; kNoAddress: it came in
    Speech speech = Speech::undecided;
    std::uint64_t nonce = 0;
    AddressId listens = kNoAddress;
    Time told_peers{};  // when it may ask for addresses again
  };

  void handle(Context&, const PeerUp&);
  void handle(Context&, const PeerDown&);
  void handle(Context&, const DialFailed&);
  void handle(Context&, const Connect&);
  void handle(Context&, const Disconnect&);
  void handle(Context&, const Received&);
  void handle(Context&, const Mined&);
  void handle(Context&, const Wake&);

  static bool hears(const Peer& peer, MessageType type);
  bool decide(Context&, Peer&, const Received&);
  Offence judge_hello(Context&, const Peer&, const Message&) const;
  void on_addresses(Context&, Peer&, const Message&);
  void discourage_faulty(Context&);
  void dial_more(Context&);

  // What most messages touch stands together, in two places: the end of the options with the start
  // of the dialler, and the end of sync_ with what follows it.
  AddressBook book_;
  PeerList<Peer> peers_;  // of a header_first node
  PushChain push_;
  NodeOptions options_;
  Dialer dialer_;
  std::optional<HeaderFirst> sync_;  // nothing: the node speaks the original alone
  Time last_step_{};
  const BlockTree* tree_;
  ChainView chain_;
};

}  // namespace chain
