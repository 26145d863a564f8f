// What each node of a scenario is: rules, protocol, habits.
//
// A mix of protocols is drawn by the seed of the topology; entries of `nodes` come after it. Nonces
// are drawn for each node, so that ties broken at random fall differently from seed to seed.
#pragma once

#include <vector>

#include "core/node.h"
#include "net-sim/scenario.h"

namespace sim {

// The first difficulty of a run that adjusts it, in zero bits, for the scenario's interval at full
// power: as far from the least as from the most.
inline constexpr std::int64_t kFirstDifficulty = chain::kMaxDifficulty / 2;

chain::ChainRules chain_rules(const Scenario& scenario);

// Who does not play by the rules, by node: of several entries for one node the last counts.
std::vector<std::pair<NodeIndex, Behaviour>> behaviours(const Scenario& scenario,
                                                        const std::vector<std::uint32_t>& regions);

// Whether a node takes time for something, or may pause.
bool needs_cpus(const Scenario& scenario);
// The validation time of each node's CPU, and how far each clock is ahead; empty where all are 0.
std::vector<Validation> validations(const Scenario& scenario,
                                    const std::vector<std::uint32_t>& regions);
std::vector<Duration> clock_offsets(const Scenario& scenario,
                                    const std::vector<std::uint32_t>& regions);

// The rule set of each node; empty where all follow one.
std::vector<std::uint32_t> rule_sets(const Scenario& scenario,
                                     const std::vector<std::uint32_t>& regions);

// One for each node.  `regions` as draw_regions gives them (resolve.h).
std::vector<chain::NodeOptions> node_options(const Scenario& scenario,
                                             const std::vector<std::uint32_t>& regions);

}  // namespace sim
