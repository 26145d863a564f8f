#include "core/header_first.h"

#include <algorithm>

#include "core/wire_size.h"

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

// How many headers after `base` on the path to `tip` one message holds: a page at most, and no more
// than the frame limit.
std::uint32_t headers_that_fit(const Context& context, BlockId base, BlockId tip) {
  const BlockTree& tree = context.tree;
  const std::uint32_t first = tree.height(base);
  const auto fits = [&](std::uint32_t count) {
    return wire_size(make(MessageType::headers, tree.ancestor(tip, first + count), count), tree) <=
           context.max_frame;
  };
  std::uint32_t count = std::min(tree.height(tip) - first, context.limits.headers_per_page);
  if (count == 0 || fits(count)) return count;
  std::uint32_t fit = 0;  // `count` does not
  while (count - fit > 1) {
    const std::uint32_t middle = fit + (count - fit) / 2;
    (fits(middle) ? fit : count) = middle;
  }
  return fit;
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
  std::erase_if(too_light_, [id](const TooLight& t) { return t.peer == id; });
  for (Request& request : requests_) std::erase(request.late, id);
  // The next peer has what is left of its time: many that hang up cost one timeout in all.
  HeadersAsked rest;
  std::erase_if(headers_asked_, [&](const HeadersAsked& a) {
    if (a.peer == id) rest = {.due = a.due, .since = a.since, .headers = a.headers};
    return a.peer == id;
  });
  if (end_requests_if([id](const Request& r) { return r.peer == id; }) > 0) {
    wake_idle();
    fetch(context);
  }
  ask_next_headers(context, rest);
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
      return on_get_headers(context, *peer, message);
    case MessageType::headers:
      return on_headers(context, *peer, message);
    case MessageType::inv:
      if (!on_announced_tip(context, *peer, message)) return;
      return on_tip_told(context, *peer, message, message.height());
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
void HeaderFirst::note(const Context& context, Peer& peer, BlockId block, Told how) {
  const BlockId id = context.tree.settled(block);
  if (!context.chain.has_header(id)) {
    if (peer.claimed != id) peer.claim_refused = 0;
    peer.claimed = id;
    peer.claim_is_old = how == Told::earlier;
    return;
  }
  peer.claimed = kNoBlock;
  const std::uint64_t work = context.tree.work(id);
  const std::uint64_t before = peer.known == kNoBlock ? 0 : context.tree.work(peer.known);
  // If two blocks weigh the same, the one announced last is the peer's tip.
  if (work < before || (work == before && how == Told::earlier)) return;
  peer.named_it = how != Told::header && (peer.known != id || peer.named_it);
  if (peer.known == id) return;
  peer.known = id;
  peer.idle = false;
  peer.no_room = 0;
}

// The peer has `last`, which is known here by now, and maybe what it claimed before.
void HeaderFirst::note_last(const Context& context, Peer& peer, BlockId last) {
  const BlockId claim = peer.claimed;
  note(context, peer, last, Told::header);
  if (claim != kNoBlock) note(context, peer, claim, Told::earlier);
  const bool better = context.tree.work(peer.known) > context.tree.work(best_header_);
  if (better) best_header_ = peer.known;
}

// Hello, Inv, Ping, Pong: the peer's tip. `height`: as it says; 0: it does not.
void HeaderFirst::on_tip_told(Context& context, Peer& peer, const Message& message,
                              std::uint32_t height) {
  const BlockTree& tree = context.tree;
  if (message.staged == Staged::low_work || was_too_light(context, peer, message.last)) return;
  peer.claim_refused = 0;
  note(context, peer, message.last, Told::hash);
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
  constexpr std::uint32_t kMost = (1u << 28) - 1;
  peer.claimed_height = std::min(height, kMost) & kMost;
  const bool next = height == tree.height(context.chain.tip()) + 1;
  if (next && is_asked(context, peer.claimed)) return;
  if (next && !peer.slow && peer.requests < context.limits.unseen_tips) {
    constexpr bool kByName = true;  // the next on the own tip, maybe
    return ask_bodies(context, peer, peer.claimed, 1, kByName);
  }
  ask_headers(context, peer, best_header_, {});
}

// --- Headers -------------------------------------------------------------------------------------

void HeaderFirst::on_get_headers(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  const BlockId tip = context.chain.tip();
  BlockId base = tree.ancestor(tip, 0);
  if (!is_staged(message.last)) {
    for (const BlockId entry : locator_of(tree, message)) {
      if (!context.chain.has_header(entry) || !tree.is_ancestor(entry, tip)) continue;
      base = entry;
      break;
    }
  }
  const std::uint32_t count = headers_that_fit(context, base, tip);
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

// --- Relay ---------------------------------------------------------------------------------------

// In the midst of a long catch-up only its end is worth telling.
void HeaderFirst::on_tip(Context& context, PeerId source, BlockId tip, TipCause) {
  const BlockTree& tree = context.tree;
  claims_wait_since_ = kNever;
  if (best_header_ == kNoBlock || tree.work(tip) > tree.work(best_header_)) best_header_ = tip;
  // A branch that the tip does not lie on may never come: its bodies may be withheld.
  const bool catching_up =
      source != kNoPeer &&
      tree.height(best_header_) > tree.height(tip) + context.limits.far_behind &&
      tree.is_ancestor(tip, best_header_);
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
  const bool near = fork != kNoBlock &&
                    tree.height(tip) - tree.height(fork) <= context.limits.announced_headers &&
                    headers_that_fit(context, fork, tip) == tree.height(tip) - tree.height(fork);
  if (peer.relay == Relay::inv || !near) return tell_tip(context, peer, MessageType::inv);
  peer.told = tip;
  context.out.send(peer.id, make(MessageType::headers, tip, tree.height(tip) - tree.height(fork)));
}

// --- Time ----------------------------------------------------------------------------------------

void HeaderFirst::on_wake(Context& context) {
  look_after_requests(context);
  if (passed_ != kNoPeer) fetch(context);
  look_after_peers(context);
}

// Whether claims have waited too long for the place of the one peer that is asked: for
// header_timeout, while the own chain stood still. Junk headers may come for ever.
bool HeaderFirst::claims_wait_too_long(Context& context) {
  const auto waits = [](const Peer& p) {
    return p.speaks && p.claimed != kNoBlock && p.claim_refused == 0 && !p.asked_headers;
  };
  const bool any = !headers_asked_.empty() && std::any_of(peers_.begin(), peers_.end(), waits);
  claims_wait_since_ = any ? std::min(claims_wait_since_, context.now) : kNever;
  if (!any) return false;
  const bool late = context.now - claims_wait_since_ >= context.limits.header_timeout;
  if (late) {
    claims_wait_since_ = context.now;
    headers_late_ = were_late_ = true;
  }
  context.out.wake_at(claims_wait_since_ + context.limits.header_timeout);
  return late;
}

void HeaderFirst::look_after_peers(Context& context) {
  bool late = false;
  const Duration header_timeout = context.limits.header_timeout;
  for (HeadersAsked& asked : headers_asked_) {
    const bool is_due = asked.due <= context.now;
    if (is_due) asked.due = context.now + header_timeout;  // awaited, but others are asked now
    if (judge_pace(context, asked) || is_due) {
      peers_.find(asked.peer)->headers_late = late = headers_late_ = were_late_ = true;
    }
    context.out.wake_at(asked.is_slow ? asked.due
                                      : std::min(asked.due, asked.since + header_timeout));
  }
  late = claims_wait_too_long(context) || late;
  for (Peer& peer : peers_) {
    if (!peer.speaks) continue;
    // Who was dialled is silent where it hears everything first: the other side makes sure, late.
    const Time ping_at = peer.heard + keepalive_ * (peer.dialled ? 1 : 2);
    const Time end_at = peer.heard + keepalive_ * 2 + context.limits.header_timeout;
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
