#include "net-sim/metrics.h"

#include <algorithm>

#include "core/wire_size.h"

namespace sim {
namespace {

constexpr std::uint32_t kNotFound = 0xffffffffu;

// 0, and those of expectations that time an event.
std::vector<std::uint32_t> depths_of(const Scenario& scenario) {
  std::vector<std::uint32_t> depths{0};
  for (const Expectation& expectation : scenario.expect) {
    const bool timed =
        expectation.kind == Expectation::Kind::converged && !expectation.after.empty();
    const std::uint32_t depth = expectation.depth;
    if (timed && std::count(depths.begin(), depths.end(), depth) == 0) depths.push_back(depth);
  }
  return depths;
}

}  // namespace

std::array<std::uint32_t, 4> share_ranks(std::uint32_t eligible) {
  const auto rank = [eligible](std::uint64_t percent) {
    return static_cast<std::uint32_t>((eligible * percent + 99) / 100);
  };
  return {rank(50), rank(90), rank(99), eligible};
}

Metrics::Metrics(const Scenario& scenario, const chain::BlockTree& tree, chain::BlockId root,
                 const std::vector<std::uint32_t>& rule_sets)
    : tree_(tree),
      measured_from_(chain::kTimeZero + scenario.measure.warm_up),
      measured_to_(chain::kTimeZero + scenario.duration - scenario.measure.cool_down + Duration{1}),
      tips_(scenario.network.nodes, root),
      honest_(scenario.network.nodes, true),
      live_(scenario.network.nodes, true),
      counted_nodes_(scenario.network.nodes),
      receipts_(scenario.network.nodes),
      confirmations_(kMaxConfirmations + 1),
      extended_to_(kMaxConfirmations + 1),
      sample_pause_(scenario.output.sample_every) {
  for (const std::uint32_t depth : depths_of(scenario)) {
    convergence_.emplace_back(tree, scenario.network.nodes, root, depth, rule_sets);
  }
  for (NodeIndex node = 0; node < tips_.size(); ++node) heights_.add(tree_.height(root));
  tip_samples_.push_back({chain::kTimeZero, convergence().distinct_tips()});
}

const ConvergenceTracker& Metrics::convergence(std::uint32_t depth) const {
  const auto found =
      std::find_if(convergence_.begin(), convergence_.end(),
                   [depth](const auto& tracker) { return tracker.depth() == depth; });
  return found == convergence_.end() ? convergence_.front() : *found;
}

void Metrics::on_found(NodeIndex finder, chain::BlockId block, Time at) {
  for (ConvergenceTracker& tracker : convergence_) tracker.on_block_found(at);
  found_index_.resize(tree_.size(), kNotFound);
  found_index_[block] = static_cast<std::uint32_t>(found_.size());
  found_.push_back({.block = block,
                    .finder = finder,
                    .found = at,
                    .eligible = counted_nodes_ - (counts(finder) ? 1 : 0)});
}

void Metrics::set_dishonest(NodeIndex node) {
  if (!honest_[node]) return;
  honest_[node] = false;
  --counted_nodes_;
  heights_.remove(tree_.height(tips_[node]));
  for (ConvergenceTracker& tracker : convergence_) {
    tracker.set_counted(node, false, chain::kTimeZero);
  }
  tip_samples_.front().distinct = convergence().distinct_tips();
}

void Metrics::set_live(NodeIndex node, bool live, Time at) {
  if (live_[node] == live) return;
  live_[node] = live;
  if (live) {
    const auto begun = std::find_if(absences_.rbegin(), absences_.rend(),
                                    [node](const Absence& a) { return a.node == node; });
    begun->to = at;
  } else {
    absences_.push_back({node, at, chain::kNever});
  }
  if (!honest_[node]) return;
  live ? ++counted_nodes_ : --counted_nodes_;
  live ? heights_.add(tree_.height(tips_[node])) : heights_.remove(tree_.height(tips_[node]));
  for (ConvergenceTracker& tracker : convergence_) tracker.set_counted(node, live, at);
  note_distinct(at);
}

void Metrics::on_restart(NodeIndex node, chain::BlockId tip, Time at) {
  tips_[node] = tip;
  for (ConvergenceTracker& tracker : convergence_) tracker.on_tip(node, tip, at);
  set_live(node, true, at);
}

bool Metrics::was_live(NodeIndex node, Time at) const {
  return std::none_of(absences_.begin(), absences_.end(), [&](const Absence& a) {
    return a.node == node && a.from <= at && at < a.to;
  });
}

// A row of tips.csv where their number has changed; of one instant the last counts.
void Metrics::note_distinct(Time at) {
  const std::uint32_t distinct = convergence().distinct_tips();
  if (tip_samples_.back().distinct == distinct) return;
  if (tip_samples_.back().at == at) {
    tip_samples_.back().distinct = distinct;
  } else {
    tip_samples_.push_back({at, distinct});
  }
}

void Metrics::on_step(NodeIndex node, const chain::Effects& effects, Time at) {
  if (!honest_[node]) return;
  for (const chain::BlockId block : effects.accepted()) on_accepted(node, block, at);
  for (const chain::TipChange& change : effects.tip_changes()) {
    on_tip(node, change.from, change.to, at);
  }
}

void Metrics::on_accepted(NodeIndex node, chain::BlockId block, Time at) {
  if (block >= found_index_.size() || found_index_[block] == kNotFound) return;
  FoundBlock& found = found_[found_index_[block]];
  if (found.finder == node) return;
  if (!absences_.empty() && !was_live(node, found.found)) return;
  fewest_bytes_ += chain::wire_size(chain::latest_block(block), tree_);
  ++found.reached;
  const std::array<std::uint32_t, 4> ranks = share_ranks(found.eligible);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (found.reached == ranks[i]) found.to_share[i] = at - found.found;
  }
  if (!measured(found.found)) return;
  propagation_.add(at - found.found);
  ++receipts_[node].blocks;
  receipts_[node].waited_ns += (at - found.found).ns;
}

