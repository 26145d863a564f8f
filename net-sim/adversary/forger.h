// Makes blocks that no honest node would make, and sends them to all its peers.
//
// Each time the oracle draws it (or a `mine` event does) it forges one block with its fault instead
// of finding one. Whether that is a fault the rules of the network say: under `tutorial` nobody
// looks at time or proof of work, nor with `check_merkle_root: false` at the merkle root, so that
// such a block stands in the tree as any other does. `work` is then more than a block: since nobody
// asks for work, a whole branch is made at once, from the genesis to two blocks above the tip, and
// replaces everyone's chain. A node says that it has another genesis in its first frame
// (header_first) or in a whole chain (push_chain). With `check_genesis: false` nobody compares it,
// and such a branch replaces everyone's chain, too. An attempt is a forged block, a success one
// that stands on the main chain at the end.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Forger final : public Adversary {
 public:
  Forger(Behaviour::Fault fault, const chain::ChainRules& rules);

  chain::BlockId find(NodeIndex self, const chain::Node& core, Workshop& workshop) override;
  std::uint64_t staged_bytes(const chain::Message& message, Workshop& workshop) const override;
  AttackCount count(const std::function<bool(chain::BlockId)>& on_main) const override;

 private:
  void act(const Turn& turn) override;
  void say(const chain::Send& send, chain::Effects& out) const override;
  bool makes_branches() const;
  chain::BlockId branch_base(const chain::Node& core, Workshop& workshop);
  chain::BlockId forge_branch(NodeIndex self, const chain::Node& core, Workshop& workshop);
  void send_forged(const Turn& turn) const;

  const Behaviour::Fault fault_;
  chain::Staged staged_ = chain::Staged::no;  // what an honest host makes of it; `no`: it passes
  chain::Refusal refusal_ = chain::Refusal::none;
  std::uint64_t refused_ = 0;                 // forged blocks that nobody takes
  chain::BlockId like_ = chain::kNoBlock;     // a block as long as the forged one
  chain::BlockId foreign_ = chain::kNoBlock;  // a genesis of its own, where nobody compares it
};

}  // namespace sim
