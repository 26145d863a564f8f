#include "net-sim/view_forks.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "net-sim/chain_facts.h"

namespace sim {
namespace {

constexpr std::uint32_t kOnMainChain = 0xffffffffu;

// The branches, and the branch of each block.
class Branches {
 public:
  Branches(const Simulator& simulator, chain::BlockId main_tip);

  std::uint32_t of(chain::BlockId block) const { return branch_of_[block]; }
  std::vector<ForkFacts> forks;

 private:
  void open(const Simulator& simulator, chain::BlockId root, chain::BlockId main_tip);

  std::vector<std::uint32_t> branch_of_;
  std::vector<const FoundBlock*> found_;
};

Branches::Branches(const Simulator& simulator, chain::BlockId main_tip) {
  const chain::BlockTree& tree = simulator.tree();
  branch_of_.resize(tree.size(), kOnMainChain);
  found_.resize(tree.size());
  for (const FoundBlock& found : simulator.metrics().found()) found_[found.block] = &found;
  for (chain::BlockId block = 0; block < tree.size(); ++block) {
    const bool newer = tree.is_ancestor(main_tip, block);  // and not with most nodes yet
    if (newer || tree.is_ancestor(block, main_tip)) continue;
    const chain::BlockId parent = tree.parent(block);
    const bool opens = parent == chain::kNoBlock || of(parent) == kOnMainChain;
    branch_of_[block] = opens ? static_cast<std::uint32_t>(forks.size()) : of(parent);
    if (opens) open(simulator, block, main_tip);
    ForkFacts& fork = forks[of(block)];
    ++fork.blocks;
    fork.length = std::max(fork.length, tree.height(block) - tree.height(fork.root) + 1);
  }
}

void Branches::open(const Simulator& simulator, chain::BlockId root, chain::BlockId main_tip) {
  const chain::BlockTree& tree = simulator.tree();
  ForkFacts fork;
  fork.root = root;
  if (found_[root] != nullptr) {
    fork.finder = found_[root]->finder;
    fork.at = found_[root]->found;
  }
  if (tree.height(root) <= tree.height(main_tip)) {
    fork.rival = tree.ancestor(main_tip, tree.height(root));
    if (const FoundBlock* rival = found_[fork.rival]) {
      fork.rival_finder = rival->finder;
      fork.at = std::max(fork.at, rival->found);
    }
  }
  forks.push_back(fork);
}

}  // namespace

std::vector<ForkFacts> find_forks(const Simulator& simulator, const ViewRecords& records) {
  Branches branches(simulator, chain_facts(simulator).main_tip);
  std::vector<std::set<NodeIndex>> leavers(branches.forks.size());
  for (std::size_t i = 0; i < records.reorgs.size(); ++i) {
    const ViewReorg& reorg = records.reorgs[i];
    const std::uint32_t from = branches.of(reorg.from), to = branches.of(reorg.tip.to);
    if (from == kOnMainChain || from == to) continue;
    ForkFacts& fork = branches.forks[from];
    if (simulator.metrics().is_honest(reorg.tip.node)) leavers[from].insert(reorg.tip.node);
    fork.deepest = std::max(fork.deepest, reorg.depth);
    fork.left = reorg.tip.at;
    const bool by_message = reorg.tip.cause == ViewTip::Cause::message;
    if (!fork.turning && to == kOnMainChain && by_message) fork.turning = i;
  }
  for (NodeIndex node = 0; node < simulator.scenario().network.nodes; ++node) {
    if (!simulator.metrics().counts(node)) continue;
    const std::uint32_t branch = branches.of(simulator.metrics().tip_of(node));
    if (branch != kOnMainChain) branches.forks[branch].still.push_back(node);
  }
  for (std::size_t i = 0; i < branches.forks.size(); ++i) {
    branches.forks[i].leavers = static_cast<std::uint32_t>(leavers[i].size());
  }
  const auto weight = [](const ForkFacts& fork) {
    return std::tuple(fork.still.size(), std::uint64_t{fork.leavers} * fork.deepest, fork.blocks);
  };
  std::stable_sort(branches.forks.begin(), branches.forks.end(),
                   [&](const ForkFacts& a, const ForkFacts& b) { return weight(a) > weight(b); });
  return std::move(branches.forks);
}

}  // namespace sim
