#include "net-sim/adversary/withhold.h"

namespace sim {

// On its own branch as long as that is the better one.
chain::BlockId Withhold::find(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  chain::BlockId parent = core.chain().tip();
  const chain::BlockTree& tree = workshop.blocks();
  if (!held_.empty() && tree.work(held_.back().block) >= tree.work(parent)) {
    parent = held_.back().block;
  }
  return note_found(workshop.make_block(self, parent));
}

void Withhold::act(const Turn& turn) {
  if (const auto* mined = std::get_if<chain::Mined>(&turn.input)) {
    held_.push_back({mined->block, turn.now + hold_});
  } else {
    honest(turn, turn.input);
  }
  while (!held_.empty() && held_.front().due <= turn.now) {
    reveal(turn, held_.front().block);
    held_.pop_front();
  }
  if (!held_.empty()) turn.out.wake_at(held_.front().due);
}

}  // namespace sim
