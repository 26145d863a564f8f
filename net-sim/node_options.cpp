#include "net-sim/node_options.h"

#include "net-sim/resolve.h"
#include "net-sim/streams.h"

namespace sim {
namespace {

chain::TieBreak tie_break_of(TieBreak wanted) {
  switch (wanted) {
    case TieBreak::first_seen:
      return chain::TieBreak::first_seen;
    case TieBreak::lowest_hash:
      return chain::TieBreak::lowest_hash;
    case TieBreak::random:
      break;
  }
  return chain::TieBreak::random;
}

chain::Relay relay_of(RelayKind wanted) {
  switch (wanted) {
    case RelayKind::inv:
      return chain::Relay::inv;
    case RelayKind::headers:
      return chain::Relay::headers;
    case RelayKind::block:
      break;
  }
  return chain::Relay::block;
}

std::vector<ProtocolKind> protocols(const Scenario& scenario,
                                    const std::vector<std::uint32_t>& regions) {
  const std::uint32_t nodes = scenario.network.nodes;
  std::vector<ProtocolKind> spoken(nodes, scenario.protocol.front().first);
  std::vector<NodeIndex> order(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) order[node] = node;
  if (scenario.protocol.size() > 1) {
    chain::Random random = stream(scenario.seed, Stream::protocols);
    for (NodeIndex i = 0; i + 1 < nodes; ++i) {
      const auto other = static_cast<NodeIndex>(random.below(nodes - i));
      std::swap(order[i], order[i + other]);
    }
  }
  std::int64_t upto = 0;
  NodeIndex next = 0;
  for (const auto& [protocol, share] : scenario.protocol) {
    upto += share.ppb;
    const auto end = static_cast<NodeIndex>((upto * nodes + kBillion / 2) / kBillion);
    for (; next < end && next < nodes; ++next) spoken[order[next]] = protocol;
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
  const bool work = scenario.chain.rules == RulesKind::work;
  return {.kind = work ? chain::RulesKind::work : chain::RulesKind::tutorial,
          .check_genesis = scenario.chain.check_genesis,
          .seal = chain::Seal::simulated,
          .tie_break = tie_break_of(scenario.chain.tie_break),
          .block_interval = scenario.chain.block_interval};
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
    options.protocol = chain::ProtocolKind::header_first;
    options.relay = relay_of(scenario.relay);
    options.keepalive = scenario.network.keepalive;
    options.nonce = stream(scenario.seed, Stream::node, node).next();
    options.own_address = node;
    options.outbound = scenario.network.discovery ? kOutbound : 0;
    options.trusts_nonces = true;
  }
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].relay) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      all[node].relay = relay_of(*scenario.nodes[i].relay);
    }
  }
  return all;
}

}  // namespace sim
