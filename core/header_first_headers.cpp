// The half of HeaderFirst that downloads headers: requests, and what answers them.
#include <algorithm>

#include "core/header_first.h"

namespace chain {

// From far behind one peer at a time is asked: the pages are the same from all. Once one of them
// has let the timeout pass, all are asked at once, so that silent peers cost one timeout together.
bool HeaderFirst::may_ask_headers(const Context& context, const Peer& peer) const {
  if (peer.asked_headers) return false;
  const std::uint32_t near = context.tree.height(context.chain.tip()) + context.limits.far_behind;
  const bool far = peer.claimed_height == 0 || peer.claimed_height > near;
  if (!far || headers_late_) return true;
  return std::none_of(headers_asked_.begin(), headers_asked_.end(),
                      [this](const HeadersAsked& a) { return !peers_.find(a.peer)->headers_late; });
}

// Those that may not be asked now have a claim: ask_next_headers comes back to them. `before`: what
// the download asked for last; a download that has begun goes on.
void HeaderFirst::ask_headers(Context& context, Peer& peer, BlockId from,
                              const HeadersAsked& before) {
  if (peer.asked_headers) return;
  const bool goes_on = before.peer == peer.id;
  if (!goes_on && !may_ask_headers(context, peer)) {
    claims_wait_since_ = std::min(claims_wait_since_, context.now);
    return context.out.wake_at(claims_wait_since_ + context.limits.header_timeout);
  }
  peer.asked_headers = true;
  HeadersAsked asked = before;
  asked.peer = peer.id;
  asked.from = from;
  const Time due = context.now + context.limits.header_timeout;
  asked.due = goes_on ? due : std::min(due, before.due);
  if (!goes_on) asked.since = std::min(context.now, before.since);
  headers_asked_.push_back(asked);
  context.out.wake_at(asked.due);
  // The path to a block that is not stored here has no entry that the answer may begin with.
  context.out.send(peer.id,
                   make(MessageType::get_headers, from, is_low_work(context, asked) ? 1 : 0));
}

// Whether a download turns out to be slow now: a peer that sends a few headers at a time, each in
// time, may not keep the others waiting.
bool HeaderFirst::judge_pace(const Context& context, HeadersAsked& asked) {
  if (asked.is_slow || context.now - asked.since < context.limits.header_timeout) return false;
  asked.is_slow = asked.headers < kMaxHeaders;
  asked.since = context.now;
  asked.headers = 0;
  return asked.is_slow;
}

// Asks for the headers that lead to a block that came without its ancestors.
void HeaderFirst::ask_towards(Context& context, Peer& peer, BlockId goal) {
  if (!peer.asked_headers) {
    ask_headers(context, peer, best_header_, {.goal = goal});
    // Another has the place: this one is asked later, as its claim.
    if (!peer.asked_headers && peer.claimed == kNoBlock) note(context, peer, goal, Told::header);
    return;
  }
  for (HeadersAsked& asked : headers_asked_) {
    if (asked.peer == peer.id) asked.goal = goal;
  }
}

// The answer is here: what was asked for, if anything was.
std::optional<HeaderFirst::HeadersAsked> HeaderFirst::end_asked_headers(Peer& peer) {
  if (!peer.asked_headers) return std::nullopt;
  peer.asked_headers = false;
  const auto found = std::find_if(headers_asked_.begin(), headers_asked_.end(),
                                  [&](const HeadersAsked& a) { return a.peer == peer.id; });
  const HeadersAsked asked = *found;
  headers_asked_.erase(found);
  return asked;
}

// Those whose claim is still open, once nobody is asked.
void HeaderFirst::ask_next_headers(Context& context, const HeadersAsked& before) {
  settle_claims(context);
  for (Peer& peer : peers_) {
    const bool open = peer.speaks && peer.claimed != kNoBlock && peer.claim_refused == 0;
    if (!open || !may_ask_headers(context, peer)) continue;
    if (!is_asked(context, peer.claimed)) ask_headers(context, peer, best_header_, before);
  }
}

void HeaderFirst::settle_claims(Context& context) {
  context.out.add_work(peers_.size());
  for (Peer& peer : peers_) {
    if (peer.claimed == kNoBlock) continue;
    note(context, peer, peer.claimed, peer.claim_is_old ? Told::earlier : Told::hash);
  }
}

// Headers are an answer, unless they stand on a block that is not known here: then they announce a
// tip, and the answer is still to come.
void HeaderFirst::on_headers(Context& context, Peer& peer, const Message& message) {
  const bool low_work = message.staged == Staged::low_work;
  const bool unlinked = message.staged == Staged::unlinked ||
                        (message.staged == Staged::no && !starts_known(context, message));
  if (unlinked) {
    return ask_towards(context, peer, message.last);
  }
  auto asked = end_asked_headers(peer);
  if (message.staged == Staged::no_room) return;  // asked for again when the peer tells its tip
  if (asked) {
    asked->headers += message.count();
    judge_pace(context, *asked);
    peer.headers_late = headers_late_ = asked->is_slow;
  }
  if (low_work) {
    context.out.refuse(peer.id, Refusal::low_work);
    if (!asked) {
      // A page that was announced may complete a first pass. Then the second begins.
      if (context.chain.has_header(message.last)) ask_headers(context, peer, message.last, {});
      return;
    }
    on_low_work(context, peer, *asked, message.last);
    if (asked->is_slow) ask_next_headers(context);
    return;
  }
  if (refused(context, peer, message)) {
    if (!asked) return;
    // Others wait for the place. This one is asked when it tells its tip again.
    peer.claim_refused = 1;
    return ask_next_headers(context);
  }
  context.learn(message.last);
  note_last(context, peer, message.last);
  ask_in_parallel(context, peer, message.last);
  const std::uint32_t height = context.tree.height(message.last);
  // A page that ends before the announced tip is not the last, as long as pages get anywhere.
  const bool is_open =
      asked &&
      (peer.claimed != kNoBlock ||
       (asked->goal != kNoBlock && !context.chain.has_header(context.tree.settled(asked->goal))));
  if (is_open && height > asked->reached) {
    asked->reached = height;
    ask_headers(context, peer, message.last, *asked);
  } else {
    peer.claimed = kNoBlock;  // it has told all that it has
  }
  ask_next_headers(context);
  fetch(context);
}

// Whether the followers of a block that is not stored were asked for.
bool HeaderFirst::is_low_work(const Context& context, const HeadersAsked& asked) {
  return is_staged(asked.from) || !context.chain.has_header(asked.from);
}

// A page of a branch with too little work so far. `next`: from where the peer is asked again, as
// the download in two passes has it; kNoBlock: it is over.
void HeaderFirst::on_low_work(Context& context, Peer& peer, const HeadersAsked& asked,
                              BlockId next) {
  if (next != kNoBlock) return ask_headers(context, peer, next, asked);
  note_too_light(context, peer, peer.claimed);
  peer.claimed = kNoBlock;
  ask_next_headers(context);
}

// Inv answers where the peer has nothing more: its tip is then known here, or it is the block after
// which more was asked for. Any other is news that crossed the question.
bool HeaderFirst::is_answer(const Context& context, const Peer& peer, const Message& inv) const {
  if (!peer.asked_headers) return false;
  const auto asked = std::find_if(headers_asked_.begin(), headers_asked_.end(),
                                  [&](const HeadersAsked& a) { return a.peer == peer.id; });
  const BlockTree& tree = context.tree;
  if (!is_low_work(context, *asked)) {
    return inv.last != kNoBlock && context.chain.has_header(tree.settled(inv.last));
  }
  return inv.last == kNoBlock || tree.hash(inv.last) == tree.hash(asked->from);
}

// A branch that has no room, or too many pages, stays so. Its tip is announced again and again, and
// would be downloaded each time. Only that peer's word is ignored: another may tell the truth.
bool HeaderFirst::was_too_light(const Context& context, const Peer& peer, BlockId tip) const {
  if (too_light_.empty() || tip == kNoBlock) return false;
  if (context.chain.has_header(context.tree.settled(tip))) return false;
  return std::any_of(too_light_.begin(), too_light_.end(), [&](const TooLight& t) {
    return t.peer == peer.id && t.tip == context.tree.hash(tip);
  });
}

void HeaderFirst::note_too_light(const Context& context, const Peer& peer, BlockId tip) {
  if (tip == kNoBlock) return;
  std::erase_if(too_light_, [&](const TooLight& t) { return t.peer == peer.id; });
  too_light_.push_back({peer.id, context.tree.hash(tip)});
}

// Inv: the answer of a peer that has nothing more, or news. False: nothing is left to do.
bool HeaderFirst::on_announced_tip(Context& context, Peer& peer, const Message& message) {
  if (!is_answer(context, peer, message)) return true;
  const auto asked = end_asked_headers(peer);
  peer.headers_late = false;
  // The end of a branch that stayed below the low-work floor.
  if (is_low_work(context, *asked)) {
    peer.claimed = kNoBlock;
    note_too_light(context, peer, message.last);
  } else {
    on_tip_told(context, peer, message, message.height());
  }
  ask_next_headers(context);
  return false;
}

}  // namespace chain
