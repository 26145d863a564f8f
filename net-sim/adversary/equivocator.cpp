#include "net-sim/adversary/equivocator.h"

namespace sim {

chain::BlockId Equivocator::find(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  made_.clear();
  const chain::BlockId parent = core.chain().tip();
  for (std::uint32_t i = 0; i < siblings_; ++i) {
    made_.push_back(note_found(workshop.make_block(self, parent)));
  }
  return made_.front();
}

// The core takes all, so that it can answer for each, and tells nobody; each peer is sent its own.
void Equivocator::act(const Turn& turn) {
  if (!std::holds_alternative<chain::Mined>(turn.input)) return honest(turn, turn.input);
  quiet_ = true;
  for (const chain::BlockId block : made_) honest(turn, chain::Mined{block});
  quiet_ = false;
  for (std::size_t i = 0; i < peers().size(); ++i) {
    tell(turn, peers()[i], made_[i % made_.size()], 1);
  }
}

void Equivocator::say(const chain::Send& send, chain::Effects& out) const {
  if (!quiet_) out.send(send.to, send.message);
}

}  // namespace sim
