// Announces each tip by its hash as soon as it hears of one, and sends no body.
//
// It hears of a block by a header or a hash, before its honest neighbors have the body, and so is
// the first to announce it. A peer that asks it for the body waits for a timeout, unless it asks
// another peer meanwhile (header_first.h). It keeps its own blocks to itself.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Announcer final : public Adversary {
 public:
  Announcer() : Adversary(Behaviour::Kind::announcer) {}

 private:
  void act(const Turn& turn) override;
  void say(const chain::Send& send, chain::Effects& out) const override;

  chain::BlockId announced_ = chain::kNoBlock;  // the heaviest so far
};

}  // namespace sim
