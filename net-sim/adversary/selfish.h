// Selfish mining (Eyal and Sirer, 2014): what it finds it keeps, and publishes when that hurts
// most.
//
//   private branch ahead of the others by     what happens when another block comes
//     0                                       follows it
//     1                                       publishes: two tips of equal work, a race
//     2                                       publishes all: its branch is the longer one
//     more                                    publishes as far as the others are
//
// A block of its own during a race decides it, and is published at once. Who is told first in a
// race the network decides, or `gamma`: then the next honest finder builds on the attacker's
// branch with that probability, having been given it, and on the honest one otherwise. A pool
// works as one: what its nodes find is the selected node's at once (the simulator sees to that). An
// attempt is a block found, a success one that stands on the main chain at the end.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Selfish final : public Adversary {
 public:
  explicit Selfish(std::optional<Share> gamma)
      : Adversary(Behaviour::Kind::selfish), gamma_(gamma) {}

  chain::BlockId find(NodeIndex self, const chain::Node& core, Workshop& workshop) override;
  std::optional<Race> race(const chain::Node& core, const chain::BlockTree& tree) const override;

 private:
  void act(const Turn& turn) override;
  void on_found(const Turn& turn, chain::BlockId block);
  void on_others(const Turn& turn);
  void publish(const Turn& turn, chain::BlockId upto);

  const std::optional<Share> gamma_;
  chain::BlockId private_tip_ = chain::kNoBlock;  // kNoBlock: no branch of its own
  chain::BlockId published_ = chain::kNoBlock;    // of that branch, the last that was told
};

}  // namespace sim
