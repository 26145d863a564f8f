// The window of HeaderFirst: the bodies to ask for next, looked up once for all peers on one path.
#include <algorithm>
#include <utility>

#include "core/header_first.h"

namespace chain {

// Peers of a higher rank first, or where the last time peers were passed over, from the first of
// these on.
void HeaderFirst::fetch(Context& context) {
  constexpr unsigned kHighest = 3;
  begin_fetch();
  context.out.add_work(peers_.size());
  Peer* const passed = passed_ == kNoPeer ? nullptr : peers_.find(std::exchange(passed_, kNoPeer));
  if (passed != nullptr) {
    const auto first = passed - &*peers_.begin();
    for (auto peer = peers_.begin() + first; peer != peers_.end(); ++peer) {
      ask_window(context, *peer);
    }
    for (auto peer = peers_.begin(); peer != peers_.begin() + first; ++peer) {
      ask_window(context, *peer);
    }
    return;
  }
  const auto may_ask = [](const Peer& p) { return !p.idle && p.known != kNoBlock; };
  // Within a rank the peer whose turn it is comes first.
  Peer* const turn = turn_ == kNoPeer ? nullptr : peers_.find(std::exchange(turn_, kNoPeer));
  const auto start = turn == nullptr ? peers_.begin() : peers_.begin() + (turn - &*peers_.begin());
  const auto each = [&](const auto& ask) {
    std::for_each(start, peers_.end(), ask);
    std::for_each(peers_.begin(), start, ask);
  };
  unsigned lower = 0;  // a bit for each rank below the highest
  each([&](Peer& peer) {
    if (!may_ask(peer)) return;
    const unsigned its_rank = rank(peer, !peer.named_it);
    if (its_rank == kHighest) {
      ask_window(context, peer);
    } else {
      lower |= 1u << its_rank;
    }
  });
  for (unsigned next = kHighest; next-- > 0;) {
    if ((lower >> next & 1) == 0) continue;
    each([&](Peer& peer) {
      if (may_ask(peer) && rank(peer, !peer.named_it) == next) ask_window(context, peer);
    });
  }
}

// Others of its rank come first the next time: a peer that answers with a body at a time, each in
// time, may not keep the whole window.
void HeaderFirst::put_last(const Peer& peer) {
  const auto place = static_cast<std::size_t>(&peer - &*peers_.begin());
  turn_ = (&*peers_.begin())[(place + 1) % peers_.size()].id;
}

void HeaderFirst::fetch_from(Context& context, Peer& peer) {
  begin_fetch();
  ask_window(context, peer);
}

void HeaderFirst::begin_fetch() {
  window_.target = kNoBlock;
  window_.looks = 0;
}

void HeaderFirst::look(Context& context, std::size_t looks) {
  window_.looks += looks;
  context.out.add_work(looks);
}

// Each branch that weighs enough needs a window of its own, and peers may tell of as many as they
// like. After two full windows the other peers are passed over until the next step that asks peers,
// or until a wake-up.
bool HeaderFirst::may_open_window(Context& context, const Peer& peer) {
  constexpr std::size_t kLooksForEachPeer = 8;
  if (window_.looks <=
      2 * std::size_t{context.limits.download_window} + kLooksForEachPeer * peers_.size()) {
    return true;
  }
  if (passed_ == kNoPeer) passed_ = peer.id;
  context.out.wake_at(context.now + context.limits.min_body_timeout);
  return false;
}

// A request is over, or a body is here: each peer may have something to ask for.
void HeaderFirst::wake_idle() {
  for (Peer& peer : peers_) peer.idle = false;
}

// Whether the peer let a timeout pass, or owes an answer, and another that does not has all that it
// has: what is asked of the peer would wait for nothing. Once a peer has let a timeout pass, the
// same holds for those that have named a tip and sent nothing yet: any number of silent peers cost
// one timeout together.
bool HeaderFirst::is_last_choice(Context& context, const Peer& peer) const {
  const auto may_wait = [&](const Peer& p) {
    return p.slow || p.headers_late || p.asked_headers ||
           (were_late_ && p.named_it && p.delivered == 0);
  };
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
  if (!peer.speaks || peer.idle || peer.no_room != 0) return;
  if (peer.known == kNoBlock || peer.known == tip) return;
  if (tree.work(peer.known) < tree.work(tip)) return;
  if (peer.requests >= limits.requests_per_peer || is_last_choice(context, peer)) return;
  const bool is_open = window_.target != kNoBlock && tree.is_ancestor(peer.known, window_.target);
  if (!is_open) {
    if (!may_open_window(context, peer)) return;
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

// The blocks on the path to `target` from the first whose body is missing on, as many as the window
// holds; those that are here count as asked for.
void HeaderFirst::open_window(Context& context, BlockId target) {
  window_.target = target;
  window_.next = 0;
  window_.blocks.clear();
  const BlockTree& tree = context.tree;
  const std::uint64_t before = context.out.work();
  const BlockId whole = context.complete_towards(target);
  window_.looks += context.out.work() - before;
  if (whole == kNoBlock) return;
  window_.first = tree.height(whole) + 1;
  const std::uint32_t end =
      std::min(tree.height(target) + 1, window_.first + context.limits.download_window);
  BlockId block = tree.ancestor(target, end - 1);
  window_.blocks.resize(end - window_.first);
  for (std::size_t i = window_.blocks.size(); i-- > 0; block = tree.parent(block)) {
    window_.blocks[i] = {block, context.chain.has_body(block)};
  }
  look(context, window_.blocks.size());
  mark_requested(context);
}

// Marks what is asked for already, once for each request.
void HeaderFirst::mark_requested(Context& context) {
  const BlockTree& tree = context.tree;
  std::vector<Wanted>& blocks = window_.blocks;
  const std::uint32_t first = window_.first;
  const std::uint32_t end = first + static_cast<std::uint32_t>(blocks.size());
  look(context, requests_.size());
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
    look(context, parted - from);
  }
}

}  // namespace chain
