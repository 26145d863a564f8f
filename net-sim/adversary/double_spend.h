// A double spend (Nakamoto 2008, Rosenfeld 2014): pays, waits until the payment is confirmed, and
// replaces the chain that holds it by a longer one of its own.
//
//   preparing -- own branch `premined` long, others at its root --> attacking
//   preparing -- the others move on --> preparing, from their tip
//   attacking -- `confirmations` by the others, own branch longer --> published: a success
//   attacking -- `give_up` blocks behind --> a failure
//
// The payment stands in the first block that the others find after the branch was prepared. After
// `attempts` attempts it mines as honest nodes do.
#pragma once

#include "net-sim/adversary/adversary.h"

namespace sim {

class DoubleSpend final : public Adversary {
 public:
  explicit DoubleSpend(const Behaviour& behaviour)
      : Adversary(Behaviour::Kind::double_spend),
        confirmations_(behaviour.confirmations),
        premined_(behaviour.premined),
        give_up_(behaviour.give_up),
        most_attempts_(behaviour.attempts) {}

  chain::BlockId find(NodeIndex self, const chain::Node& core, Workshop& workshop) override;
  AttackCount count(const std::function<bool(chain::BlockId)>&) const override { return count_; }

 private:
  void act(const Turn& turn) override;
  void look(const Turn& turn);
  void begin(chain::BlockId base);
  void end(const Turn& turn, bool success);
  bool done() const { return count_.attempts >= most_attempts_; }

  const std::uint32_t confirmations_, premined_, give_up_;
  const std::uint64_t most_attempts_;
  AttackCount count_;
  chain::BlockId base_ = chain::kNoBlock;  // of the own branch
  chain::BlockId tip_ = chain::kNoBlock;   // of the own branch; base_ while it is empty
  bool prepared_ = false;
};

}  // namespace sim
