#include "core/node.h"

#include "core/check.h"

namespace chain {
namespace {

constexpr Duration kTellPause = seconds(30);  // between two answers to GetPeers

// Of no concern to the node itself.
bool is_for_sync_alone(MessageType type) {
  return !is_original(type) && type != MessageType::hello && type != MessageType::get_peers &&
         type != MessageType::peers;
}

}  // namespace

// Hello goes out before the original's question.
Node::Node(const BlockTree& tree, ChainView durable, const NodeOptions& options)
    : book_(options.nonce),
      push_(options.protocol == ProtocolKind::push_chain ? Manners::original : Manners::bridge),
      options_(options),
      dialer_(options.redial),
      tree_(&tree),
      chain_(std::move(durable)) {
  chain_.forget_whole();
  if (options.protocol == ProtocolKind::header_first) {
    sync_.emplace(options.relay, options.keepalive, options.nonce);
  }
}

void Node::reserve(std::size_t peers) {
  if (!sync_) return push_.reserve(peers);
  sync_->reserve(peers);
  peers_.reserve(peers);
}

void Node::step(Time now, const Input& input, Effects& out) noexcept {
  CHECK(now >= last_step_);
  CHECK(out.empty());
  last_step_ = now;
  const std::array<Protocol*, 2> both{sync_ ? &*sync_ : nullptr, &push_};
  const std::span plugs(both);
  Context context{now,
                  *tree_,
                  options_.rules,
                  *options_.limits,
                  options_.max_frame,
                  chain_,
                  out,
                  sync_ ? plugs : plugs.subspan(1),
                  options_.nonce};
  std::visit([&](const auto& what) { handle(context, what); }, input);
  if (!out.drops().empty()) discourage_faulty(context);
  if (options_.outbound > 0) dial_more(context);
  dialer_.on_step_end(now, out);
}

bool Node::hears(PeerId id, MessageType type) const {
  if (!sync_) return is_original(type);
  const Peer* peer = peers_.find(id);
  return peer != nullptr && hears(*peer, type);  // null: it was dropped
}

bool Node::hears(const Peer& peer, MessageType type) {
  const bool original = is_original(type);
  switch (peer.speech) {
    case Speech::undecided:
      return original || type == MessageType::hello;
    case Speech::push_chain:
      return original;
    case Speech::header_first:
      break;
  }
  return !original;
}

std::string_view Node::protocol_of(PeerId id) const {
  if (!sync_) return "push_chain";
  const Peer* peer = peers_.find(id);
  if (peer == nullptr || peer->speech == Speech::undecided) return "";
  return peer->speech == Speech::push_chain ? "push_chain" : "header_first";
}

BlockId Node::best_header() const {
  const BlockId best = sync_ ? sync_->best_header() : kNoBlock;
  return best == kNoBlock ? chain_.tip() : best;
}

std::optional<BlockId> Node::tip_of(PeerId id) const {
  const Peer* peer = peers_.find(id);
  const bool syncs = peer != nullptr && peer->speech == Speech::header_first;
  const BlockId tip = syncs ? sync_->tip_of(id) : push_.tip_of(id);
  if (tip == kNoBlock) return std::nullopt;
  return tree_->settled(tip);
}

void Node::handle(Context& context, const PeerUp& up) {
  const bool dialled = up.address != kNoAddress;
  if (dialled && !dialer_.on_peer_up(context.now, up.address, up.peer)) {
    return context.out.drop(up.peer, Offence::none);
  }
  if (sync_) peers_.add({.id = up.peer, .address = up.address});
  for (Protocol* plug : context.plugs) plug->on_peer_up(context, up.peer, dialled);
}

void Node::handle(Context& context, const PeerDown& down) {
  for (Protocol* plug : context.plugs) plug->on_peer_down(context, down.peer);
  peers_.erase(down.peer);
  dialer_.on_peer_down(context.now, down.peer);
}

void Node::handle(Context& context, const DialFailed& failed) {
  dialer_.on_dial_failed(context.now, failed.address);
  book_.failed(context.now, failed.address);
}

void Node::handle(Context& context, const Connect& wish) {
  dialer_.wish(wish.address, Wish::lasting, context.out);
}

void Node::handle(Context& context, const Disconnect& wish) {
  const PeerId peer = dialer_.forget(wish.address);
  if (peer != kNoPeer) context.out.drop(peer, Offence::none);
}

void Node::handle(Context& context, const Received& received) {
  const Message& message = received.message;
  if (!sync_) {
    if (is_original(message.type)) push_.on_message(context, received.from, message);
    return;
  }
  if (is_for_sync_alone(message.type)) {
    return sync_->on_message(context, received.from, message);  // who has not said hello is ignored
  }
  Peer* found = peers_.find(received.from);
  if (found == nullptr || !hears(*found, message.type)) return;
  Peer& peer = *found;
  if (peer.speech == Speech::undecided && !decide(context, peer, received)) return;
  if (is_original(message.type)) return push_.on_message(context, received.from, message);
  if (message.type == MessageType::get_peers || message.type == MessageType::peers) {
    return on_addresses(context, peer, message);
  }
  sync_->on_message(context, received.from, message);
}

// The first frame of a peer. False: it ends the connection.
bool Node::decide(Context& context, Peer& peer, const Received& received) {
  if (is_original(received.message.type)) {
    peer.speech = Speech::push_chain;
    sync_->on_peer_down(context, peer.id);
    return true;
  }
  const Offence why = judge_hello(context, peer, received.message);
  if (why != Offence::none) {
    context.out.send(peer.id, reject(why));
    context.out.drop(peer.id, why);
    if (why == Offence::own_address && peer.address != kNoAddress) dialer_.forget(peer.address);
    return false;
  }
  peer.speech = Speech::header_first;
  peer.nonce = received.message.nonce();
  peer.listens = received.listens;
  push_.on_peer_down(context, peer.id);
  if (options_.outbound > 0) {
    if (peer.listens != options_.own_address) book_.add(peer.listens);
    context.out.send(peer.id, make(MessageType::get_peers, kNoBlock));
  }
  return true;
}

// Of two connections to one node the one that the node with the lower nonce dialled stays, of two
// that one of them dialled the older; so both ends choose alike.
Offence Node::judge_hello(Context& context, const Peer& peer, const Message& message) const {
  if (message.staged == Staged::wrong_genesis) return Offence::wrong_network;
  if (message.nonce() == options_.nonce) return Offence::own_address;
  if (!options_.trusts_nonces) return Offence::none;
  const auto dialler = [&](const Peer& p) {
    return p.address != kNoAddress ? options_.nonce : message.nonce();
  };
  for (const Peer& other : peers_) {
    if (other.id == peer.id || other.speech != Speech::header_first) continue;
    if (other.nonce != message.nonce()) continue;
    if (dialler(peer) >= dialler(other)) return Offence::duplicate;
    context.out.drop(other.id, Offence::duplicate);
  }
  return Offence::none;
}

void Node::on_addresses(Context& context, Peer& peer, const Message& message) {
  if (options_.outbound == 0) return;
  if (message.type == MessageType::get_peers) {
    if (context.now < peer.told_peers) return;
    peer.told_peers = context.now + kTellPause;
    return context.out.send(peer.id, book_.some(context.now, peer.listens));
  }
  const auto all = message.addresses();
  for (std::size_t i = 0; i < message.detail && i < all.size(); ++i) {
    if (all[i] != options_.own_address) book_.add(all[i]);
  }
}

// Who broke the rules is not dialled again for a day, unless an operator asks for it.
void Node::discourage_faulty(Context& context) {
  for (const Drop& drop : context.out.drops()) {
    const Peer* peer = peers_.find(drop.peer);
    if (peer == nullptr || !is_fault(drop.why)) continue;
    if (peer->address != kNoAddress) book_.discourage(context.now, peer->address);
    if (peer->listens != kNoAddress) book_.discourage(context.now, peer->listens);
  }
}

void Node::dial_more(Context& context) {
  if (dialer_.size() >= options_.outbound || book_.size() == 0) return;
  std::vector<AddressId> used = dialer_.wishes();
  for (const Peer& peer : peers_) used.push_back(peer.listens);
  while (dialer_.size() < options_.outbound) {
    const AddressId next = book_.candidate(context.now, used);
    if (next == kNoAddress) return;
    used.push_back(next);
    dialer_.wish(next, Wish::passing, context.out);
  }
}

// A block on another tip than the own comes too late. Under `tutorial` the miner is told to try
// again; under `work` it is a valid block beside the chain, and may be the better tip.
void Node::handle(Context& context, const Mined& mined) {
  if (context.tree.parent(mined.block) == chain_.tip()) {
    return context.follow(kNoPeer, mined.block, TipCause::mined);
  }
  if (context.rules.is_work() && chain_.has_body(context.tree.parent(mined.block))) {
    context.take(mined.block, 1);
    const bool moves =
        context.is_better(mined.block) && context.complete_towards(mined.block) == mined.block;
    if (moves) context.follow(kNoPeer, mined.block, TipCause::replaced);
    return;
  }
  context.out.refuse(kNoPeer, Refusal::previous_hash);
}

void Node::handle(Context& context, const Wake&) {
  if (sync_) sync_->on_wake(context);  // push_chain waits for nothing
}

}  // namespace chain
