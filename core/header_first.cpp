#include "core/header_first.h"

#include <algorithm>

namespace chain {
namespace {

// An earlier life may have got headers whose bodies it had not.
BlockId heaviest_header(const Context& context) {
  BlockId best = context.chain.tip();
  for (BlockId block = 0; block < context.tree.size(); ++block) {
    const bool heavier = context.tree.work(block) > context.tree.work(best);
    if (heavier && context.chain.has_header(block)) best = block;
  }
  return best;
}

}  // namespace

bool HeaderFirst::waits() const {
  return !requests_.empty() || !headers_asked_.empty() ||
         std::any_of(peers_.begin(), peers_.end(), [](const Peer& p) { return p.pinged; });
}

// --- Peers ---------------------------------------------------------------------------------------

void HeaderFirst::on_peer_up(Context& context, PeerId id, bool dialled) {
  if (best_header_ == kNoBlock) best_header_ = heaviest_header(context);
  peers_.add({.id = id, .dialled = dialled, .told = context.chain.tip(), .heard = context.now});
  context.out.send(id, hello(context.chain.tip(), wish_, nonce_));
}

void HeaderFirst::on_peer_down(Context& context, PeerId id) {
  peers_.erase(id);
  std::erase_if(headers_asked_, [id](const HeadersAsked& a) { return a.peer == id; });
  const std::size_t lost =
      std::erase_if(requests_, [id](const Request& r) { return r.peer == id; });
  if (lost > 0) fetch(context);
  ask_next_headers(context);
}

void HeaderFirst::on_message(Context& context, PeerId from, const Message& message) {
  Peer* peer = peers_.find(from);
  if (peer == nullptr || (!peer->speaks && message.type != MessageType::hello)) return;
  peer->heard = context.now;
  peer->pinged = false;
  switch (message.type) {
    case MessageType::hello:
      return on_hello(context, *peer, message);
    case MessageType::get_headers:
      return on_get_headers(context, *peer, message.last);
    case MessageType::headers:
      return on_headers(context, *peer, message);
    case MessageType::inv: {
      const bool was_asked = end_asked_headers(*peer);  // if so, it has nothing more
      on_tip_told(context, *peer, message, message.height());
      if (was_asked) ask_next_headers(context);
      return;
    }
    case MessageType::get_blocks:
      return on_get_blocks(context, *peer, message);
    case MessageType::blocks:
      return on_blocks(context, *peer, message);
    case MessageType::ping:
      tell_tip(context, *peer, MessageType::pong);
      return on_tip_told(context, *peer, message, message.height());
    case MessageType::pong:
      return on_tip_told(context, *peer, message, message.height());
    default:
      return;
  }
}

void HeaderFirst::tell_tip(Context& context, Peer& peer, MessageType type) {
  peer.told = context.chain.tip();
  context.out.send(peer.id, make(type, peer.told, context.tree.height(peer.told)));
}

void HeaderFirst::on_hello(Context& context, Peer& peer, const Message& message) {
  if (peer.speaks) return;
  peer.speaks = true;
  peer.relay = message.relay();
  context.out.wake_at(context.now + keepalive_);
  if (context.chain.tip() != peer.told) announce(context, peer, context.chain.tip());
  on_tip_told(context, peer, message, 0);
}

// Whether the peer is known to have `block`.
bool HeaderFirst::has(const Context& context, const Peer& peer, BlockId block) const {
  const auto holds = [&](BlockId tip) {
    return tip != kNoBlock && context.tree.is_ancestor(block, tip);
  };
  return holds(peer.known) || holds(peer.told);
}

// The peer has `block`, which need not be known here.
void HeaderFirst::note(const Context& context, Peer& peer, BlockId block) {
  const BlockId id = context.tree.settled(block);
  if (!context.chain.has_header(id)) {
    peer.claimed = id;
    return;
  }
  peer.claimed = kNoBlock;
  const bool heavier =
      peer.known == kNoBlock || context.tree.work(id) >= context.tree.work(peer.known);
  if (heavier) peer.known = id;
}

// The peer has `last`, which is known here by now, and maybe what it claimed before.
void HeaderFirst::note_last(const Context& context, Peer& peer, BlockId last) {
  const BlockId claim = peer.claimed;
  note(context, peer, last);
  if (claim != kNoBlock) note(context, peer, claim);
  const BlockId now_known = peer.known;
  if (context.tree.work(now_known) > context.tree.work(best_header_)) best_header_ = now_known;
}

// Hello, Inv, Ping, Pong: the peer's tip. `height`: as it says; 0: it does not.
void HeaderFirst::on_tip_told(Context& context, Peer& peer, const Message& message,
                              std::uint32_t height) {
  const BlockTree& tree = context.tree;
  if (message.staged == Staged::low_work) return;
  note(context, peer, message.last);
  if (peer.claimed == kNoBlock) {
    // It may be whole here, too, and has waited for a body that came on another branch.
    const bool better = peer.known != context.chain.tip() && context.chain.has_body(peer.known) &&
                        context.is_better(peer.known);
    if (better) advance(context, peer.id, peer.known);
    return fetch_from(context, peer);
  }
  const bool light =
      !is_staged(peer.claimed) && tree.work(peer.claimed) < tree.work(context.chain.tip());
  if (light) {
    peer.claimed = kNoBlock;
    return;
  }
  peer.claimed_height = height;
  const bool next = height == tree.height(context.chain.tip()) + 1;
  if (next && is_asked(tree, peer.claimed)) return;
  if (next && requests_to(peer.id) < kMostTips) {
    return ask_bodies(context, peer, peer.claimed, 1);  // the next on the own tip, maybe
  }
  ask_headers(context, peer, best_header_);
}

// --- Headers -------------------------------------------------------------------------------------

// From far behind one peer at a time is asked: the pages are the same from all.
void HeaderFirst::ask_headers(Context& context, Peer& peer, BlockId from) {
  if (peer.asked_headers) return;
  const std::uint32_t own = context.tree.height(context.chain.tip());
  const bool far = peer.claimed_height == 0 || peer.claimed_height > own + kFarBehind;
  const bool busy = std::any_of(peers_.begin(), peers_.end(),
                                [](const Peer& p) { return p.asked_headers && !p.slow; });
  if (far && busy) return;  // ask_next_headers comes back to it, for it has a claim
  peer.asked_headers = true;
  headers_asked_.push_back({peer.id, context.now + kPatience});
  context.out.wake_at(context.now + kPatience);
  context.out.send(peer.id, make(MessageType::get_headers, from));
}

// The answer is here: whether it was asked for.
bool HeaderFirst::end_asked_headers(Peer& peer) {
  if (!peer.asked_headers) return false;
  peer.asked_headers = false;
  std::erase_if(headers_asked_, [&](const HeadersAsked& a) { return a.peer == peer.id; });
  return true;
}

// Those whose claim is still open, once nobody is asked.
void HeaderFirst::ask_next_headers(Context& context) {
  settle_claims(context);
  for (Peer& peer : peers_) {
    if (peer.speaks && peer.claimed != kNoBlock && !is_asked(context.tree, peer.claimed)) {
      ask_headers(context, peer, best_header_);
    }
  }
}

void HeaderFirst::settle_claims(Context& context) {
  for (Peer& peer : peers_) {
    if (peer.claimed != kNoBlock) note(context, peer, peer.claimed);
  }
}

void HeaderFirst::on_get_headers(Context& context, Peer& peer, BlockId locator_tip) {
  const BlockTree& tree = context.tree;
  const BlockId tip = context.chain.tip();
  BlockId base = tree.ancestor(tip, 0);
  if (!is_staged(locator_tip)) {
    for (const BlockId entry : locator(tree, locator_tip)) {
      if (!context.chain.has_header(entry) || !tree.is_ancestor(entry, tip)) continue;
      base = entry;
      break;
    }
  }
  const std::uint32_t count = std::min(tree.height(tip) - tree.height(base), kMaxHeaders);
  if (count == 0) return tell_tip(context, peer, MessageType::inv);
  const BlockId last = tree.ancestor(tip, tree.height(base) + count);
  peer.told = last;
  context.out.send(peer.id, make(MessageType::headers, last, count));
}

// What is wrong with blocks or headers that came: true if they are of no use.
bool HeaderFirst::refused(Context& context, Peer& peer, const Message& message) {
  if (message.staged == Staged::no) return false;
  if (message.staged == Staged::no_room) return true;  // nobody's fault
  context.out.refuse(peer.id, message.refusal);
  if (message.staged == Staged::invalid) {
    context.out.send(peer.id, reject(Offence::invalid_block));
    context.out.drop(peer.id, Offence::invalid_block);
  }
  return true;
}

// Whether the block before the first of a path is known. (A simulation's tree holds also what this
// node has never heard of.)
bool HeaderFirst::starts_known(const Context& context, const Message& message) const {
  const std::uint32_t height = context.tree.height(message.last);
  return message.count() <= height &&
         context.chain.has_header(context.tree.ancestor(message.last, height - message.count()));
}

void HeaderFirst::on_headers(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  const bool was_asked = end_asked_headers(peer);
  if (message.staged == Staged::no_room) return;  // asked for again when the peer tells its tip
  const bool more = message.count() >= kMaxHeaders;
  const bool light = message.staged == Staged::low_work ||
                     (message.staged == Staged::no &&
                      tree.work(message.last) < work_floor(tree, context.chain.tip()));
  if (light) {  // not stored; a chain that is long enough may outweigh the own one in the end
    context.out.refuse(peer.id, Refusal::low_work);
    if (more) return ask_headers(context, peer, message.last);
    peer.claimed = kNoBlock;
    return;
  }
  const bool unlinked = message.staged == Staged::unlinked ||
                        (message.staged == Staged::no && !starts_known(context, message));
  if (unlinked && !was_asked) return ask_headers(context, peer, best_header_);
  if (refused(context, peer, message) || unlinked) return;
  peer.slow = false;
  context.learn(message.last);
  note_last(context, peer, message.last);
  if (more) {
    ask_headers(context, peer, message.last);
  } else {
    peer.claimed = kNoBlock;  // it has told all that it has
  }
  ask_next_headers(context);
  fetch(context);
}

// --- Relay ---------------------------------------------------------------------------------------

// In the midst of a long catch-up only its end is worth telling.
void HeaderFirst::on_tip(Context& context, PeerId source, BlockId tip, TipCause) {
  const BlockTree& tree = context.tree;
  if (best_header_ == kNoBlock || tree.work(tip) > tree.work(best_header_)) best_header_ = tip;
  const bool catching_up =
      source != kNoPeer && tree.height(best_header_) > tree.height(tip) + kFarBehind;
  if (catching_up) return;
  for (Peer& peer : peers_) {
    if (peer.speaks && peer.id != source) announce(context, peer, tip);
  }
}

void HeaderFirst::announce(Context& context, Peer& peer, BlockId tip) {
  const BlockTree& tree = context.tree;
  if (has(context, peer, tip)) return;
  if (peer.claimed != kNoBlock && tree.settled(peer.claimed) == tip) return;
  const BlockId parent = tree.parent(tip);
  const bool next = has(context, peer, parent);
  const BlockId known = peer.known != kNoBlock ? peer.known : peer.told;
  if (next && peer.relay == Relay::block) {
    peer.told = tip;
    return context.out.send(peer.id, make(MessageType::blocks, tip, 1));
  }
  const BlockId fork = next ? parent : tree.fork_point(known, tip);
  const bool near = fork != kNoBlock && tree.height(tip) - tree.height(fork) <= kAnnouncedHeaders;
  if (peer.relay == Relay::inv || !near) return tell_tip(context, peer, MessageType::inv);
  peer.told = tip;
  context.out.send(peer.id, make(MessageType::headers, tip, tree.height(tip) - tree.height(fork)));
}

// --- Time ----------------------------------------------------------------------------------------

void HeaderFirst::on_wake(Context& context) {
  look_after_requests(context);
  look_after_peers(context);
}

void HeaderFirst::look_after_peers(Context& context) {
  bool late = false;
  for (HeadersAsked& asked : headers_asked_) {
    if (asked.due <= context.now) {
      asked.due = context.now + kPatience;  // still awaited, but others are asked now
      peers_.find(asked.peer)->slow = late = true;
    }
    context.out.wake_at(asked.due);
  }
  for (Peer& peer : peers_) {
    if (!peer.speaks) continue;
    // Who was dialled is silent where it hears everything first: the other side makes sure, late.
    const Time ping_at = peer.heard + keepalive_ * (peer.dialled ? 1 : 2);
    const Time end_at = peer.heard + keepalive_ * 2 + kPatience;
    if (end_at <= context.now) {
      context.out.drop(peer.id, Offence::silent);
      continue;
    }
    if (!peer.pinged && ping_at <= context.now) {
      peer.pinged = true;
      tell_tip(context, peer, MessageType::ping);
    }
    context.out.wake_at(peer.pinged ? end_at : ping_at);
  }
  if (late) ask_next_headers(context);
}

}  // namespace chain
