#include "core/push_chain.h"

#include <algorithm>

namespace chain {

void PushChain::on_peer_up(Context& context, PeerId peer, bool) {
  peers_.add({.id = peer});
  context.out.send(peer, query_latest());
}

// Removes exactly this peer, once. (In the original a socket's error and close both fire, and the
// second removal takes an innocent peer, the last of the list.)
void PushChain::on_peer_down(Context&, PeerId peer) { peers_.erase(peer); }

void PushChain::on_message(Context& context, PeerId from, const Message& message) {
  if (manners_ == Manners::bridge) {
    if (Peer* peer = peers_.find(from)) peer->speaks = true;
  }
  switch (message.type) {
    case MessageType::query_latest:
      if (Peer* peer = peers_.find(from)) peer->told = context.chain.tip();
      return context.out.send(from, latest_block(context.chain.tip()));
    case MessageType::latest_block:
      return manners_ == Manners::original ? on_latest_block(context, from, message)
                                           : bridge_latest_block(context, from, message);
    case MessageType::whole_chain:
      return manners_ == Manners::original ? on_whole_chain(context, from, message)
                                           : bridge_whole_chain(context, from, message);
    default:
      return;
  }
}

void PushChain::on_latest_block(Context& context, PeerId from, const Message& message) {
  const BlockId tip = context.chain.tip();
  if (!is_staged(message.last) && context.tree.parent(message.last) == tip) {
    return context.follow(from, message.last, TipCause::appended);
  }
  Refusal why = message.refusal;
  if (!is_staged(message.last)) {
    const bool next = context.tree.height(message.last) == context.tree.height(tip) + 1;
    why = next ? Refusal::previous_hash : Refusal::height;
  }
  context.out.refuse(from, why);
  context.out.send(from, whole_chain(tip));
}

void PushChain::on_whole_chain(Context& context, PeerId from, const Message& message) {
  const BlockId tip = context.chain.tip();
  if (is_staged(message.last)) return context.out.refuse(from, message.refusal);
  const Refusal why =
      check_replacement(context.tree.height(message.last), context.tree.parent(message.last) == tip,
                        context.tree.height(tip));
  if (why != Refusal::none) return context.out.refuse(from, why);
  context.follow(from, message.last, TipCause::replaced);
}

void PushChain::on_tip(Context& context, PeerId source, BlockId tip, TipCause cause) {
  if (manners_ == Manners::bridge) {
    for (Peer& peer : peers_) {
      if (peer.speaks && peer.id != source) tell(context, peer, tip);
    }
    return;
  }
  const Message news = cause == TipCause::replaced ? whole_chain(tip) : latest_block(tip);
  for (const Peer& peer : peers_) context.out.send(peer.id, news);
}

// --- As a bridge ---------------------------------------------------------------------------------

// The tip alone if it extends what the peer was told, or nothing is known of the peer yet; else the
// whole chain.
Message PushChain::news_for(const Context& context, const Peer& peer, BlockId tip) {
  const bool extends = peer.told == kNoBlock || context.tree.parent(tip) == peer.told;
  return extends ? latest_block(tip) : whole_chain(tip);
}

void PushChain::tell(Context& context, Peer& peer, BlockId tip) {
  context.out.send(peer.id, news_for(context, peer, tip));
  peer.told = tip;
}

// The peer is behind, or on a chain that is invalid here. It gets the own tip, unless it got that
// tip in the same form before: then it has rejected it, or will read it soon.
void PushChain::reply(Context& context, Peer& peer) {
  const BlockId tip = context.chain.tip();
  const Message news = news_for(context, peer, tip);
  BlockId& replied =
      news.type == MessageType::latest_block ? peer.replied_block : peer.replied_chain;
  if (replied == tip) return;
  replied = tip;
  tell(context, peer, tip);
}

// A block cannot be taken without those before it: the own tip is told, which makes a peer send its
// chain.
void PushChain::ask_chain(Context& context, Peer& peer) {
  const BlockId tip = context.chain.tip();
  if (peer.asked_with == tip) return;
  peer.asked_with = tip;
  context.out.send(peer.id, latest_block(tip));
}

// A block that does not extend the own chain: one of an older tip is answered with the chain.
void PushChain::bridge_latest_block(Context& context, PeerId from, const Message& message) {
  const BlockTree& tree = context.tree;
  const BlockId block = message.last;
  const BlockId tip = context.chain.tip();
  Peer* peer = peers_.find(from);
  if (peer == nullptr) return;
  if (is_staged(block)) {
    context.out.refuse(from, message.refusal);
    return ask_chain(context, *peer);
  }
  peer->told = block;
  if (block == tip) return;
  if (tree.is_ancestor(block, tip)) return reply(context, *peer);
  if (context.chain.has_header(tree.parent(block)) && context.is_in_window(block)) {
    context.take(block, 1);
    if (context.is_better(block) && context.complete_towards(block) == block) {
      const bool next = tree.parent(block) == tip;
      return context.follow(from, block, next ? TipCause::appended : TipCause::replaced);
    }
  }
  ask_chain(context, *peer);
}

void PushChain::bridge_whole_chain(Context& context, PeerId from, const Message& message) {
  const BlockId tip = context.chain.tip();
  Peer* peer = peers_.find(from);
  if (peer == nullptr) return;
  peer->asked_with = kNoBlock;
  const bool staged = is_staged(message.last);
  if (!staged) peer->told = message.last;
  if (!staged && context.is_better(message.last)) {
    const bool next = context.tree.parent(message.last) == tip;
    return context.follow(from, message.last, next ? TipCause::appended : TipCause::replaced);
  }
  context.out.refuse(from, staged ? message.refusal : Refusal::not_longer);
  if (message.staged == Staged::wrong_genesis) return;  // it would reject any chain of this node
  const std::uint32_t height = staged ? message.height() : context.tree.height(message.last);
  if (height >= context.tree.height(tip)) return;
  if (staged) peer->told = tip;  // it has none of ours: the whole chain
  reply(context, *peer);
}

}  // namespace chain
