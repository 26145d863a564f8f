#include "net-sim/resolve.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "core/check.h"
#include "core/fixed_math.h"
#include "net-sim/streams.h"
#include "net-sim/units.h"

namespace sim {
namespace {

using chain::Error;
using chain::Random;

constexpr std::uint32_t kNoGroup = 0xffffffffu;

// `nodes` times `ppb`, rounded to the nearest.
std::uint32_t part_of(std::uint32_t nodes, std::int64_t ppb) {
  const auto parts = static_cast<chain::Int128>(nodes) * ppb;
  return static_cast<std::uint32_t>((parts + kBillion / 2) / kBillion);
}

// The first `count` of `from` become a random choice of it.
void choose(std::vector<NodeIndex>& from, std::uint32_t count, Random& random) {
  CHECK(count <= from.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    std::swap(from[i], from[i + random.below(from.size() - i)]);
  }
}

std::vector<NodeIndex> all_nodes(const Scenario& scenario) {
  std::vector<NodeIndex> nodes(scenario.network.nodes);
  std::iota(nodes.begin(), nodes.end(), NodeIndex{0});
  return nodes;
}

// Whether each region of the scenario is one that the selector names.
std::vector<bool> named_regions(const Selector& selector, const Scenario& scenario) {
  CHECK(scenario.network.regions.has_value());
  std::vector<bool> named;
  for (const std::string& name : scenario.network.regions->names) {
    const auto& wanted = selector.regions;
    named.push_back(std::find(wanted.begin(), wanted.end(), name) != wanted.end());
  }
  return named;
}

std::string count_text(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// --- groups ------------------------------------------------------

using Groups = std::vector<std::uint32_t>;

chain::Result<Groups> named_groups(const Partition& partition, const Scenario& scenario,
                                   const std::vector<std::uint32_t>& regions, Random random) {
  Groups groups(scenario.network.nodes, kNoGroup);
  for (std::uint32_t g = 0; g < partition.groups.size(); ++g) {
    const Selector& selector = partition.groups[g];
    const bool drawn_later =
        selector.kind == Selector::Kind::share || selector.kind == Selector::Kind::rest;
    if (drawn_later) continue;
    for (const NodeIndex node : resolve(selector, scenario, regions, random)) {
      if (groups[node] != kNoGroup) {
        return Error{"node " + std::to_string(node) + " in two groups, " +
                     std::to_string(groups[node] + 1) + " and " + std::to_string(g + 1) +
                     "; expected each node in one group"};
      }
      groups[node] = g;
    }
  }
  return groups;
}

// Shares take what no other group names. Rounding goes by the sum, so that 100 % is everyone.
chain::Result<Groups> shared_groups(Groups groups, const Partition& partition, Random random) {
  std::vector<NodeIndex> unnamed;
  for (NodeIndex node = 0; node < groups.size(); ++node) {
    if (groups[node] == kNoGroup) unnamed.push_back(node);
  }
  std::int64_t sum = 0;
  for (const Selector& selector : partition.groups) {
    if (selector.kind == Selector::Kind::share) sum += selector.share.ppb;
  }
  const auto nodes = static_cast<std::uint32_t>(groups.size());
  const std::uint32_t wanted = part_of(nodes, sum);
  if (wanted > unnamed.size()) {
    return Error{"shares that ask for " + count_text(wanted, "node") + " where " +
                 count_text(unnamed.size(), "node") + " of " + std::to_string(nodes) +
                 " are in no other group; expected shares of all nodes, 100 % together at most"};
  }
  choose(unnamed, wanted, random);
  std::int64_t upto = 0;
  std::uint32_t next = 0;
  for (std::uint32_t g = 0; g < partition.groups.size(); ++g) {
    if (partition.groups[g].kind != Selector::Kind::share) continue;
    upto += partition.groups[g].share.ppb;
    for (const std::uint32_t end = part_of(nodes, upto); next < end; ++next) {
      groups[unnamed[next]] = g;
    }
  }
  return groups;
}

// Everyone who is left, or a line that says who.
chain::Result<Groups> remaining_groups(Groups groups, const Partition& partition) {
  const auto is_rest = [](const Selector& s) { return s.kind == Selector::Kind::rest; };
  const auto rest = std::find_if(partition.groups.begin(), partition.groups.end(), is_rest);
  if (std::count_if(rest, partition.groups.end(), is_rest) > 1) {
    return Error{"`rest` twice; expected one group of all others"};
  }
  const auto left = static_cast<std::size_t>(std::count(groups.begin(), groups.end(), kNoGroup));
  if (rest != partition.groups.end()) {
    const auto group = static_cast<std::uint32_t>(rest - partition.groups.begin());
    std::replace(groups.begin(), groups.end(), kNoGroup, group);
  } else if (left > 0) {
    const auto first = std::find(groups.begin(), groups.end(), kNoGroup) - groups.begin();
    const std::string others =
        left == 1 ? "" : " and " + std::to_string(left - 1) + (left == 2 ? " other" : " others");
    return Error{"node " + std::to_string(first) + others +
                 " in no group; expected everyone in one, such as with a group `rest`"};
  }
  return groups;
}

// --- timetable ---------------------------------------------------

void add_firings(const Scenario& scenario, std::uint32_t index, std::vector<Firing>& all) {
  const Event& event = scenario.events[index];
  const Time end = chain::kTimeZero + scenario.duration;
  const std::uint64_t times = event.every ? event.times.value_or(kMaxFirings) : 1;
  const bool ends_early = event.every && event.to && *event.to < end;
  const Time last = ends_early ? *event.to : end;
  Time at = event.at;
  for (std::uint32_t i = 0; i < times && at <= last; ++i) {
    all.push_back({at, index, i, false});
    if (event.lasts && at + *event.lasts <= end) all.push_back({at + *event.lasts, index, i, true});
    if (event.every) at = at + *event.every;
  }
}

// --- power -------------------------------------------------------

// Scales weights to parts per billion that sum to the whole exactly; all 0 stays so.
std::vector<std::int64_t> scaled(const std::vector<std::int64_t>& weights, std::int64_t whole) {
  chain::Int128 sum = 0;
  for (const std::int64_t weight : weights) sum += weight;
  std::vector<std::int64_t> parts(weights.size(), 0);
  if (sum == 0) return parts;
  chain::Int128 upto = 0, taken = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    upto += weights[i];
    const chain::Int128 end = upto * whole / sum;
    parts[i] = static_cast<std::int64_t>(end - taken);
    taken = end;
  }
  return parts;
}

std::vector<std::int64_t> weights_of(const MiningSection& mining, std::uint32_t nodes) {
  std::vector<std::int64_t> weights(nodes, 0);
  switch (mining.power) {
    case MiningSection::Power::equal:
      std::fill(weights.begin(), weights.end(), 1);
      break;
    case MiningSection::Power::zipf:  // 2^(-exponent * log2(i + 1))
      for (std::uint32_t i = 0; i < nodes; ++i) {
        const auto log2 = static_cast<chain::Int128>(chain::log2_q32(i + 1));
        const chain::Int128 power = log2 * mining.exponent.billionths / kBillion;
        const bool vanishes = power > 32 * static_cast<chain::Int128>(chain::kOneQ32);
        weights[i] = vanishes ? 0 : chain::exp2_q32(-static_cast<std::int64_t>(power));
      }
      break;
    case MiningSection::Power::list:
      for (std::size_t i = 0; i < mining.shares.size(); ++i) weights[i] = mining.shares[i].ppb;
      break;
    case MiningSection::Power::none:
      break;
  }
  return weights;
}

// The power that the entries of `nodes` give, or -1.
std::vector<std::int64_t> given_power(const Scenario& scenario,
                                      const std::vector<std::uint32_t>& regions) {
  std::vector<std::int64_t> given(scenario.network.nodes, -1);
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    if (!scenario.nodes[i].power) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      given[node] = scenario.nodes[i].power->ppb;
    }
  }
  return given;
}

}  // namespace

