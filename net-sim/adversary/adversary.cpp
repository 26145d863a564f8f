#include "net-sim/adversary/adversary.h"

#include <algorithm>

namespace sim {

void Adversary::step(const Turn& turn) {
  if (const auto* up = std::get_if<chain::PeerUp>(&turn.input)) peers_.push_back(up->peer);
  if (const auto* down = std::get_if<chain::PeerDown>(&turn.input)) {
    std::erase(peers_, down->peer);
  }
  act(turn);
}

chain::BlockId Adversary::find(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  return note_found(workshop.make_block(self, core.chain().tip()));
}

chain::BlockId Adversary::note_found(chain::BlockId block) {
  own_blocks_.push_back(block);
  return block;
}

AttackCount Adversary::count(const std::function<bool(chain::BlockId)>& on_main) const {
  const auto kept = std::count_if(own_blocks_.begin(), own_blocks_.end(), on_main);
  return {own_blocks_.size(), static_cast<std::uint64_t>(kept)};
}

void Adversary::honest(const Turn& turn, const chain::Input& input) {
  inner_.clear();
  turn.core.step(turn.now, input, inner_);
  for (const chain::Send& send : inner_.sends()) say(send, turn.out);
  for (const chain::Drop& drop : inner_.drops()) turn.out.drop(drop.peer, drop.why);
  for (const chain::Dial& dial : inner_.dials()) turn.out.dial(dial.address);
  for (const chain::BlockId block : inner_.accepted()) turn.out.accept(block);
  for (const chain::BlockId header : inner_.headers()) turn.out.learn(header);
  for (const chain::TipChange& change : inner_.tip_changes()) {
    turn.out.change_tip(change.from, change.to);
  }
  for (const chain::Refused& refused : inner_.refusals()) {
    turn.out.refuse(refused.peer, refused.why);
  }
  turn.out.wake_at(inner_.wake());
}

void Adversary::reveal(const Turn& turn, chain::BlockId tip) {
  const chain::BlockTree& tree = turn.workshop.blocks();
  std::vector<chain::BlockId> path;
  for (chain::BlockId block = tip; !turn.core.chain().has_body(block); block = tree.parent(block)) {
    path.push_back(block);
  }
  for (auto block = path.rbegin(); block != path.rend(); ++block) {
    honest(turn, chain::Mined{*block});
  }
}

void Adversary::tell(const Turn& turn, chain::PeerId peer, chain::BlockId tip,
                     std::uint32_t count) const {
  const std::string_view speech = turn.core.protocol_of(peer);
  if (speech == "header_first") {
    turn.out.send(peer, chain::make(chain::MessageType::blocks, tip, count));
  } else if (speech == "push_chain") {
    turn.out.send(peer, count == 1 ? chain::latest_block(tip) : chain::whole_chain(tip));
  }
}

}  // namespace sim