void Metrics::on_tip(NodeIndex node, chain::BlockId from, chain::BlockId to, Time at) {
  if (counts(node)) {
    heights_.add(tree_.height(to));
    heights_.remove(tree_.height(tips_[node]));
  }
  tips_[node] = to;
  for (ConvergenceTracker& tracker : convergence_) tracker.on_tip(node, to, at);
  note_distinct(at);
  if (tree_.parent(to) == from) {
    const std::size_t height = std::min<std::size_t>(tree_.height(to), kMaxConfirmations);
    ++extended_to_[height];
    return;
  }
  const std::uint32_t depth = tree_.given_up(from, to);
  if (depth > 0) reorgs_.push_back({at, node, from, to, depth});
  count_confirmations(from, to, tree_.height(from) - depth);
}

// A move as single steps: each new block gives one confirmation to every block below it; to blocks
// under the fork only where the new chain is higher than the old one was.
void Metrics::count_confirmations(chain::BlockId from, chain::BlockId to,
                                  std::uint32_t fork_height) {
  const std::uint32_t old_height = tree_.height(from);
  for (std::uint32_t height = fork_height + 1; height <= tree_.height(to); ++height) {
    if (height > old_height) {
      ++extended_to_[std::min<std::size_t>(height, kMaxConfirmations)];
    } else {
      const std::size_t most = std::min<std::size_t>(height - fork_height, kMaxConfirmations);
      for (std::size_t k = 1; k <= most; ++k) ++confirmations_[k].reached;
    }
  }
  const std::size_t depth = old_height - fork_height;
  for (std::size_t k = 1; k <= std::min(depth, kMaxConfirmations); ++k) {
    confirmations_[k].abandoned += depth - k + 1;
  }
}

std::vector<ConfirmationCount> Metrics::confirmations() const {
  std::vector<ConfirmationCount> counts = confirmations_;
  std::uint64_t extensions = 0;  // that reached at least height k
  for (std::size_t k = kMaxConfirmations; k > 0; --k) {
    extensions += extended_to_[k];
    counts[k].reached += extensions;
  }
  return counts;
}

void Metrics::on_sample(Time at, std::uint64_t in_flight) {
  const auto [min_height, max_height] = honest_heights();
  series_.push_back({.at = at,
                     .distinct = convergence().distinct_tips(),
                     .min_height = min_height,
                     .max_height = max_height,
                     .bytes = bytes_total(),
                     .in_flight = in_flight});
  if (series_.size() <= kMostSamples) return;  // an odd number: the last one stays
  for (std::size_t i = 0; 2 * i < series_.size(); ++i) series_[i] = series_[2 * i];
  series_.resize((series_.size() + 1) / 2);
  sample_pause_ = sample_pause_ * 2;
}

std::pair<std::uint32_t, std::uint32_t> Metrics::honest_heights() const {
  return heights_.empty() ? std::pair(0u, 0u) : heights_.range();
}

std::uint64_t Metrics::bytes_total() const {
  std::uint64_t sum = 0;
  for (const MessageCount& entry : messages_) sum += entry.bytes;
  return sum;
}

}  // namespace sim
