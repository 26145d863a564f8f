#include "net-sim/rule_sets.h"

namespace sim {

void RuleSets::made(NodeIndex maker, chain::BlockId block, chain::BlockId parent) {
  if (block >= of_chain_.size()) of_chain_.resize(block + 1, kAnySet);
  const std::uint32_t own = of_node_[maker];
  of_chain_[block] = passes(own, parent) ? own : kNoSet;
}

void RuleSets::judge(NodeIndex receiver, chain::Message& message) const {
  using chain::MessageType;
  const bool holds_blocks =
      message.type == MessageType::latest_block || message.type == MessageType::whole_chain ||
      message.type == MessageType::headers || message.type == MessageType::blocks;
  if (!holds_blocks || chain::is_staged(message.last)) return;
  if (accepts(receiver, message.last)) return;
  message.staged = chain::Staged::invalid;
  message.refusal = chain::Refusal::hash;
  message.last = chain::kNoBlock;
}

}  // namespace sim
