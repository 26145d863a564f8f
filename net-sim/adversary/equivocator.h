// Finds several blocks at once, of one height on one parent, and tells each neighbour of another.
//
// Under proof of work such blocks cost as much each; here one draw of the oracle pays for all, so
// that forks come on purpose. An attempt is a block made, a success one that stands on the main
// chain at the end: at most one of each set can.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Equivocator final : public Adversary {
 public:
  explicit Equivocator(std::uint32_t siblings)
      : Adversary(Behaviour::Kind::equivocator), siblings_(siblings) {}

  chain::BlockId find(NodeIndex self, const chain::Node& core, Workshop& workshop) override;

 private:
  void act(const Turn& turn) override;
  void say(const chain::Send& send, chain::Effects& out) const override;

  const std::uint32_t siblings_;
  std::vector<chain::BlockId> made_;  // by the last draw
  bool quiet_ = false;                // while the core takes them
};

}  // namespace sim
