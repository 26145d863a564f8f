// The half of HeaderFirst that fetches bodies: what is asked of whom, and what becomes of it.
#include <algorithm>

#include "core/header_first.h"

namespace chain {

bool HeaderFirst::covers(const BlockTree& tree, const Request& request, BlockId block) {
  const BlockId last = tree.settled(request.last);
  if (last == block) return true;
  if (request.count == 1 || is_staged(block) || is_staged(last)) return false;
  const std::uint32_t height = tree.height(block), end = tree.height(last);
  return height <= end && height + request.count > end && tree.ancestor(last, height) == block;
}

bool HeaderFirst::is_asked(Context& context, BlockId block) const {
  context.out.add_work(requests_.size());
  return std::any_of(requests_.begin(), requests_.end(),
                     [&](const Request& r) { return covers(context.tree, r, block); });
}

bool HeaderFirst::sent_header(const Context& context, const Peer& peer, BlockId block) {
  if (peer.named_it || peer.known == kNoBlock || is_staged(block)) return false;
  return context.tree.is_ancestor(block, peer.known);
}

// The peer of the highest rank is asked first.
unsigned HeaderFirst::rank(const Peer& peer, bool sent_header) {
  return (peer.slow ? 0u : 2u) + (sent_header ? 1u : 0u);
}

unsigned HeaderFirst::rank(const Context& context, const Peer& peer, BlockId block) {
  return rank(peer, sent_header(context, peer, block));
}

// Until when a peer may answer. Bodies come about as fast as the last ones did. A peer that sent
// the hash alone has the longest timeout: it may have no more than the hash.
Time HeaderFirst::due(const Context& context, const Peer& peer, BlockId last,
                      std::uint32_t count) const {
  const SyncLimits& limits = context.limits;
  const bool adapts = sent_header(context, peer, last);
  return context.now +
         (adapts ? body_times_.timeout(count, limits.min_body_timeout, limits.body_timeout)
                 : limits.body_timeout);
}

void HeaderFirst::ask_bodies(Context& context, Peer& peer, BlockId last, std::uint32_t count,
                             bool by_name) {
  const Time due = this->due(context, peer, context.tree.settled(last), count);
  ++peer.requests;
  requests_.push_back({peer.id, last, count, due, context.now, by_name, false, {}, context.now});
  context.out.wake_at(due);
  context.out.send(peer.id, make(MessageType::get_blocks, last, count));
}

// A peer has sent the header of `block`: another that sent its hash alone may have been asked for
// its body.
void HeaderFirst::ask_in_parallel(Context& context, Peer& peer, BlockId block) {
  if (requests_.empty() || !peer.speaks) return;
  if (!is_staged(block) && context.chain.has_body(block)) return;
  context.out.add_work(requests_.size());
  Request* lower = nullptr;
  for (Request& request : requests_) {
    if (context.tree.settled(request.last) != block || request.count != 1) continue;
    if (request.peer == peer.id) hurry(context, request, due(context, peer, block, 1));
    if (request.doubled || request.peer == peer.id) return;
    if (std::count(request.late.begin(), request.late.end(), peer.id) > 0) return;
    lower = &request;
  }
  if (lower == nullptr || peer.requests >= context.limits.unseen_tips) return;
  if (sent_header(context, *peers_.find(lower->peer), block)) return;
  lower->doubled = true;
  hurry(context, *lower, due(context, peer, block, 1));
  ask_bodies(context, peer, block, 1, lower->by_name);
  requests_.back().doubled = true;
}

// The header has come: the body has no more time than any other.
void HeaderFirst::hurry(Context& context, Request& request, Time due) {
  request.due = std::min(request.due, due);
  context.out.wake_at(request.due);
}

// As many as make a page, from the first on: what one request costs here has a limit. Only what is
// there: a peer may ask for what this node told of and has not yet.
void HeaderFirst::on_get_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  if (is_staged(message.last) || !context.chain.has_body(message.last)) return;
  const std::uint32_t end = tree.height(message.last);
  const std::uint32_t count = std::min(message.count(), end);
  const std::uint32_t first = end + 1 - count;
  const std::uint32_t after = first + std::min(count, context.limits.bodies_per_request);
  constexpr std::uint64_t kFrame = 64;  // bytes of a message around its blocks, at most
  const std::uint64_t page =
      std::min(context.limits.bytes_per_page, std::max(context.max_frame, kFrame) - kFrame);
  std::uint64_t bytes = 0;
  BlockId last = kNoBlock;
  std::uint32_t height = first;
  for (; height < after; ++height) {
    const BlockId block = tree.ancestor(message.last, height);
    if (!context.chain.has_body(block)) break;
    bytes += tree.block_bytes(block) + 1;
    if (bytes > page && last != kNoBlock) break;
    last = block;
  }
  if (last != kNoBlock) {
    context.out.send(peer.id, make(MessageType::blocks, last, height - first));
  }
}

