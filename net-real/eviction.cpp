#include "net-real/eviction.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace net {
namespace {

using Table = std::vector<EvictionCandidate>;

// The subnets count by their longest connected peers, so that a newcomer's subnet displaces none.
void protect_subnets(Table& table) {
  std::set<std::string> seen;
  std::erase_if(table, [&seen](const EvictionCandidate& c) {
    return seen.size() < kProtectedSubnets && seen.insert(c.subnet).second;
  });
}

// REQUIRES: `key` gives nothing for a peer without the property; lower keys are better.
template <typename Key>
void protect_best(Table& table, std::size_t count, Key key) {
  std::stable_sort(table.begin(), table.end(), [&key](const auto& a, const auto& b) {
    const auto of_a = key(a), of_b = key(b);
    if (of_a.has_value() != of_b.has_value()) return of_a.has_value();
    return of_a.has_value() && *of_a < *of_b;
  });
  const auto end = std::find_if(table.begin(), table.end(),
                                [&key](const auto& c) { return !key(c).has_value(); });
  const auto with_property = static_cast<std::size_t>(end - table.begin());
  table.erase(table.begin(),
              table.begin() + static_cast<std::ptrdiff_t>(std::min(count, with_property)));
}

void sort_longest_connected_first(Table& table) {
  std::sort(table.begin(), table.end(), [](const auto& a, const auto& b) {
    return std::tie(a.connected, a.peer) < std::tie(b.connected, b.peer);
  });
}

// 0 goes first.
int class_of(const EvictionCandidate& candidate, chain::Time now) {
  if (now - candidate.last_frame.value_or(candidate.connected) >= kSilence) return 0;
  return candidate.sent_blocks ? 2 : 1;
}

}  // namespace

chain::PeerId choose_eviction(Table table, chain::Time now) {
  sort_longest_connected_first(table);
  protect_subnets(table);
  protect_best(table, kProtectedPings, [](const auto& c) { return c.ping; });
  sort_longest_connected_first(table);
  protect_best(table, kProtectedBlocks, [](const auto& c) {
    return c.useful_block ? std::optional(-c.useful_block->ns) : std::nullopt;
  });
  sort_longest_connected_first(table);
  const std::size_t half = table.size() / 2;
  table.erase(table.begin(), table.begin() + static_cast<std::ptrdiff_t>(half));

  std::map<std::pair<int, std::string>, std::size_t> crowd;  // by class and subnet
  for (const auto& c : table) ++crowd[{class_of(c, now), c.subnet}];
  const auto order = [&](const EvictionCandidate& c) {  // the lowest goes
    const int its_class = class_of(c, now);
    const auto neighbors = static_cast<std::ptrdiff_t>(crowd.at({its_class, c.subnet}));
    return std::tuple(its_class, c.last_frame.has_value(), c.sent_blocks, -neighbors,
                      -c.connected.ns, ~c.peer);
  };
  const auto chosen =
      std::min_element(table.begin(), table.end(),
                       [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return chosen == table.end() ? chain::kNoPeer : chosen->peer;
}

}  // namespace net
