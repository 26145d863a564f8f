// The keys of a scenario: one table for each section, from which reader, writer and schema follow.
//
// To add a key, add its member to scenario.h and one line to its section's table here. What single
// values look like is codec.h's business; what depends on several sections is checked in
// scenario_reader.cpp.
#pragma once

#include <string>
#include <vector>

#include "net-sim/codec.h"
#include "net-sim/scenario.h"

namespace sim {

const Codec<Scenario>& scenario_codec();

// Its parts, in keys_*.cpp.
Codec<ChainSection> chain_codec();
Codec<NetworkSection> network_codec();
Codec<Topology> topology_codec();  // of `network`; what it needs of `nodes` must be read before
Codec<MiningSection> mining_codec();
Codec<NodeOverride> node_override_codec();
Codec<chain::SyncLimits> options_codec();   // of the network
Codec<LimitOverrides> own_options_codec();  // of some nodes
Codec<LinkChange> link_change_codec();
Codec<Event> event_codec();
Codec<Expectation> expectation_codec();

enum class Rest : std::uint8_t { forbidden, allowed };
Codec<Selector> selector_codec(Rest rest = Rest::forbidden);

// A distribution of times or sizes; a bare quantity is a constant one.
Codec<Distribution> distribution_codec(const std::string& name, Dimension dimension);
// The law around the means of a matrix; and a rate, or a table from which nodes draw it.
Codec<Distribution> region_law_codec();
Codec<Distribution> region_rate_codec();

Codec<Regions> regions_codec();
// Puts presets in the place of their names, and makes latency and regions one.
void resolve_regions(const Value& network, NetworkSection& section);

// Scales `shares` to 100 % exactly, with a note, when they sum to that within 1 %; else fails.
void make_whole(const Value& value, std::vector<Share>& shares, const std::string& what);

}  // namespace sim
