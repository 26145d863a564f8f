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

// Until when a peer may answer. One body comes about as fast as the last ones did. A page of them
// and a block that is a name only have the longest timeout, because their size is not known.
Time HeaderFirst::due(const Context& context, const Peer& peer, BlockId last,
                      std::uint32_t count) const {
  const SyncLimits& limits = context.limits;
  const bool adapts = count == 1 && sent_header(context, peer, last);
  return context.now + (adapts ? body_times_.timeout(limits.min_body_timeout, limits.body_timeout)
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
    if (request.doubled || request.peer == peer.id) return;
    if (std::count(request.late.begin(), request.late.end(), peer.id) > 0) return;
    lower = &request;
  }
  if (lower == nullptr || peer.requests >= context.limits.unseen_tips) return;
  if (sent_header(context, *peers_.find(lower->peer), block)) return;
  lower->doubled = true;
  ask_bodies(context, peer, block, 1, lower->by_name);
  requests_.back().doubled = true;
}

// Peers of a higher rank first. The window is looked up once for all peers on one path.
void HeaderFirst::fetch(Context& context) {
  constexpr unsigned kHighest = 3;
  context.out.add_work(peers_.size());
  const auto may_ask = [](const Peer& p) { return !p.idle && p.known != kNoBlock; };
  window_.target = kNoBlock;
  unsigned lower = 0;  // a bit for each rank below the highest
  for (Peer& peer : peers_) {
    if (!may_ask(peer)) continue;
    const unsigned its_rank = rank(peer, !peer.named_it);
    if (its_rank == kHighest) {
      ask_window(context, peer);
    } else {
      lower |= 1u << its_rank;
    }
  }
  for (unsigned next = kHighest; next-- > 0;) {
    if ((lower >> next & 1) == 0) continue;
    for (Peer& peer : peers_) {
      if (may_ask(peer) && rank(peer, !peer.named_it) == next) ask_window(context, peer);
    }
  }
}

void HeaderFirst::fetch_from(Context& context, Peer& peer) {
  window_.target = kNoBlock;
  ask_window(context, peer);
}

// A request is over, or a body is here: each peer may have something to ask for.
void HeaderFirst::wake_idle() {
  for (Peer& peer : peers_) peer.idle = false;
}

// Whether the peer let a timeout pass, or owes an answer, and another that does not has all that it
// has: what is asked of the peer would wait for nothing.
bool HeaderFirst::is_last_choice(Context& context, const Peer& peer) const {
  const auto may_wait = [](const Peer& p) { return p.slow || p.headers_late || p.asked_headers; };
  if (!may_wait(peer)) return false;
  context.out.add_work(peers_.size());
  return std::any_of(peers_.begin(), peers_.end(), [&](const Peer& p) {
    return p.speaks && !may_wait(p) && p.known != kNoBlock &&
           context.tree.is_ancestor(peer.known, p.known);
  });
}

