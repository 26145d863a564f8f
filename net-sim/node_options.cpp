#include "net-sim/node_options.h"

#include <algorithm>
#include <map>
#include <mutex>

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

// One object for each distinct set of limits, for as long as the process lives: nodes share them.
const chain::SyncLimits* shared(const chain::SyncLimits& limits) {
  if (limits == chain::kDefaultSyncLimits) return &chain::kDefaultSyncLimits;
  static std::mutex mutex;
  static std::map<std::vector<std::int64_t>, chain::SyncLimits> all;
  std::vector<std::int64_t> key;
  for (const auto& row : chain::sync_limit_rows()) key.push_back(limit_value(limits, row));
  const std::lock_guard lock(mutex);
  return &all.emplace(std::move(key), limits).first->second;
}

}  // namespace

chain::ChainRules chain_rules(const Scenario& scenario) {
  return {.kind = scenario.chain.rules,
          .check_genesis = scenario.chain.check_genesis,
          .check_merkle_root = scenario.chain.check_merkle_root,
          .seal = chain::Seal::simulated,
          .tie_break = scenario.chain.tie_break,
          .first_difficulty = scenario.chain.retarget ? kFirstDifficulty : 0,
          .min_difficulty = static_cast<std::int64_t>(scenario.chain.min_difficulty),
          .retarget = static_cast<std::uint32_t>(scenario.chain.retarget.value_or(0)),
          .block_interval = scenario.chain.block_interval,
          .max_block = scenario.chain.max_block};
}

bool needs_cpus(const Scenario& scenario) {
  const auto validates = [](const NodeOverride& entry) {
    return entry.validation_per_block || entry.validation_per_megabyte;
  };
  const auto pauses = [](const Event& event) {
    return std::holds_alternative<Pause>(event.action);
  };
  return scenario.chain.validation != Validation{} || scenario.chain.commit_time.ns > 0 ||
         std::any_of(scenario.nodes.begin(), scenario.nodes.end(), validates) ||
         std::any_of(scenario.events.begin(), scenario.events.end(), pauses);
}

std::vector<Validation> validations(const Scenario& scenario,
                                    const std::vector<std::uint32_t>& regions) {
  std::vector<Validation> all(scenario.network.nodes, scenario.chain.validation);
  bool any = scenario.chain.validation != Validation{};
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    const NodeOverride& entry = scenario.nodes[i];
    if (!entry.validation_per_block && !entry.validation_per_megabyte) continue;
    any = true;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      if (entry.validation_per_block) all[node].per_block = *entry.validation_per_block;
      if (entry.validation_per_megabyte) all[node].per_megabyte = *entry.validation_per_megabyte;
    }
  }
  if (!any) all.clear();
  return all;
}

std::vector<Duration> clock_offsets(const Scenario& scenario,
                                    const std::vector<std::uint32_t>& regions) {
  std::vector<Duration> all;
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].clock_offset) continue;
    all.resize(scenario.network.nodes);
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      all[node] = *scenario.nodes[i].clock_offset;
    }
  }
  return all;
}

std::vector<std::uint32_t> rule_sets(const Scenario& scenario,
                                     const std::vector<std::uint32_t>& regions) {
  std::vector<std::uint32_t> all(scenario.network.nodes);
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].rule_set) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      all[node] = *scenario.nodes[i].rule_set;
    }
  }
  const bool is_one = std::all_of(all.begin(), all.end(), [&](auto set) { return set == all[0]; });
  if (is_one) all.clear();
  return all;
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
    options.limits = shared(scenario.options);
    if (scenario.network.max_frame != kUnlimited) options.max_frame = scenario.network.max_frame;
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
    const auto& own = scenario.nodes[i].options.values;
    if (own.empty()) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      chain::SyncLimits limits = *all[node].limits;
      for (const auto& [row, value] : own) chain::set_limit(limits, *row, value);
      all[node].limits = shared(limits);
    }
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
