#include "net-sim/convergence.h"

#include <algorithm>

namespace sim {

ConvergenceTracker::ConvergenceTracker(const chain::BlockTree& tree, std::uint32_t nodes,
                                       chain::BlockId root, std::uint32_t depth)
    : tree_(tree), depth_(depth), tips_(nodes, root), is_counted_(nodes, true) {
  for (std::uint32_t node = 0; node < nodes; ++node) add(root);
}

void ConvergenceTracker::add(chain::BlockId tip) {
  if (tip >= followers_.size()) followers_.resize(tip + 1);
  if (followers_[tip]++ == 0) {
    ++distinct_;
    xor_of_tips_ ^= tip;
  }
}

void ConvergenceTracker::remove(chain::BlockId tip) {
  if (--followers_[tip] == 0) {
    --distinct_;
    xor_of_tips_ ^= tip;
  }
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
  if (is_counted_[node]) {
    remove(tips_[node]);
    add(tip);
  }
  tips_[node] = tip;
  settle(at);
}

void ConvergenceTracker::set_counted(std::uint32_t node, bool counted, chain::Time at) {
  if (is_counted_[node] == counted) return;
  is_counted_[node] = counted;
  counted ? add(tips_[node]) : remove(tips_[node]);
  settle(at);
}

// All tips lie on one chain, no more than the newest block apart.
bool ConvergenceTracker::one_chain() const {
  if (distinct_ <= 1) return true;
  if (distinct_ > 2) return false;
  const auto counted = std::find(is_counted_.begin(), is_counted_.end(), true);
  const chain::BlockId a = tips_[static_cast<std::size_t>(counted - is_counted_.begin())];
  const chain::BlockId b = xor_of_tips_ ^ a;
  return tree_.parent(a) == b || tree_.parent(b) == a;
}

bool ConvergenceTracker::agree(std::uint32_t depth) const {
  if (distinct_ <= 1) return true;
  std::uint32_t highest = 0;
  for (std::size_t node = 0; node < tips_.size(); ++node) {
    if (is_counted_[node]) highest = std::max(highest, tree_.height(tips_[node]));
  }
  const std::uint32_t height = highest > depth ? highest - depth : 0;
  chain::BlockId common = chain::kNoBlock;
  for (std::size_t node = 0; node < tips_.size(); ++node) {
    if (!is_counted_[node]) continue;
    if (tree_.height(tips_[node]) < height) return false;
    const chain::BlockId block = tree_.ancestor(tips_[node], height);
    if (common != chain::kNoBlock && block != common) return false;
    common = block;
  }
  return true;
}

void ConvergenceTracker::settle(chain::Time at) {
  if (open_.empty()) return;
  const bool one_tip = distinct_ <= 1 || (depth_ > 0 && agree(depth_));
  if (!one_tip && distinct_ > 2) return;
  const bool nearly = one_tip || one_chain();
  std::erase_if(open_, [&](const Open& open) {
    if (!(open.block_found ? nearly : one_tip)) return false;
    entries_[open.entry].took = at - entries_[open.entry].at;
    return true;
  });
}

}  // namespace sim
