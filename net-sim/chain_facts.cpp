#include "net-sim/chain_facts.h"

#include <algorithm>
#include <tuple>

#include "net-sim/adversary/behaviours.h"

namespace sim {
namespace {

chain::BlockId main_tip(const RunView& run) {
  const chain::BlockTree& tree = run.tree;
  chain::BlockId best = 0;
  std::uint64_t followers = 0;
  for (chain::BlockId tip = 0; tip < tree.size(); ++tip) {
    const std::uint64_t count = run.metrics.convergence().counted(tip);
    if (count == 0) continue;
    if (count > followers || (count == followers && tree.work(tip) > tree.work(best))) {
      best = tip;
      followers = count;
    }
  }
  return best;
}

void count_tips(const RunView& run, ChainFacts& facts) {
  const chain::BlockTree& tree = run.tree;
  const Metrics& metrics = run.metrics;
  std::tie(facts.min_height, facts.max_height) = metrics.honest_heights();
  chain::BlockId common = facts.main_tip;
  for (NodeIndex node = 0; node < run.scenario.network.nodes; ++node) {
    if (!metrics.counts(node) || common == chain::kNoBlock) continue;
    common = tree.fork_point(common, metrics.tip_of(node));
  }
  facts.common_prefix_depth =
      facts.max_height - (common == chain::kNoBlock ? 0 : tree.height(common));
}

std::optional<AttackFacts> attack_facts(const RunView& run, const ChainFacts& facts) {
  const chain::BlockTree& tree = run.tree;
  std::optional<AttackFacts> attack;
  for (const Adversary* adversary : run.adversaries) {
    if (adversary == nullptr) continue;
    if (!attack) attack.emplace();
    const std::string kind(name_of(adversary->kind()));
    if (attack->kinds.find(kind) == std::string::npos) {
      attack->kinds += (attack->kinds.empty() ? "" : ", ") + kind;
    }
    const AttackCount count = adversary->count(
        [&](chain::BlockId block) { return tree.is_ancestor(block, facts.main_tip); });
    attack->count.attempts += count.attempts;
    attack->count.successes += count.successes;
  }
  if (!attack) return attack;
  for (const MinerFacts& miner : facts.miners) {
    if (run.adversaries[miner.node] != nullptr) attack->on_main_chain += miner.main_chain;
  }
  return attack;
}

}  // namespace

ChainFacts chain_facts(const RunView& run) {
  const chain::BlockTree& tree = run.tree;
  ChainFacts facts;
  facts.main_tip = main_tip(run);
  count_tips(run, facts);
  std::vector<std::uint32_t> at_height;
  std::vector<MinerFacts> miners(run.scenario.network.nodes);
  for (const FoundBlock& found : run.metrics.found()) {
    if (!run.metrics.measured(found.found)) continue;
    const std::uint32_t height = tree.height(found.block);
    const bool on_main = tree.is_ancestor(found.block, facts.main_tip);
    ++facts.mined;
    ++(on_main ? facts.main_chain : facts.stale);
    if (height >= at_height.size()) at_height.resize(height + 1);
    ++at_height[height];
    ++miners[found.finder].found;
    miners[found.finder].main_chain += on_main ? 1 : 0;
  }
  for (const std::uint32_t blocks : at_height) {
    facts.heights += blocks > 0 ? 1 : 0;
    facts.forked_heights += blocks > 1 ? 1 : 0;
  }
  for (NodeIndex node = 0; node < miners.size(); ++node) {
    const std::int64_t power = run.power[node];
    if (power == 0 && miners[node].found == 0) continue;
    miners[node].node = node;
    miners[node].power = static_cast<double>(power) / 1e9;
    facts.miners.push_back(miners[node]);
  }
  facts.attack = attack_facts(run, facts);
  return facts;
}

}  // namespace sim
