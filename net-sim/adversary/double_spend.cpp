#include "net-sim/adversary/double_spend.h"

namespace sim {

chain::BlockId DoubleSpend::find(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  if (base_ == chain::kNoBlock && !done()) begin(core.chain().tip());
  return note_found(workshop.make_block(self, done() ? core.chain().tip() : tip_));
}

void DoubleSpend::begin(chain::BlockId base) {
  base_ = tip_ = base;
  prepared_ = premined_ == 0;
}

void DoubleSpend::act(const Turn& turn) {
  const auto* mined = std::get_if<chain::Mined>(&turn.input);
  if (done()) return honest(turn, turn.input);
  if (mined != nullptr) {
    tip_ = mined->block;
  } else {
    honest(turn, turn.input);
  }
  if (base_ == chain::kNoBlock) begin(turn.core.chain().tip());
  look(turn);
}

void DoubleSpend::look(const Turn& turn) {
  const chain::BlockTree& tree = turn.workshop.blocks();
  const chain::BlockId others = turn.core.chain().tip();
  const std::uint32_t own = tree.height(tip_) - tree.height(base_);
  const bool moved = !tree.is_ancestor(base_, others);  // a fork below the base: a new start
  if (!prepared_) {
    prepared_ = others == base_ && own >= premined_;
    if (!prepared_ && others != base_) begin(others);
    return;
  }
  if (moved) return begin(others);
  const std::uint32_t confirmed = tree.height(others) - tree.height(base_);
  if (confirmed >= confirmations_ && own > confirmed) return end(turn, true);
  if (confirmed >= own + give_up_) return end(turn, false);
}

void DoubleSpend::end(const Turn& turn, bool success) {
  ++count_.attempts;
  count_.successes += success ? 1 : 0;
  if (success) reveal(turn, tip_);
  base_ = chain::kNoBlock;
}

}  // namespace sim
