#include "net-sim/adversary/flooder.h"

#include <algorithm>

#include "core/fixed_math.h"

namespace sim {
namespace {

using chain::MessageType;

// A message of that type about the own tip, such as an honest node might send.
chain::Message message_of(MessageType type, chain::BlockId tip, const chain::BlockTree& tree) {
  switch (type) {
    case MessageType::inv:
    case MessageType::ping:
    case MessageType::pong:
      return chain::make(type, tip, tree.height(tip));
    case MessageType::headers:
    case MessageType::blocks:
    case MessageType::get_blocks:
      return chain::make(type, tip, 1);
    case MessageType::peers:
      return chain::peers(0, {});
    default:
      return chain::make(type, tip);
  }
}

}  // namespace

Flooder::Flooder(MessageType type, Decimal rate)
    : Adversary(Behaviour::Kind::flooder),
      type_(type),
      pause_{std::max<std::int64_t>(
          static_cast<std::int64_t>(static_cast<chain::Int128>(kBillion) * kBillion /
                                    std::max<std::int64_t>(rate.billionths, 1)),
          1)} {}

void Flooder::act(const Turn& turn) {
  honest(turn, turn.input);
  if (next_ == chain::kNever) next_ = turn.now + pause_;
  const chain::BlockTree& tree = turn.workshop.blocks();
  const chain::BlockId tip = turn.core.chain().tip();
  const bool has_one = type_ != MessageType::headers && type_ != MessageType::blocks &&
                       type_ != MessageType::get_blocks;
  for (; next_ <= turn.now; next_ = next_ + pause_) {
    if (!has_one && tree.is_root(tip)) continue;  // no header can be told yet
    for (const chain::PeerId peer : peers()) {
      const bool original = turn.core.protocol_of(peer) == "push_chain";
      if (turn.core.protocol_of(peer).empty() || original != chain::is_original(type_)) continue;
      turn.out.send(peer, message_of(type_, tip, tree));
      ++sent_;
    }
  }
  turn.out.wake_at(next_);
}

}  // namespace sim
