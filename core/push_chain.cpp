#include "core/push_chain.h"

#include <algorithm>

namespace chain {

void PushChain::on_peer_up(Context& context, PeerId peer) {
  peers_.push_back(peer);
  context.out.send(peer, query_latest());
}

// Removes exactly this peer, once. (In the original a socket's error and close both fire, and the
// second removal takes an innocent peer, the last of the list.)
void PushChain::on_peer_down(Context&, PeerId peer) {
  const auto found = std::find(peers_.begin(), peers_.end(), peer);
  if (found != peers_.end()) peers_.erase(found);
}

void PushChain::on_message(Context& context, PeerId from, const Message& message) {
  switch (message.type) {
    case MessageType::query_latest:
      return context.out.send(from, latest_block(context.chain.tip()));
    case MessageType::latest_block:
      return on_latest_block(context, from, message);
    case MessageType::whole_chain:
      return on_whole_chain(context, from, message);
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

void PushChain::on_tip(Context& context, PeerId, BlockId tip, TipCause cause) {
  const Message news = cause == TipCause::replaced ? whole_chain(tip) : latest_block(tip);
  for (const PeerId peer : peers_) context.out.send(peer, news);
}

}  // namespace chain