// Ends the requests to the peer that an answer up to `last` belongs to; the rest of them is asked
// for again. Notes how long the answer took, also where another peer was asked meanwhile.
HeaderFirst::Answered HeaderFirst::end_requests(const Context& context, PeerId from,
                                                const Message& answer) {
  const BlockId block = context.tree.settled(answer.last);
  const bool is_new = is_staged(block) || !context.chain.has_body(block);
  Answered answered;
  const auto note_time = [&](const Request& r, Time asked) {
    if (is_new)
      body_times_.add(context.now - asked, std::max(1u, std::min(answer.count(), r.count)));
  };
  for (Request& r : requests_) {
    if (r.late.empty() || !covers(context.tree, r, block)) continue;
    // It may be asked again for what is not in its late answer.
    if (std::erase(r.late, from) > 0) note_time(r, r.first_asked);
  }
  end_requests_if([&](const Request& r) {
    if (!covers(context.tree, r, block)) return false;
    if (r.peer != from) return false;
    note_time(r, r.asked);
    answered.any = true;
    answered.by_window |= !r.by_name;
    answered.in_part |= answer.count() < r.count;
    return true;
  });
  return answered;
}

void HeaderFirst::on_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  const PeerId from = peer.id;
  const Answered answered = end_requests(context, from, message);
  if (answered.any) wake_idle();
  if (message.staged == Staged::other_body) return on_other_body(context, peer, message);
  const bool unlinked = message.staged == Staged::unlinked ||
                        (message.staged == Staged::no && !starts_known(context, message));
  if (unlinked) ask_towards(context, peer, message.last);
  if (refused(context, peer, message) || unlinked) {
    if (message.staged == Staged::low_work) peer.no_room = 1;
    return;
  }
  peer.delivered = 1;
  peer.slow = false;  // also where its answer comes after another's
  if (!answered.by_window && !context.is_in_window(message.last)) {
    context.learn(message.last);
    note_last(context, peer, message.last);
    return fetch(context);
  }
  std::uint64_t bytes = 0;
  BlockId block = message.last;
  for (std::uint32_t i = 0; i < message.count(); ++i, block = tree.parent(block)) {
    bytes += tree.block_bytes(block);
  }
  const std::uint64_t average = bytes / std::max<std::uint32_t>(message.count(), 1);
  body_bytes_ = body_bytes_ == 0 ? average : (3 * body_bytes_ + average) / 4;
  context.take(message.last, message.count());
  note_last(context, peer, message.last);
  settle_claims(context);
  advance(context, from, message.last);
  wake_idle();
  if (answered.in_part) put_last(peer);
  fetch(context);
}

// Bodies that do not fit their headers. The peer is no longer believed to have them, until it tells
// of them again, so that they are asked of others.
void HeaderFirst::on_other_body(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  context.out.refuse(peer.id, message.refusal);
  peer.slow = true;
  const BlockId last = tree.settled(message.last);
  const bool claimed = peer.claimed != kNoBlock && tree.settled(peer.claimed) == last;
  if (claimed) peer.claimed = kNoBlock;
  if (!is_staged(last) && context.chain.has_header(last)) {
    const std::uint32_t height = tree.height(last);
    const std::uint32_t count = std::clamp(message.count(), 1u, std::max(height, 1u));
    const BlockId first = tree.ancestor(last, height + 1 - count);
    if (peer.known != kNoBlock && tree.is_ancestor(first, peer.known) && !tree.is_root(first)) {
      peer.known = tree.parent(first);
    }
    return fetch(context);
  }
  if (is_asked(context, last)) return;
  const auto other = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& p) {
    return p.id != peer.id && p.speaks && p.claimed == last &&
           p.requests < context.limits.requests_per_peer;
  });
  constexpr bool kByName = true;
  if (other != peers_.end()) ask_bodies(context, *other, last, 1, kByName);
}

