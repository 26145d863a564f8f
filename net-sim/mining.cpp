#include "net-sim/mining.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "core/block_size.h"
#include "core/check.h"
#include "core/merkle.h"
#include "net-sim/node_options.h"
#include "net-sim/streams.h"

namespace sim {

Mining::Mining(const Scenario& scenario, std::vector<std::int64_t> power)
    : scenario_(scenario),
      initial_power_(power),
      lasting_power_(power),
      power_(std::move(power)),
      total_(std::accumulate(power_.begin(), power_.end(), std::int64_t{0})),
      random_(stream(scenario.seed, Stream::mining)),
      rules_(chain_rules(scenario)),
      size_random_(stream(scenario.seed, Stream::block_size)),
      size_(scenario.chain.block_size),
      least_difficulty_(rules_.first_difficulty) {}

void Mining::change_power(std::uint64_t key, Powers powers, bool for_good) {
  apply(powers);
  if (for_good && changes_.empty()) {
    for (const auto& [node, ppb] : powers) lasting_power_[node] = ppb;
  } else {
    changes_.emplace_back(key, std::move(powers));
  }
}

void Mining::undo_change(std::uint64_t key) {
  std::erase_if(changes_, [key](const auto& change) { return change.first == key; });
  power_ = lasting_power_;
  for (const auto& change : changes_) apply(change.second);
  total_ = std::accumulate(power_.begin(), power_.end(), std::int64_t{0});
  cumulative_.clear();
}

void Mining::apply(const Powers& powers) {
  for (const auto& [node, ppb] : powers) {
    total_ += ppb - power_[node];
    power_[node] = ppb;
  }
  cumulative_.clear();
}

std::optional<Duration> Mining::next_wait() {
  if (total_ == 0) return std::nullopt;
  const std::int64_t whole =
      chain::mul_q32(scenario_.chain.block_interval.ns, random_.exponential_q32());
  chain::Int128 wait = static_cast<chain::Int128>(whole) * kBillion / total_;
  const std::int64_t harder = least_difficulty_ - rules_.first_difficulty;
  wait = harder >= 0 ? wait << harder : wait >> -harder;
  if (wait > kMaxDuration.ns) return std::nullopt;  // no run lasts so long
  return Duration{static_cast<std::int64_t>(wait)};
}

NodeIndex Mining::draw_finder() {
  if (cumulative_.empty()) {
    std::partial_sum(power_.begin(), power_.end(), std::back_inserter(cumulative_));
  }
  const auto place = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(total_)));
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), place);
  return static_cast<NodeIndex>(found - cumulative_.begin());
}

bool Mining::accepts(const chain::BlockTree& tree, chain::BlockId parent) {
  if (rules_.retarget == 0) return true;
  const std::int64_t harder = chain::next_difficulty(rules_, tree, parent) - least_difficulty_;
  if (harder <= 0 || random_.next() >> (64 - harder) == 0) {
    refused_ = 0;
    return true;
  }
  ++refused_;
  return false;
}

// Downwards at once, or finds on an easy tip would come too seldom; upwards after some finds in
// vain, since the easiest tip may have been left.
bool Mining::note_tip(const chain::BlockTree& tree, chain::BlockId tip) {
  if (rules_.retarget == 0) return false;
  constexpr std::uint32_t kInVain = 8;
  const std::int64_t difficulty = chain::next_difficulty(rules_, tree, tip);
  const bool easier = difficulty < least_difficulty_;
  if (!easier && (difficulty == least_difficulty_ || refused_ < kInVain)) return false;
  least_difficulty_ = easier ? difficulty : least_difficulty_ + 1;
  refused_ = 0;
  return true;
}

chain::BlockId Mining::make_block(chain::BlockTree& tree, chain::BlockId tip, std::int64_t now_ms) {
  chain::Header header = chain::block_template(rules_, tree, tip, now_ms);
  header.nonce = ++found_;  // tells blocks of one parent and one millisecond apart
  auto bytes =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(size_.draw(size_random_), 0, kMaxBlock));
  if (rules_.max_block != kUnlimited) bytes = std::min(bytes, rules_.max_block);
  const chain::Body body = chain::filler_for(header, bytes);
  header.merkle_root = *chain::merkle_root(body);
  header.hash = chain::hash_of(header, chain::HashOrder::standard);
  const chain::BlockId id = tree.add_header(header, tip, chain::work_of(rules_, header));
  tree.add_body(id, chain::data_json_length(body));
  return id;
}

}  // namespace sim