// Asks for the first bodies on the path to what the peer has that are missing and not asked for.
// That its last body is here says nothing of those before it: it may have come by itself, as news.
void HeaderFirst::ask_window(Context& context, Peer& peer) {
  const BlockTree& tree = context.tree;
  const SyncLimits& limits = context.limits;
  const BlockId tip = context.chain.tip();
  if (!peer.speaks || peer.idle || peer.known == kNoBlock || peer.known == tip) return;
  if (tree.work(peer.known) < tree.work(tip)) return;
  if (peer.requests >= limits.requests_per_peer || is_last_choice(context, peer)) return;
  const bool is_open = window_.target != kNoBlock && tree.is_ancestor(peer.known, window_.target);
  if (!is_open) {
    const bool shares = tree.is_ancestor(peer.known, best_header_);
    open_window(context, shares ? best_header_ : peer.known);
  }
  constexpr std::uint32_t kBodiesUnseen = 16;     // in a request, while no body's size is known
  constexpr std::uint64_t kBytesAsked = 1 << 20;  // in a request, by the size of bodies of late
  const std::uint64_t fit =
      body_bytes_ == 0 ? kBodiesUnseen : std::max<std::uint64_t>(kBytesAsked / body_bytes_, 1);
  const std::uint64_t most = std::min<std::uint64_t>(fit, limits.bodies_per_request);
  std::vector<Wanted>& blocks = window_.blocks;
  const std::uint32_t known = tree.height(peer.known) + 1;
  const std::size_t end =
      std::min<std::size_t>(blocks.size(), known > window_.first ? known - window_.first : 0);
  std::size_t at = window_.next;
  while (at < end && peer.requests < limits.requests_per_peer) {
    if (blocks[at].is_asked) {
      ++at;
      continue;
    }
    const std::size_t first = at;
    for (; at < end && at - first < most && !blocks[at].is_asked; ++at) blocks[at].is_asked = true;
    ask_bodies(context, peer, blocks[at - 1].block, static_cast<std::uint32_t>(at - first));
  }
  window_.next = std::max(window_.next, at);
  peer.idle = peer.requests < limits.requests_per_peer;
}

// The blocks on the path to `target` from the first that is missing on, as many as the window
// holds.
void HeaderFirst::open_window(Context& context, BlockId target) {
  window_.target = target;
  window_.next = 0;
  window_.blocks.clear();
  const BlockTree& tree = context.tree;
  const BlockId fork = tree.fork_point(context.chain.tip(), target);
  if (fork == kNoBlock) return;
  const bool goes_on = whole_ != kNoBlock && tree.is_ancestor(whole_, target);
  const BlockId from = goes_on && tree.height(whole_) > tree.height(fork) ? whole_ : fork;
  collect_window(context, target, tree.height(from) + 1);
  whole_ = tree.ancestor(target, window_.first - 1);
  mark_requested(context);
}

// The blocks from `height` or the first above it whose body is missing; those that are here count
// as asked for.
void HeaderFirst::collect_window(Context& context, BlockId target, std::uint32_t height) {
  const BlockTree& tree = context.tree;
  const std::uint32_t end = tree.height(target) + 1, window = context.limits.download_window;
  std::vector<Wanted>& blocks = window_.blocks;
  while (blocks.empty() && height < end) {
    const std::uint32_t upper = std::min(end, height + window);
    BlockId block = tree.ancestor(target, upper - 1);
    blocks.resize(upper - height);
    for (std::size_t i = blocks.size(); i-- > 0; block = tree.parent(block)) {
      blocks[i] = {block, context.chain.has_body(block)};
    }
    context.out.add_work(blocks.size());
    const auto missing = std::find_if(blocks.begin(), blocks.end(),
                                      [](const Wanted& wanted) { return !wanted.is_asked; });
    const auto whole = static_cast<std::uint32_t>(missing - blocks.begin());
    height += whole;
    if (whole == 0) break;
    blocks.clear();  // the window begins with the first that is missing
  }
  window_.first = height;
}

// Marks what is asked for already, once for each request.
void HeaderFirst::mark_requested(Context& context) {
  const BlockTree& tree = context.tree;
  std::vector<Wanted>& blocks = window_.blocks;
  const std::uint32_t first = window_.first;
  const std::uint32_t end = first + static_cast<std::uint32_t>(blocks.size());
  context.out.add_work(requests_.size());
  for (const Request& request : requests_) {
    const BlockId last = tree.settled(request.last);
    if (is_staged(last)) continue;
    const std::uint32_t above = tree.height(last) + 1;
    const std::uint32_t below = above > request.count ? above - request.count : 0;
    const std::uint32_t from = std::max(first, below), to = std::min(end, above);
    if (from >= to || tree.ancestor(last, from) != blocks[from - first].block) continue;
    // The two paths part somewhere, or nowhere: the last block that they share.
    std::uint32_t shared = from, parted = to;
    while (parted - shared > 1) {
      const std::uint32_t middle = shared + (parted - shared) / 2;
      (tree.ancestor(last, middle) == blocks[middle - first].block ? shared : parted) = middle;
    }
    for (std::uint32_t at = from; at <= shared; ++at) blocks[at - first].is_asked = true;
    context.out.add_work(parted - from);
  }
}

