// The table of adversaries: from a `behaviour` of a scenario to the object that behaves so.
//
// A new kind is one file here, one line in this table, its keys in keys_nodes.cpp and a golden run
// under tests/golden/runs.
#pragma once

#include <memory>
#include <string_view>

#include "net-sim/adversary/adversary.h"

namespace sim {

// `selfish`, `forger`, …: the words of the scenario.
std::string_view name_of(Behaviour::Kind kind);

std::unique_ptr<Adversary> make_adversary(const Behaviour& behaviour,
                                          const chain::ChainRules& rules);

}  // namespace sim
