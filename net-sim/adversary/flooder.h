// Sends one kind of message again and again to each peer, besides doing all that an honest node
// does.
//
// What asks (QueryLatest, GetHeaders, GetBlocks, GetPeers, Ping) costs its peers an answer each
// time; what tells (LatestBlock, WholeChain, Inv, Headers, Blocks) costs them their downlink. All
// name its own tip, so that nothing in them is a fault. An attempt is a message sent; what it
// achieved stands in the bytes and the propagation times of the run.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class Flooder final : public Adversary {
 public:
  // `rate`: messages a second, to each peer.
  Flooder(chain::MessageType type, Decimal rate);

  AttackCount count(const std::function<bool(chain::BlockId)>&) const override {
    return {sent_, 0};
  }

 private:
  void act(const Turn& turn) override;

  const chain::MessageType type_;
  const Duration pause_;  // between two messages to one peer
  Time next_{chain::kNever};
  std::uint64_t sent_ = 0;
};

}  // namespace sim
