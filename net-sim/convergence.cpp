#include "net-sim/convergence.h"

#include <algorithm>
#include <map>

namespace sim {

ConvergenceTracker::ConvergenceTracker(const chain::BlockTree& tree, std::uint32_t nodes,
                                       chain::BlockId root, std::uint32_t depth,
                                       const std::vector<std::uint32_t>& rule_sets)
    : tree_(tree), depth_(depth), tips_(nodes, root), is_counted_(nodes, true) {
  std::map<std::uint32_t, std::uint32_t> index;
  for (const std::uint32_t set : rule_sets) {
    set_of_.push_back(index.emplace(set, static_cast<std::uint32_t>(index.size())).first->second);
  }
  if (index.size() > 1) sets_.resize(index.size());
  for (std::uint32_t node = 0; node < nodes; ++node) add(node);
}

void ConvergenceTracker::Tips::add(chain::BlockId tip) {
  if (tip >= followers.size()) followers.resize(tip + 1);
  if (followers[tip]++ == 0) {
    ++distinct;
    xor_of_all ^= tip;
  }
}

void ConvergenceTracker::Tips::remove(chain::BlockId tip) {
  if (--followers[tip] == 0) {
    --distinct;
    xor_of_all ^= tip;
  }
}

void ConvergenceTracker::add(std::uint32_t node) {
  all_.add(tips_[node]);
  if (!sets_.empty()) sets_[set_of_[node]].add(tips_[node]);
}

void ConvergenceTracker::remove(std::uint32_t node) {
  all_.remove(tips_[node]);
  if (!sets_.empty()) sets_[set_of_[node]].remove(tips_[node]);
}

void ConvergenceTracker::on_event(const std::string& kind, chain::Time at) {
  std::erase_if(open_, [&](const Open& open) { return entries_[open.entry].after == kind; });
  entries_.push_back({kind, at, std::nullopt});
  open_.push_back({entries_.size() - 1, false});
  settle(at);
}

void ConvergenceTracker::on_block_found(chain::Time at) {
  for (Open& open : open_) open.block_found = true;
  settle(at);
}

void ConvergenceTracker::on_tip(std::uint32_t node, chain::BlockId tip, chain::Time at) {
  if (is_counted_[node]) remove(node);
  tips_[node] = tip;
  if (is_counted_[node]) add(node);
  settle(at);
}

void ConvergenceTracker::set_counted(std::uint32_t node, bool counted, chain::Time at) {
  if (is_counted_[node] == counted) return;
  is_counted_[node] = counted;
  counted ? add(node) : remove(node);
  settle(at);
}

// The count for the rule set whose nodes follow the most tips.
std::uint32_t ConvergenceTracker::most_distinct() const {
  std::uint32_t most = 0;
  for (std::size_t g = 0; g < groups(); ++g) most = std::max(most, group(g).distinct);
  return most;
}

// All tips lie on one chain, no more than the newest block apart.
bool ConvergenceTracker::one_chain(std::size_t g) const {
  const Tips& tips = group(g);
  if (tips.distinct <= 1) return true;
  if (tips.distinct > 2) return false;
  std::size_t counted = 0;
  while (!counts_in(counted, g)) ++counted;
  const chain::BlockId a = tips_[counted];
  const chain::BlockId b = tips.xor_of_all ^ a;
  return tree_.parent(a) == b || tree_.parent(b) == a;
}

bool ConvergenceTracker::agree(std::uint32_t depth) const {
  for (std::size_t g = 0; g < groups(); ++g) {
    if (!agree(depth, g)) return false;
  }
  return true;
}

bool ConvergenceTracker::agree(std::uint32_t depth, std::size_t g) const {
  if (group(g).distinct <= 1) return true;
  std::uint32_t highest = 0;
  for (std::size_t node = 0; node < tips_.size(); ++node) {
    if (counts_in(node, g)) highest = std::max(highest, tree_.height(tips_[node]));
  }
  const std::uint32_t height = highest > depth ? highest - depth : 0;
  chain::BlockId common = chain::kNoBlock;
  for (std::size_t node = 0; node < tips_.size(); ++node) {
    if (!counts_in(node, g)) continue;
    if (tree_.height(tips_[node]) < height) return false;
    const chain::BlockId block = tree_.ancestor(tips_[node], height);
    if (common != chain::kNoBlock && block != common) return false;
    common = block;
  }
  return true;
}

void ConvergenceTracker::settle(chain::Time at) {
  if (open_.empty()) return;
  const bool one_tip = is_one_tip() || (depth_ > 0 && agree(depth_));
  if (!one_tip && most_distinct() > 2) return;
  bool nearly = true;
  for (std::size_t g = 0; g < groups() && !one_tip; ++g) nearly = nearly && one_chain(g);
  std::erase_if(open_, [&](const Open& open) {
    if (!(open.block_found ? nearly : one_tip)) return false;
    entries_[open.entry].took = at - entries_[open.entry].at;
    return true;
  });
}

}  // namespace sim