std::vector<std::uint32_t> draw_parts(const Scenario& scenario, const std::vector<Share>& shares,
                                      chain::Random random) {
  std::vector<std::uint32_t> parts(scenario.network.nodes, 0);
  if (shares.size() == 1) return parts;
  std::vector<NodeIndex> order = all_nodes(scenario);
  choose(order, scenario.network.nodes, random);
  std::int64_t upto = 0;
  std::uint32_t next = 0;
  for (std::uint32_t part = 0; part < shares.size(); ++part) {
    upto += shares[part].ppb;
    const std::uint32_t end = part_of(scenario.network.nodes, upto);
    for (; next < end; ++next) parts[order[next]] = part;
  }
  return parts;
}

std::vector<std::uint32_t> draw_regions(const Scenario& scenario, chain::Random random) {
  if (!scenario.network.regions) return {};
  const Regions& wanted = *scenario.network.regions;
  std::vector<std::uint32_t> regions = draw_parts(scenario, wanted.share, random);
  const auto& pools = scenario.mining.regions;
  for (std::size_t pool = 0; pool < pools.size(); ++pool) {
    const auto at = std::find(wanted.names.begin(), wanted.names.end(), pools[pool]);
    if (at == wanted.names.end()) continue;
    regions[pool] = static_cast<std::uint32_t>(at - wanted.names.begin());
  }
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    const auto& region = scenario.nodes[i].region;
    if (!region) continue;
    const auto at = std::find(wanted.names.begin(), wanted.names.end(), *region);
    CHECK(at != wanted.names.end());
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      regions[node] = static_cast<std::uint32_t>(at - wanted.names.begin());
    }
  }
  return regions;
}

