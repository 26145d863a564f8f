#include "net-sim/adversary/behaviours.h"

#include <array>

#include "core/check.h"
#include "net-sim/adversary/announcer.h"
#include "net-sim/adversary/double_spend.h"
#include "net-sim/adversary/eclipser.h"
#include "net-sim/adversary/equivocator.h"
#include "net-sim/adversary/flooder.h"
#include "net-sim/adversary/forger.h"
#include "net-sim/adversary/selfish.h"
#include "net-sim/adversary/silent.h"
#include "net-sim/adversary/withhold.h"

namespace sim {
std::string_view name_of(Behaviour::Kind kind) {
  constexpr std::array<std::string_view, 9> kNames{"selfish", "double_spend", "withhold",
                                                   "silent",  "equivocator",  "forger",
                                                   "flooder", "eclipser",     "announcer"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::unique_ptr<Adversary> make_adversary(const Behaviour& behaviour,
                                          const chain::ChainRules& rules) {
  switch (behaviour.kind) {
    case Behaviour::Kind::announcer:
      return std::make_unique<Announcer>();
    case Behaviour::Kind::silent:
      return std::make_unique<Silent>();
    case Behaviour::Kind::forger:
      return std::make_unique<Forger>(behaviour.fault, rules);
    case Behaviour::Kind::selfish:
      return std::make_unique<Selfish>(behaviour.gamma);
    case Behaviour::Kind::double_spend:
      return std::make_unique<DoubleSpend>(behaviour);
    case Behaviour::Kind::withhold:
      return std::make_unique<Withhold>(behaviour.hold);
    case Behaviour::Kind::equivocator:
      return std::make_unique<Equivocator>(behaviour.siblings);
    case Behaviour::Kind::flooder:
      return std::make_unique<Flooder>(behaviour.message, behaviour.rate);
    case Behaviour::Kind::eclipser:
      return std::make_unique<Eclipser>(behaviour);
  }
  CHECK(false);
  return nullptr;
}

}  // namespace sim
