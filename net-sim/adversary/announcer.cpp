#include "net-sim/adversary/announcer.h"

namespace sim {

using chain::MessageType;

void Announcer::act(const Turn& turn) {
  honest(turn, turn.input);
  const auto* received = std::get_if<chain::Received>(&turn.input);
  if (received == nullptr) return;
  const chain::Message& message = received->message;
  const bool names_tip = message.type == MessageType::headers || message.type == MessageType::inv ||
                         message.type == MessageType::blocks;
  if (!names_tip || message.staged != chain::Staged::no) return;
  const chain::BlockTree& tree = turn.workshop.blocks();
  const chain::BlockId before =
      announced_ == chain::kNoBlock ? turn.core.chain().tip() : announced_;
  if (chain::is_staged(message.last) || tree.work(message.last) <= tree.work(before)) return;
  announced_ = message.last;
  for (const chain::PeerId peer : peers()) {
    if (peer == received->from || turn.core.protocol_of(peer) != "header_first") continue;
    turn.out.send(peer, chain::make(MessageType::inv, announced_, tree.height(announced_)));
  }
}

void Announcer::say(const chain::Send& send, chain::Effects& out) const {
  const MessageType type = send.message.type;
  if (type != MessageType::blocks && type != MessageType::headers) Adversary::say(send, out);
}

}  // namespace sim