// Follows the best of what is whole by now: the path to `towards`, to the heaviest header, or to
// what a peer has, as far as their bodies are there. A body may complete other branches than its
// own.
void HeaderFirst::advance(Context& context, PeerId source, BlockId towards) {
  const BlockTree& tree = context.tree;
  const BlockId tip = context.chain.tip();
  const bool on_the_way = tree.is_ancestor(towards, best_header_);
  const BlockId target = on_the_way ? best_header_ : towards;
  BlockId ready = context.complete_towards(target);
  const auto consider = [&](BlockId other) {
    const bool light = other == kNoBlock || tree.work(other) < tree.work(tip);
    if (light || tree.is_ancestor(other, target)) return;
    const BlockId whole = context.complete_towards(other);
    if (whole == kNoBlock) return;
    const bool better =
        ready == kNoBlock || is_better(context.rules, tree, whole, ready, context.salt);
    if (better) ready = whole;
  };
  consider(best_header_);
  context.out.add_work(peers_.size());
  for (const Peer& peer : peers_) consider(peer.known);
  if (ready == kNoBlock || ready == tip || !context.is_better(ready)) return;
  const bool next = tree.parent(ready) == tip;
  context.follow(source, ready, next ? TipCause::appended : TipCause::replaced);
}

// Whether all bodies that were asked for have come, from whomever.
bool HeaderFirst::is_here(const Context& context, const Request& request) {
  BlockId block = context.tree.settled(request.last);
  if (is_staged(block)) return false;
  for (std::uint32_t i = 0; i < request.count; ++i, block = context.tree.parent(block)) {
    if (!context.chain.has_body(block)) return false;
  }
  return true;
}

// Requests that were not answered in time go to another peer, to each at most once, if a body is
// still missing. They are over where a peer that is not slow has the first body, and no place for
// the request: windows ask it as soon as it has. A slow peer comes last.
void HeaderFirst::look_after_requests(Context& context) {
  for (const Request& request : requests_) {
    Peer* late = request.due <= context.now ? peers_.find(request.peer) : nullptr;
    if (late != nullptr) late->slow = were_late_ = true;
  }
  const std::size_t over = end_requests_if(
      [&](const Request& r) { return r.due <= context.now && is_here(context, r); });
  if (over > 0) wake_idle();
  for (Request& request : requests_) {
    if (request.due <= context.now && !is_asked_twice(context, request) &&
        !ask_another(context, request, false)) {
      if (others_have_first(context, request)) {
        request.count = 0;
      } else if (!ask_another(context, request, true)) {
        request.due = context.now + context.limits.body_timeout;
      }
    }
    if (request.due <= context.now) request.count = 0;
    if (request.count > 0) context.out.wake_at(request.due);
  }
  // Over: others are asked for what they have of it.
  if (end_requests_if([](const Request& r) { return r.count == 0; }) == 0) return;
  wake_idle();
  fetch(context);
}

// Whether two peers were asked, and the other still has time.
bool HeaderFirst::is_asked_twice(const Context& context, const Request& request) const {
  if (!request.doubled) return false;
  return std::any_of(requests_.begin(), requests_.end(), [&](const Request& other) {
    return &other != &request && other.count == 1 && other.due > context.now &&
           context.tree.settled(other.last) == context.tree.settled(request.last);
  });
}

// The peer of the highest rank that has it and was not asked yet, of those that are `slow`, or of
// the others. False: there is none.
bool HeaderFirst::ask_another(Context& context, Request& request, bool slow) {
  const BlockTree& tree = context.tree;
  const BlockId last = tree.settled(request.last);
  const bool is_name = is_staged(last) || !context.chain.has_header(last);
  Peer* best = nullptr;
  for (Peer& peer : peers_) {
    if (!peer.speaks || peer.id == request.peer || peer.slow != slow) continue;
    const bool has_it = is_name ? peer.claimed == last
                                : peer.known != kNoBlock && tree.is_ancestor(last, peer.known);
    if (!has_it || peer.requests >= context.limits.requests_per_peer) continue;
    if (std::count(request.late.begin(), request.late.end(), peer.id) > 0) continue;
    if (best == nullptr || rank(context, peer, last) > rank(context, *best, last)) best = &peer;
  }
  if (best == nullptr) return false;
  request.late.push_back(request.peer);
  if (Peer* const before = peers_.find(request.peer); before != nullptr) --before->requests;
  ++best->requests;
  request.peer = best->id;
  request.asked = context.now;
  request.due = due(context, *best, last, request.count);
  context.out.send(best->id, make(MessageType::get_blocks, request.last, request.count));
  return true;
}

// Whether another peer that is not slow has at least the first block that was asked for.
bool HeaderFirst::others_have_first(const Context& context, const Request& request) const {
  const BlockTree& tree = context.tree;
  const BlockId last = tree.settled(request.last);
  if (is_staged(last) || !context.chain.has_header(last)) return false;
  const BlockId first = tree.ancestor(last, tree.height(last) + 1 - request.count);
  return std::any_of(peers_.begin(), peers_.end(), [&](const Peer& p) {
    return p.id != request.peer && p.speaks && !p.slow && p.known != kNoBlock &&
           tree.is_ancestor(first, p.known);
  });
}

}  // namespace chain
