#include "core/node.h"

#include "core/check.h"
#include "core/push_chain.h"

namespace chain {

Node::Node(const BlockTree& tree, ChainView durable, const NodeOptions& options)
    : tree_(&tree), chain_(std::move(durable)), rules_(options.rules), dialer_(options.redial) {
  plugs_.push_back(std::make_unique<PushChain>());
  for (const auto& plug : plugs_) plug_pointers_.push_back(plug.get());
}

void Node::step(Time now, const Input& input, Effects& out) noexcept {
  CHECK(now >= last_step_);
  CHECK(out.empty());
  last_step_ = now;
  Context context{now, *tree_, rules_, chain_, out, plug_pointers_};
  std::visit([&](const auto& what) { handle(context, what); }, input);
  dialer_.on_step_end(now, out);
}

void Node::handle(Context& context, const PeerUp& up) {
  if (up.address != kNoAddress && !dialer_.on_peer_up(context.now, up.address, up.peer)) {
    return context.out.drop(up.peer, Offence::none);
  }
  for (Protocol* plug : plug_pointers_) plug->on_peer_up(context, up.peer);
}

void Node::handle(Context& context, const PeerDown& down) {
  for (Protocol* plug : plug_pointers_) plug->on_peer_down(context, down.peer);
  dialer_.on_peer_down(context.now, down.peer);
}

void Node::handle(Context& context, const DialFailed& failed) {
  dialer_.on_dial_failed(context.now, failed.address);
}

void Node::handle(Context& context, const Connect& wish) {
  dialer_.wish(wish.address, context.out);
}

void Node::handle(Context& context, const Disconnect& wish) {
  const PeerId peer = dialer_.forget(wish.address);
  if (peer != kNoPeer) context.out.drop(peer, Offence::none);
}

void Node::handle(Context& context, const Received& received) {
  for (Protocol* plug : plug_pointers_) plug->on_message(context, received.from, received.message);
}

// A block on another tip than the own comes too late: the miner is told to try again.
void Node::handle(Context& context, const Mined& mined) {
  if (context.tree.parent(mined.block) != chain_.tip()) {
    return context.out.refuse(kNoPeer, Refusal::previous_hash);
  }
  context.follow(kNoPeer, mined.block, TipCause::mined);
}

void Node::handle(Context& context, const Wake&) {
  for (Protocol* plug : plug_pointers_) plug->on_wake(context);
}

}  // namespace chain
