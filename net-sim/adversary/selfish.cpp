#include "net-sim/adversary/selfish.h"

namespace sim {

using chain::BlockId;
using chain::kNoBlock;

BlockId Selfish::find(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  const BlockId parent = private_tip_ != kNoBlock ? private_tip_ : core.chain().tip();
  return note_found(workshop.make_block(self, parent));
}

void Selfish::act(const Turn& turn) {
  if (const auto* mined = std::get_if<chain::Mined>(&turn.input)) {
    return on_found(turn, mined->block);
  }
  const BlockId before = turn.core.chain().tip();
  honest(turn, turn.input);
  if (turn.core.chain().tip() != before) on_others(turn);
}

// Ahead of the others it is kept; in a race it decides.
void Selfish::on_found(const Turn& turn, BlockId block) {
  const chain::BlockTree& tree = turn.workshop.blocks();
  const bool raced = private_tip_ != kNoBlock && published_ == private_tip_;
  private_tip_ = block;
  if (raced && tree.work(block) > tree.work(turn.core.chain().tip())) publish(turn, block);
}

// The others have a new tip.
void Selfish::on_others(const Turn& turn) {
  if (private_tip_ == kNoBlock) return;
  const chain::BlockTree& tree = turn.workshop.blocks();
  const BlockId tip = turn.core.chain().tip();
  if (tree.is_ancestor(private_tip_, tip) || tree.work(tip) > tree.work(private_tip_)) {
    private_tip_ = published_ = kNoBlock;
    return;
  }
  // Where the difficulty is adjusted, a heavier branch may be the lower one.
  const bool far_ahead = tree.height(private_tip_) > tree.height(tip) + 1;
  if (!far_ahead) return publish(turn, private_tip_);
  publish(turn, tree.ancestor(private_tip_, tree.height(tip)));
}

// In a race the blocks themselves are sent, since nobody asks for what is no better than the own
// chain; a branch that is better is told as any tip is.
void Selfish::publish(const Turn& turn, BlockId upto) {
  const chain::BlockTree& tree = turn.workshop.blocks();
  if (published_ != kNoBlock && tree.height(upto) <= tree.height(published_)) return;
  const BlockId tip = turn.core.chain().tip();
  if (tree.work(upto) > tree.work(tip)) {
    reveal(turn, upto);
    private_tip_ = published_ = kNoBlock;
    return;
  }
  const BlockId from = published_ != kNoBlock ? published_ : tree.fork_point(upto, tip);
  for (const chain::PeerId peer : peers()) {
    tell(turn, peer, upto, tree.height(upto) - tree.height(from));
  }
  published_ = upto;
}

std::optional<Race> Selfish::race(const chain::Node& core, const chain::BlockTree& tree) const {
  if (!gamma_ || published_ == kNoBlock) return std::nullopt;
  const BlockId other = core.chain().tip();
  if (tree.work(published_) != tree.work(other)) return std::nullopt;
  return Race{published_, other, *gamma_};
}

}  // namespace sim
