#include "net-sim/node_options.h"

#include <map>

#include "net-sim/resolve.h"
#include "net-sim/streams.h"

namespace sim {
namespace {

std::vector<ProtocolKind> protocols(const Scenario& scenario,
                                    const std::vector<std::uint32_t>& regions) {
  std::vector<Share> shares;
  for (const auto& part : scenario.protocol) shares.push_back(part.second);
  std::vector<ProtocolKind> spoken;
  for (const std::uint32_t part :
       draw_parts(scenario, shares, stream(scenario.seed, Stream::protocols))) {
    spoken.push_back(scenario.protocol[part].first);
  }
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].protocol) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      spoken[node] = *scenario.nodes[i].protocol;
    }
  }
  return spoken;
}

}  // namespace

chain::ChainRules chain_rules(const Scenario& scenario) {
  return {.kind = scenario.chain.rules,
          .check_genesis = scenario.chain.check_genesis,
          .seal = chain::Seal::simulated,
          .tie_break = scenario.chain.tie_break,
          .block_interval = scenario.chain.block_interval};
}

std::vector<std::pair<NodeIndex, Behaviour>> behaviours(const Scenario& scenario,
                                                        const std::vector<std::uint32_t>& regions) {
  std::map<NodeIndex, Behaviour> all;
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].behaviour) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      all[node] = *scenario.nodes[i].behaviour;
    }
  }
  return {all.begin(), all.end()};
}

std::vector<chain::NodeOptions> node_options(const Scenario& scenario,
                                             const std::vector<std::uint32_t>& regions) {
  const std::vector<ProtocolKind> spoken = protocols(scenario, regions);
  const Reconnect& habit = scenario.network.reconnect;
  std::vector<chain::NodeOptions> all(scenario.network.nodes);
  for (NodeIndex node = 0; node < all.size(); ++node) {
    chain::NodeOptions& options = all[node];
    options.rules = chain_rules(scenario);
    if (habit.redials(spoken[node])) options.redial = {habit.first, habit.max};
    if (spoken[node] == ProtocolKind::push_chain) continue;
    options.protocol = spoken[node];
    options.relay = scenario.relay;
    options.keepalive = scenario.network.keepalive;
    options.nonce = stream(scenario.seed, Stream::node, node).next();
    options.own_address = node;
    options.outbound = scenario.network.discovery ? kOutbound : 0;
    options.trusts_nonces = true;
  }
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].relay) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      all[node].relay = *scenario.nodes[i].relay;
    }
  }
  return all;
}

}  // namespace sim
