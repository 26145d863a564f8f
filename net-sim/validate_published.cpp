// Stale rate and propagation against block interval, as Gervais, Karame, Wüst, Glykantzis, Ritzdorf
// and Capkun measured them in a simulator of their own, "On the Security and Performance of Proof
// of Work Blockchains", CCS 2016: Bitcoin's network, sixteen miners, blocks told of by inventory,
// their size in proportion to the interval. The figures are those of the authors' results sheet.
//
// What their program does (github.com/arthurgervais/Bitcoin-Simulator), and is asked for here:
// - Time and size. Their miners take 2/0.19 min for a block of ten. A size is drawn for ten minutes
//   and scaled with the interval; then come 81 bytes, and what is below a mean transaction gets
//   one.
// - Bodies. A node sends one at a time, at its own uplink's rate, whoever asked first being served
//   first; they arrive one after the other at the receiver's downlink: `bandwidth.model: shared`.
//   That queue is most of the delay: a miner has a block after 16 s at ten minutes, and after 0.9 s
//   where links are independent (`per_link`), with a fifth of their stale rate and of their
//   median.
// - Neighbours. Miners are meshed and have 700 to 800. Others draw the least number that they dial
//   for from `kNeighbours`, and take some more, by the interval that they drew from.
// - The median is that over nodes of each one's mean over blocks. Theirs are without the last
//   node's validation, which is 1.4 % of it at most.
//
// How many nodes they had is not published. Their own sampling error is that of 10,000 blocks.
//
// What differs: a node of ours asks another for a body after 20 s, theirs after twice the interval.
// At 25 min most bodies take longer, and are sent twice or thrice: so most nodes have them sooner,
// and those with slow links later. `patient` is that row again, with the time unit changed so that
// the 20 s are twice the interval: what it is nearer by is due to that.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/header_first.h"
#include "net-sim/chain_facts.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/units.h"
#include "net-sim/validate.h"

