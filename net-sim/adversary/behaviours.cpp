#include "net-sim/adversary/behaviours.h"

#include <array>

#include "core/check.h"
#include "net-sim/adversary/forger.h"
#include "net-sim/adversary/silent.h"

namespace sim {

std::string_view name_of(Behaviour::Kind kind) {
  constexpr std::array<std::string_view, 8> kNames{"selfish", "double_spend", "withhold",
                                                   "silent",  "equivocator",  "forger",
                                                   "flooder", "eclipser"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::unique_ptr<Adversary> make_adversary(const Behaviour& behaviour,
                                          const chain::ChainRules& rules) {
  switch (behaviour.kind) {
    case Behaviour::Kind::silent:
      return std::make_unique<Silent>();
    case Behaviour::Kind::forger:
      return std::make_unique<Forger>(behaviour.fault, rules);
    default:
      break;
  }
  CHECK(false);  // refused before (built.h)
  return nullptr;
}

}  // namespace sim
