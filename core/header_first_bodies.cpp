// The half of HeaderFirst that fetches bodies: what is asked of whom, and what becomes of it.
#include <algorithm>

#include "core/header_first.h"

namespace chain {
namespace {

constexpr std::uint64_t kBytesAsked = 1 << 20;  // of bodies in one request, as they are of late

}  // namespace

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

bool HeaderFirst::is_asked(const BlockTree& tree, BlockId block) const {
  return std::any_of(requests_.begin(), requests_.end(),
                     [&](const Request& r) { return covers(tree, r, block); });
}

void HeaderFirst::ask_bodies(Context& context, Peer& peer, BlockId last, std::uint32_t count) {
  requests_.push_back({peer.id, last, count, context.now + kPatience});
  context.out.wake_at(context.now + kPatience);
  context.out.send(peer.id, make(MessageType::get_blocks, last, count));
}

void HeaderFirst::fetch(Context& context) {
  for (const bool slow : {false, true}) {
    for (Peer& peer : peers_) {
      if (peer.slow == slow) fetch_from(context, peer);
    }
  }
}

// Asks for the first bodies on the path to what the peer has that are missing and not asked for.
// That its last body is here says nothing of those before it: it may have come by itself, as news.
void HeaderFirst::fetch_from(Context& context, Peer& peer) {
  const BlockTree& tree = context.tree;
  const BlockId tip = context.chain.tip();
  if (!peer.speaks || peer.known == kNoBlock || peer.known == tip) return;
  if (tree.work(peer.known) < tree.work(tip)) return;
  std::size_t under_way = requests_to(peer.id);
  const std::uint64_t fit = kBytesAsked / std::max<std::uint64_t>(body_bytes_, 1);
  const auto most = static_cast<std::uint32_t>(
      body_bytes_ == 0 ? 16 : std::clamp<std::uint64_t>(fit, 1, kMostAsked));
  const std::uint32_t end = tree.height(peer.known) + 1;
  const BlockId fork = tree.fork_point(tip, peer.known);
  if (fork == kNoBlock) return;
  std::uint32_t height = tree.height(fork) + 1;
  std::uint32_t window_end = end;
  bool missing = false;
  const auto wanted = [&](std::uint32_t at) {
    const BlockId block = tree.ancestor(peer.known, at);
    return !context.chain.has_body(block) && !is_asked(tree, block);
  };
  for (; height < window_end && under_way < kMostRequests; ++height) {
    if (!missing && !context.chain.has_body(tree.ancestor(peer.known, height))) {
      missing = true;
      window_end = std::min(end, height + kWindow);
    }
    if (!wanted(height)) continue;
    std::uint32_t count = 1;
    while (count < most && height + count < window_end && wanted(height + count)) ++count;
    height += count - 1;
    ask_bodies(context, peer, tree.ancestor(peer.known, height), count);
    ++under_way;
  }
}

// As many as make a page, from the first on: what one request costs here has a limit. Only what is
// there: a peer may ask for what this node told of and has not yet.
void HeaderFirst::on_get_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  if (is_staged(message.last) || !context.chain.has_body(message.last)) return;
  const std::uint32_t end = tree.height(message.last);
  const std::uint32_t first = end + 1 - std::min({message.count(), end, kMostAsked});
  std::uint64_t bytes = 0;
  BlockId last = kNoBlock;
  std::uint32_t height = first;
  for (; height <= end; ++height) {
    const BlockId block = tree.ancestor(message.last, height);
    if (!context.chain.has_body(block)) break;
    bytes += tree.block_bytes(block) + 1;
    if (bytes > kBlocksPage && last != kNoBlock) break;
    last = block;
  }
  if (last != kNoBlock) {
    context.out.send(peer.id, make(MessageType::blocks, last, height - first));
  }
}

void HeaderFirst::on_blocks(Context& context, Peer& peer, const Message& message) {
  const BlockTree& tree = context.tree;
  const PeerId from = peer.id;
  // Whatever of the request is not in the answer is asked for again.
  std::erase_if(requests_, [&](const Request& r) {
    return r.peer == from && covers(tree, r, tree.settled(message.last));
  });
  if (message.staged == Staged::unlinked) ask_headers(context, peer, best_header_);
  if (refused(context, peer, message)) return;
  if (!starts_known(context, message)) return ask_headers(context, peer, best_header_);
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
  std::erase_if(requests_,
                [&](const Request& r) { return r.due <= context.now && is_here(context, r); });
  for (Request& request : requests_) {
    if (request.due > context.now) {
      context.out.wake_at(request.due);
      continue;
    }
    const BlockId last = tree.settled(request.last);
    const auto other = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& p) {
      if (!p.speaks || p.slow || requests_to(p.id) >= kMostRequests) return false;
      if (is_staged(last) || !context.chain.has_header(last)) return p.claimed == last;
      return p.known != kNoBlock && tree.is_ancestor(last, p.known);
    });
    request.due = context.now + kPatience;
    context.out.wake_at(request.due);
    if (other != peers_.end()) {
      request.peer = other->id;
      context.out.send(other->id, make(MessageType::get_blocks, request.last, request.count));
    }
  }
}

}  // namespace chain
