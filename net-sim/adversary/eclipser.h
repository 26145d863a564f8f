// Takes up a victim's connections and tells it nothing.
//
// It dials the victim so often that `connections` of them stand, each under another name, greets,
// answers pings with the victim's own tip, names its own address to who asks for others, and never
// passes on a block. To everyone else it is an honest node. Whether the victim is cut off depends
// on who else it is connected to: places are limited (`max_inbound`), and a victim that starts
// again finds the attacker at its door first. An attempt is a connection sought, a success one that
// stood.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Eclipser final : public Adversary {
 public:
  explicit Eclipser(const Behaviour& behaviour)
      : Adversary(Behaviour::Kind::eclipser),
        victim_(behaviour.victim),
        connections_(behaviour.connections) {}

  void restarted() override;
  AttackCount count(const std::function<bool(chain::BlockId)>&) const override { return count_; }

 private:
  void act(const Turn& turn) override;
  void speak(const Turn& turn, const chain::Received& received);
  void dial_missing(const Turn& turn);
  bool is_mask(chain::PeerId peer) const;

  const chain::AddressId victim_;
  const std::uint32_t connections_;
  std::vector<chain::PeerId> masks_;  // the connections to the victim
  std::uint32_t dialling_ = 0;
  Time next_dial_{};
  AttackCount count_;
};

}  // namespace sim
