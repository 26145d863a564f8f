// The half of HeaderFirst that fetches bodies: what is asked of whom, and what becomes of it.
#include <algorithm>

#include "core/header_first.h"

namespace chain {

std::size_t HeaderFirst::requests_to(PeerId peer) const {
  return static_cast<std::size_t>(std::count_if(
      requests_.begin(), requests_.end(), [peer](const Request& r) { return r.peer == peer; }));
}

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

void HeaderFirst::ask_bodies(Context& context, Peer& peer, BlockId last, std::uint32_t count) {
  const Time due = context.now + context.limits.body_timeout;
  requests_.push_back({peer.id, last, count, due});
  context.out.wake_at(due);
  context.out.send(peer.id, make(MessageType::get_blocks, last, count));
}

// Where one path holds nothing to ask for, its part to another peer's block holds nothing, either.
void HeaderFirst::fetch(Context& context) {
  context.out.add_work(peers_.size());
  BlockId exhausted = kNoBlock;
  for (const bool slow : {false, true}) {
    for (Peer& peer : peers_) {
      if (peer.slow != slow || peer.idle || peer.known == kNoBlock) continue;
      if (exhausted != kNoBlock && context.tree.is_ancestor(peer.known, exhausted)) {
        peer.idle = true;
        continue;
      }
      fetch_from(context, peer);
      if (peer.idle) exhausted = peer.known;
    }
  }
}

// A request is over, or a body is here: each peer may have something to ask for.
void HeaderFirst::wake_idle() {
  for (Peer& peer : peers_) peer.idle = false;
}

// Asks for the first bodies on the path to what the peer has that are missing and not asked for.
// That its last body is here says nothing of those before it: it may have come by itself, as news.
void HeaderFirst::fetch_from(Context& context, Peer& peer) {
  const BlockTree& tree = context.tree;
  const BlockId tip = context.chain.tip();
  if (!peer.speaks || peer.idle || peer.known == kNoBlock || peer.known == tip) return;
  if (tree.work(peer.known) < tree.work(tip)) return;
  std::size_t under_way = requests_to(peer.id);
  context.out.add_work(requests_.size());
  const SyncLimits& limits = context.limits;
  if (under_way >= limits.requests_per_peer) return;
  const BlockId fork = tree.fork_point(tip, peer.known);
  if (fork == kNoBlock) return;
  collect_window(context, peer.known, tree.height(fork) + 1);
  constexpr std::uint32_t kBodiesUnseen = 16;     // in a request, while no body's size is known
  constexpr std::uint64_t kBytesAsked = 1 << 20;  // in a request, by the size of bodies of late
  const std::uint64_t fit =
      body_bytes_ == 0 ? kBodiesUnseen : std::max<std::uint64_t>(kBytesAsked / body_bytes_, 1);
  const std::uint64_t most = std::min<std::uint64_t>(fit, limits.bodies_per_request);
  std::size_t at = 0;
  while (at < window_.size() && under_way < limits.requests_per_peer) {
    if (window_[at].is_asked) {
      ++at;
      continue;
    }
    const std::size_t first = at;
    while (at < window_.size() && at - first < most && !window_[at].is_asked) ++at;
    ask_bodies(context, peer, window_[at - 1].block, static_cast<std::uint32_t>(at - first));
    ++under_way;
  }
  peer.idle = under_way < limits.requests_per_peer;
}

// The blocks of the window on the path to `target`, from the first at `height` or above whose body
// is missing; those that are here count as asked for.
void HeaderFirst::collect_window(Context& context, BlockId target, std::uint32_t height) {
  const BlockTree& tree = context.tree;
  const std::uint32_t end = tree.height(target) + 1, window = context.limits.download_window;
  window_.clear();
  while (window_.empty() && height < end) {
    const std::uint32_t upper = std::min(end, height + window);
    BlockId block = tree.ancestor(target, upper - 1);
    window_.resize(upper - height);
    for (std::size_t i = window_.size(); i-- > 0; block = tree.parent(block)) {
      window_[i] = {block, context.chain.has_body(block)};
    }
    context.out.add_work(window_.size());
    const auto missing = std::find_if(window_.begin(), window_.end(),
                                      [](const Wanted& wanted) { return !wanted.is_asked; });
    const auto whole = static_cast<std::uint32_t>(missing - window_.begin());
    height += whole;
    if (whole == 0) break;
    window_.clear();  // the window begins with the first that is missing
  }
  if (!window_.empty()) mark_requested(context, height);
}

// Marks what is asked for already, once for each request.  `first`: the window's first height.
void HeaderFirst::mark_requested(Context& context, std::uint32_t first) {
  const BlockTree& tree = context.tree;
  const std::uint32_t end = first + static_cast<std::uint32_t>(window_.size());
  for (const Request& request : requests_) {
    const BlockId last = tree.settled(request.last);
    if (is_staged(last)) continue;
    const std::uint32_t above = tree.height(last) + 1;
    const std::uint32_t below = above > request.count ? above - request.count : 0;
    const std::uint32_t from = std::max(first, below), to = std::min(end, above);
    if (from >= to || tree.ancestor(last, from) != window_[from - first].block) continue;
    // The two paths part somewhere, or nowhere.
    for (std::uint32_t at = from; at < to; ++at) {
      if (tree.ancestor(last, at) != window_[at - first].block) break;
      window_[at - first].is_asked = true;
    }
    context.out.add_work(to - from);
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

// Whether blocks that nobody asked for lie within a window above the own chain. Others are asked
// for when the window gets there, so that a peer cannot fill the store with bodies above a hole.
bool HeaderFirst::is_in_window(const Context& context, const Message& blocks) {
  const BlockTree& tree = context.tree;
  const BlockId fork = tree.fork_point(context.chain.tip(), blocks.last);
  return fork != kNoBlock &&
         tree.height(blocks.last) - tree.height(fork) <= context.limits.download_window;
}

void HeaderFirst::on_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  const PeerId from = peer.id;
  // Whatever of the request is not in the answer is asked for again.
  const std::size_t answered = std::erase_if(requests_, [&](const Request& r) {
    return r.peer == from && covers(tree, r, tree.settled(message.last));
  });
  if (answered > 0) wake_idle();
  const bool unlinked = message.staged == Staged::unlinked ||
                        (message.staged == Staged::no && !starts_known(context, message));
  if (unlinked) ask_towards(context, peer, message.last);
  if (refused(context, peer, message) || unlinked) return;
  if (answered == 0 && !is_in_window(context, message)) {
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
  peer.slow = false;
  context.take(message.last, message.count());
  note_last(context, peer, message.last);
  settle_claims(context);
  advance(context, from, message.last);
  wake_idle();
  fetch(context);
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

// What was not answered in time is asked of others, if there are any who have it, and it is still
// missing.
void HeaderFirst::look_after_requests(Context& context) {
  const BlockTree& tree = context.tree;
  for (const Request& request : requests_) {
    Peer* late = request.due <= context.now ? peers_.find(request.peer) : nullptr;
    if (late != nullptr) late->slow = true;
  }
  const std::size_t over = std::erase_if(
      requests_, [&](const Request& r) { return r.due <= context.now && is_here(context, r); });
  if (over > 0) wake_idle();
  for (Request& request : requests_) {
    if (request.due > context.now) {
      context.out.wake_at(request.due);
      continue;
    }
    const BlockId last = tree.settled(request.last);
    const auto may_have = [&](const Peer& p) {
      if (!p.speaks || p.slow) return false;
      if (requests_to(p.id) >= context.limits.requests_per_peer) return false;
      if (is_staged(last) || !context.chain.has_header(last)) return p.claimed == last;
      return p.known != kNoBlock && tree.is_ancestor(last, p.known);
    };
    const auto other = std::find_if(peers_.begin(), peers_.end(), may_have);
    request.due = context.now + context.limits.body_timeout;
    context.out.wake_at(request.due);
    if (other != peers_.end()) {
      request.peer = other->id;
      context.out.send(other->id, make(MessageType::get_blocks, request.last, request.count));
    } else if (others_have_first(context, request)) {
      request.count = 0;  // over: they are asked for what they have of it
    }
  }
  if (std::erase_if(requests_, [](const Request& r) { return r.count == 0; }) == 0) return;
  wake_idle();
  fetch(context);
}

// Whether another peer has the first block that was asked for, though it may lack the last.
bool HeaderFirst::others_have_first(const Context& context, const Request& request) const {
  const BlockTree& tree = context.tree;
  const BlockId last = tree.settled(request.last);
  if (is_staged(last) || !context.chain.has_header(last)) return false;
  const BlockId first = tree.ancestor(last, tree.height(last) + 1 - request.count);
  return std::any_of(peers_.begin(), peers_.end(), [&](const Peer& p) {
    return p.id != request.peer && p.speaks && p.known != kNoBlock &&
           tree.is_ancestor(first, p.known);
  });
}

}  // namespace chain