namespace sim {
namespace {

constexpr char kSource[] = "Gervais et al., CCS 2016";
constexpr std::uint64_t kTheirBlocks = 10'000;  // a row
constexpr double kPublishedTolerance = 0.25;
constexpr NodeIndex kMiners = 16;

struct PublishedRow {
  std::int64_t interval_s;  // nominal
  double stale;             // of all blocks
  double median_s;
};
constexpr PublishedRow kRows[] = {{1500, 0.0172, 35.73}, {600, 0.0151, 14.7}, {150, 0.0182, 4.18},
                                  {60, 0.0215, 2.08},    {30, 0.0254, 1.43},  {20, 0.032, 1.21},
                                  {10, 0.0477, 1.0}};

// Bytes of a block of ten minutes, from the 0 % to the 100 % quantile in steps of 2.5 %.
constexpr std::int64_t kBlockBytes[] = {
    0,       2'500,   6'000,   52'200,  80'900,   104'500, 128'400, 152'800, 176'300,
    202'800, 227'900, 246'300, 257'700, 284'700,  313'200, 343'800, 373'200, 408'400,
    443'400, 484'000, 520'200, 566'000, 616'000,  668'400, 722'800, 745'700, 747'200,
    748'700, 759'900, 831'800, 888'600, 922'600,  928'500, 932'600, 945'800, 949'000,
    989'700, 992'100, 994'200, 997'000, 1'000'000};
constexpr std::int64_t kHeaderBytes = 81, kTransactionBytes = 522;

// Neighbours of those who are no miners: the interval of the least number that is drawn, with so
// many more as a node takes.
struct NeighbourRange {
  std::uint32_t percent, min, max, more;
};
constexpr NeighbourRange kNeighbours[] = {{10, 1, 3, 1},   {40, 4, 7, 2},  {30, 8, 11, 3},
                                          {13, 12, 15, 4}, {6, 16, 24, 5}, {1, 25, 118, 6}};

// Of a row. Each seed draws a network of its own, and several short runs hold less than a long one:
// of 6,000 nodes, 0.2 MB a block. `times`: everything so many times as fast.
struct Extent {
  std::uint32_t nodes = 1000;
  std::uint64_t seeds = 4;
  std::uint64_t blocks = kTheirBlocks / 4;  // a seed
  std::int64_t times = 1;
};

// --- what is measured --------------------------------------------

double median_of_means(const Simulator& simulator) {
  std::vector<double> means;
  for (const Receipts& node : simulator.metrics().receipts()) {
    if (node.blocks == 0) continue;
    means.push_back(static_cast<double>(node.waited_ns) / static_cast<double>(node.blocks) / 1e9);
  }
  CHECK(!means.empty());
  const auto middle = means.begin() + static_cast<std::ptrdiff_t>(means.size() / 2);
  std::nth_element(means.begin(), middle, means.end());
  return *middle;
}

auto stale_and_median(std::int64_t times) {
  return [=](const Scenario& scenario, const Watch& watch) -> std::vector<Observed> {
    const auto simulator = run_watched(scenario, watch);
    if (!simulator) return {};
    const ChainFacts facts = chain_facts(*simulator);
    return {{.successes = facts.stale, .trials = facts.mined},
            {.value = median_of_means(*simulator) * static_cast<double>(times)}};
  };
}

// --- the scenario ------------------------------------------------

template <typename Items, typename Text>
std::string bracketed(const Items& items, const Text& text) {
  std::string list;
  for (const auto& item : items) {
    const std::string one = text(item);
    if (!list.empty()) list += one.starts_with('\n') ? "," : ", ";
    list += one;
  }
  return "[" + list + "]";
}

std::string sizes_text(std::int64_t interval_s) {
  return bracketed(kBlockBytes, [=](std::int64_t bytes) {
    constexpr std::int64_t kTenMinutes = 600;
    const std::int64_t scaled = bytes * interval_s / kTenMinutes;
    return std::to_string(std::max(scaled, kTransactionBytes) + kHeaderBytes);
  });
}

std::string neighbours_text(std::uint32_t nodes) {
  std::string entries;
  std::uint32_t percent = 0;
  for (const NeighbourRange& some : kNeighbours) {
    const auto from = [&] { return kMiners + (nodes - kMiners) * percent / 100; };
    const std::uint32_t first = from();
    percent += some.percent;
    entries += "  - {select: " + std::to_string(first) + ".." + std::to_string(from() - 1) +
               ", peers: {min: " + std::to_string(some.min) +
               ", max: " + std::to_string(some.max + some.more) + "}}\n";
  }
  return entries;
}

std::string rates_text(const std::vector<Distribution>& rates, std::int64_t times) {
  return bracketed(rates, [=](const Distribution& rate) {
    return "\n      {kind: quantiles, values: " +
           bracketed(
               rate.values,
               [=](std::int64_t bytes) { return quantity_text(Dimension::rate, bytes * times); }) +
           "}";
  });
}

// Of the preset, so many times as fast. Latency is then its mean: the shape of its distribution
// would not scale with it.
std::string regions_text(std::int64_t times) {
  if (times == 1) return " {preset: ccs2016}";
  const auto preset = read_scenario_text("network: {regions: {preset: ccs2016}}", "preset");
  CHECK(preset.ok());
  const Regions& regions = *preset->network.regions;
  return "\n    preset: ccs2016\n    distribution: {kind: constant}\n    latency: " +
         bracketed(regions.latency,
                   [=](const std::vector<Duration>& row) {
                     return "\n      " + bracketed(row, [=](Duration mean) {
                              return duration_text(Duration{mean.ns / times});
                            });
                   }) +
         "\n    up: " + rates_text(regions.up, times) +
         "\n    down: " + rates_text(regions.down, times);
}

// `comment`: its first lines, the question and what else is to be said.
std::string published_yaml(const std::string& comment, const PublishedRow& row,
                           const Extent& extent) {
  const Duration nominal = chain::seconds(row.interval_s);
  const Duration interval{nominal.ns * 20 / 19 / extent.times};
  const Duration validation{Duration{chain::milliseconds(174)}.ns * 1'000'000 / 458'263 /
                            extent.times};
  const std::string miners_rate = quantity_text(Dimension::rate, 100'000'000 / 8 * extent.times);
  return comment + "until: {blocks: " + std::to_string(extent.blocks) +
         "}\nduration: " + duration_text(interval * static_cast<std::int64_t>(2 * extent.blocks)) +
         "    # the limit\nprotocol: header_first\nrelay: inv\noptions: {header_first: "
         "{min_body_timeout: 20 s}}    # theirs is fixed\nchain:\n  block_interval: " +
         duration_text(interval) +
         "\n  block_size: {kind: quantiles, unit: B, values: " + sizes_text(row.interval_s) +
         "}\n  validation: {per_block: 0 s, per_MB: " + duration_text(validation) +
         "}    # 174 ms for 458,263 B\nnetwork:\n  nodes: " + std::to_string(extent.nodes) +
         "\n  topology: {kind: edges, edges: []}    # all links are those of `nodes`\n  regions:" +
         regions_text(extent.times) +
         "\n  latency: {kind: regions}\n  bandwidth: {model: shared}\n  keepalive: 10000 h    # "
         "theirs has none\nmining: {power: {preset: pools-2015}}\nnodes:\n  - {select: 0.." +
         std::to_string(kMiners - 1) +
         ", mesh: true, peers: {min: 700, max: 800}, up: " + miners_rate +
         ", down: " + miners_rate + "}\n" + neighbours_text(extent.nodes) +
         "output: {sample_every: 60 min}\n";
}

// --- the experiments ---------------------------------------------

std::vector<Check> published_checks(const PublishedRow& row) {
  const auto stale =
      static_cast<std::uint64_t>(std::llround(row.stale * static_cast<double>(kTheirBlocks)));
  return {{.name = "stale/all",
           .reference = row.stale,
           .source = kSource,
           .tolerance = kPublishedTolerance,
           .pool = share_of_trials,
           .rule = Rule::value,
           .reference_interval = share_estimate(stale, kTheirBlocks)},
          {.name = "median",
           .unit = FindingUnit::seconds,
           .reference = row.median_s,
           .source = kSource,
           .tolerance = kPublishedTolerance,
           .pool = mean_of_runs,
           .rule = Rule::value}};
}

std::string published_question(const PublishedRow& row, const Extent& extent) {
  return "# How many blocks are lost, and how soon does half of " + std::to_string(extent.nodes) +
         " nodes have one, with one every " + duration_text(chain::seconds(row.interval_s)) + "?\n";
}

// `among`: the name of the rows that are judged together.
Experiment published(const PublishedRow& row, const std::string& among, const Extent& extent) {
  return {.suite = "published",
          .name = among + "." + std::to_string(row.interval_s) + "s",
          .yaml = published_yaml(published_question(row, extent), row, extent),
          .seeds = extent.seeds,
          .measure = stale_and_median(extent.times),
          .checks = published_checks(row),
          .quorum = Quorum{among + ".curve", 6, std::size(kRows)}};
}

// The row in a time unit of which twice the interval are 20 s; judged alone.
Experiment patient(const PublishedRow& row) {
  constexpr std::int64_t kPatienceSeconds =
      chain::kDefaultSyncLimits.body_timeout.ns / chain::seconds(1).ns;
  const Extent extent{.times = 2 * row.interval_s / kPatienceSeconds};
  const std::string comment =
      published_question(row, extent) + "#\n# " + std::to_string(extent.times) +
      " times as fast as that, all of it, so that the 20 s after which a node asks another for a\n"
      "# body are twice the interval.\n";
  return {.suite = "published",
          .name = "published.patient." + std::to_string(row.interval_s) + "s",
          .yaml = published_yaml(comment, row, extent),
          .seeds = extent.seeds,
          .measure = stale_and_median(extent.times),
          .checks = published_checks(row)};
}

}  // namespace

std::vector<Experiment> published_experiments(bool thorough) {
  std::vector<Experiment> all;
  for (const PublishedRow& row : kRows) all.push_back(published(row, "published", {}));
  all.push_back(patient(kRows[0]));
  if (!thorough) return all;
  for (const PublishedRow& row : kRows) {
    all.push_back(published(row, "published.6000", {.nodes = 6000}));
  }
  return all;
}

}  // namespace sim