// As many as make a page, from the first on: what one request costs here has a limit. Only what is
// there: a peer may ask for what this node told of and has not yet.
void HeaderFirst::on_get_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  if (is_staged(message.last) || !context.chain.has_body(message.last)) return;
  const std::uint32_t end = tree.height(message.last);
  const std::uint32_t first =
      end + 1 - std::min({message.count(), end, context.limits.bodies_per_request});
  constexpr std::uint64_t kFrame = 64;  // bytes of a message around its blocks, at most
  const std::uint64_t page =
      std::min(context.limits.bytes_per_page, std::max(context.max_frame, kFrame) - kFrame);
  std::uint64_t bytes = 0;
  BlockId last = kNoBlock;
  std::uint32_t height = first;
  for (; height <= end; ++height) {
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
HeaderFirst::Answered HeaderFirst::end_requests(const Context& context, PeerId from, BlockId last) {
  const BlockId block = context.tree.settled(last);
  const bool is_new = is_staged(block) || !context.chain.has_body(block);
  Answered answered;
  const auto note_time = [&](const Request& r, Time asked) {
    if (r.count == 1 && is_new) body_times_.add(context.now - asked);
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
    return true;
  });
  return answered;
}

void HeaderFirst::on_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  const PeerId from = peer.id;
  const Answered answered = end_requests(context, from, message.last);
  if (answered.any) wake_idle();
  if (message.staged == Staged::other_body) return on_other_body(context, peer, message);
  const bool unlinked = message.staged == Staged::unlinked ||
                        (message.staged == Staged::no && !starts_known(context, message));
  if (unlinked) ask_towards(context, peer, message.last);
  if (refused(context, peer, message) || unlinked) return;
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
// still missing.
void HeaderFirst::look_after_requests(Context& context) {
  for (const Request& request : requests_) {
    Peer* late = request.due <= context.now ? peers_.find(request.peer) : nullptr;
    if (late != nullptr) late->slow = true;
  }
  const std::size_t over = end_requests_if(
      [&](const Request& r) { return r.due <= context.now && is_here(context, r); });
  if (over > 0) wake_idle();
  for (Request& request : requests_) {
    if (request.due <= context.now && !is_asked_twice(context, request) &&
        !ask_another(context, request)) {
      request.due = context.now + context.limits.body_timeout;
      if (others_have_first(context, request)) request.count = 0;
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

// The peer of the highest rank that has it and was not asked yet. False: there is none.
bool HeaderFirst::ask_another(Context& context, Request& request) {
  const BlockTree& tree = context.tree;
  const BlockId last = tree.settled(request.last);
  const bool is_name = is_staged(last) || !context.chain.has_header(last);
  Peer* best = nullptr;
  for (Peer& peer : peers_) {
    if (!peer.speaks || peer.id == request.peer || peer.slow) continue;
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

// Whether a peer that lacks the last block that was asked for has the first: it is asked for what
// it has.
bool HeaderFirst::others_have_first(const Context& context, const Request& request) const {
  const BlockTree& tree = context.tree;
  const BlockId last = tree.settled(request.last);
  if (is_staged(last) || !context.chain.has_header(last)) return false;
  const BlockId first = tree.ancestor(last, tree.height(last) + 1 - request.count);
  return std::any_of(peers_.begin(), peers_.end(), [&](const Peer& p) {
    return p.id != request.peer && p.speaks && !p.slow && p.known != kNoBlock &&
           tree.is_ancestor(first, p.known) && !tree.is_ancestor(last, p.known);
  });
}

}  // namespace chain