std::vector<NodeIndex> resolve(const Selector& selector, const Scenario& scenario,
                               const std::vector<std::uint32_t>& regions, chain::Random random) {
  std::vector<NodeIndex> nodes;
  switch (selector.kind) {
    case Selector::Kind::all:
      return all_nodes(scenario);
    case Selector::Kind::list:
      nodes = selector.nodes;
      break;
    case Selector::Kind::range:
      for (NodeIndex node = selector.first; node <= selector.last; ++node) nodes.push_back(node);
      break;
    case Selector::Kind::share: {
      nodes = all_nodes(scenario);
      const std::uint32_t count = part_of(scenario.network.nodes, selector.share.ppb);
      choose(nodes, count, random);
      nodes.resize(count);
      break;
    }
    case Selector::Kind::region: {
      const std::vector<bool> named = named_regions(selector, scenario);
      for (NodeIndex node = 0; node < regions.size(); ++node) {
        if (named[regions[node]]) nodes.push_back(node);
      }
      break;
    }
    case Selector::Kind::rest:
      CHECK(selector.kind != Selector::Kind::rest);  // only groups have one
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

std::pair<std::vector<NodeIndex>, std::vector<NodeIndex>> link_ends(
    const LinkChange& change, const Scenario& scenario, const std::vector<std::uint32_t>& regions,
    chain::Random random) {
  const bool shares =
      change.a.kind == Selector::Kind::share && change.b.kind == Selector::Kind::share;
  if (!shares) {
    return {resolve(change.a, scenario, regions, random),
            resolve(change.b, scenario, regions, random)};
  }
  const std::uint32_t nodes = scenario.network.nodes;
  const std::uint32_t first = part_of(nodes, change.a.share.ppb);
  const std::uint32_t second = part_of(nodes, change.b.share.ppb);
  std::vector<NodeIndex> order = all_nodes(scenario);
  choose(order, nodes, random);
  const auto begin = order.begin();
  std::vector<NodeIndex> a(begin, begin + first);
  std::vector<NodeIndex> b(order.end() - second, order.end());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return {a, b};
}

std::vector<NodeIndex> overridden_nodes(const Scenario& scenario, std::size_t index,
                                        const std::vector<std::uint32_t>& regions) {
  return resolve(scenario.nodes[index].select, scenario, regions,
                 stream(scenario.seed, Stream::overrides, index));
}

chain::Result<std::vector<std::uint32_t>> partition_groups(
    const Partition& partition, const Scenario& scenario, const std::vector<std::uint32_t>& regions,
    chain::Random random) {
  auto groups = named_groups(partition, scenario, regions, random);
  if (groups.ok()) groups = shared_groups(std::move(*groups), partition, random);
  if (groups.ok()) groups = remaining_groups(std::move(*groups), partition);
  return groups;
}

std::vector<Firing> timetable(const Scenario& scenario) {
  std::vector<Firing> all;
  for (std::uint32_t i = 0; i < scenario.events.size(); ++i) add_firings(scenario, i, all);
  std::sort(all.begin(), all.end(), [](const Firing& a, const Firing& b) {
    return std::tuple(a.at, !a.undo, a.event, a.occurrence) <
           std::tuple(b.at, !b.undo, b.event, b.occurrence);
  });
  return all;
}

std::vector<std::int64_t> mining_power(const Scenario& scenario,
                                       const std::vector<std::uint32_t>& regions) {
  std::vector<std::int64_t> weights = weights_of(scenario.mining, scenario.network.nodes);
  const std::vector<std::int64_t> given = given_power(scenario, regions);
  std::int64_t left = kBillion;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] < 0) continue;
    left -= given[i];
    weights[i] = 0;
  }
  std::vector<std::int64_t> power = scaled(weights, std::max<std::int64_t>(left, 0));
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] >= 0) power[i] = given[i];
  }
  return power;
}

std::string draw_problem(const Scenario& scenario) {
  const auto regions = draw_regions(scenario, stream(scenario.seed, Stream::regions));
  for (const Event& event : scenario.events) {
    const Partition* partition = std::get_if<Partition>(&event.action);
    if (partition == nullptr) continue;
    const auto groups =
        partition_groups(*partition, scenario, regions, stream(scenario.seed, Stream::faults));
    if (!groups) return event.where + ": " + groups.error();
  }
  std::int64_t sum = 0;
  for (const std::int64_t power : given_power(scenario, regions)) {
    sum += std::max<std::int64_t>(power, 0);
  }
  if (sum > kBillion) {
    return scenario.file + ": powers under `nodes` that sum to " +
           quantity_text(Dimension::share, sum) + "; expected at most 100 %";
  }
  const std::vector<std::int64_t> all = mining_power(scenario, regions);
  const std::int64_t whole = std::accumulate(all.begin(), all.end(), std::int64_t{0});
  const bool anybody = scenario.mining.power != MiningSection::Power::none;
  if (anybody && whole < kBillion / 100 * 99) {
    return scenario.file + ": powers under `nodes` that sum to " +
           quantity_text(Dimension::share, whole) +
           ", and no other node to take the rest; expected 100 %, or `mining: {power: none}`";
  }
  return "";
}

}  // namespace sim
