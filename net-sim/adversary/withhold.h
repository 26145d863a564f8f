// Keeps each block that it finds for a while, building on it meanwhile, and then tells it.
//
// A miner with a slow or careless connection; or one that wins a head start and risks that others
// are faster. An attempt is a block found, a success one that stands on the main chain at the end.
#pragma once

#include <deque>

#include "net-sim/adversary/adversary.h"

namespace sim {

class Withhold final : public Adversary {
 public:
  explicit Withhold(Duration hold) : Adversary(Behaviour::Kind::withhold), hold_(hold) {}

  chain::BlockId find(NodeIndex self, const chain::Node& core, Workshop& workshop) override;
  bool waits() const override { return !held_.empty(); }

 private:
  struct Held {
    chain::BlockId block;
    Time due;
  };
  void act(const Turn& turn) override;

  const Duration hold_;
  std::deque<Held> held_;  // in the order in which they were found
};

}  // namespace sim
