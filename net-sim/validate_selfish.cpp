// Selfish mining against the formula of Eyal and Sirer, "Majority is not Enough: Bitcoin Mining is
// Vulnerable", Financial Cryptography 2014.
//
// A pool with the share a of the power keeps its blocks back; where its published branch ties with
// the honest one, the share g of honest power mines on the pool's. In a network without delay its
// share of the main chain is (their equation 8)
//
//   R(a, g) = [a (1-a)^2 (4a + g (1-2a)) - a^3] / [1 - a (1 + (2-a) a)]
//
// and lies above a from the threshold a = (1-g) / (3-2g) on (their observation 1); at it, R = a.
#include "net-sim/chain_facts.h"
#include "net-sim/units.h"
#include "net-sim/validate.h"

namespace sim {
namespace {

constexpr NodeIndex kAttacker = 0;

// Blocks a run and so many runs that the intervals are half as wide as the tolerance, or less.
constexpr std::int64_t kSelfishBlocks = 30'000;
constexpr std::uint64_t kSelfishSeeds = 20;
constexpr double kSelfishTolerance = 0.02;

std::vector<Observed> share_of_main_chain(const Scenario& scenario, const Watch& watch) {
  const auto simulator = run_watched(scenario, watch);
  if (!simulator) return {};
  const ChainFacts facts = chain_facts(*simulator);
  for (const MinerFacts& miner : facts.miners) {
    if (miner.node != kAttacker) continue;
    return {
        {.value = static_cast<double>(miner.main_chain) / static_cast<double>(facts.main_chain)}};
  }
  return {{.value = 0}};
}

double revenue(double a, double g) {
  return (a * (1 - a) * (1 - a) * (4 * a + g * (1 - 2 * a)) - a * a * a) /
         (1 - a * (1 + (2 - a) * a));
}

// The delay is a 60,000th of the interval: honest blocks seldom compete with each other.
std::string selfish_yaml(std::uint64_t seed, Share power, Share gamma) {
  const Duration interval = chain::minutes(1), edge = interval * 100;
  const std::string share = quantity_text(Dimension::share, power.ppb);
  return "# What share of the chain does a selfish miner with " + share +
         " of the power get?\nseed: " + std::to_string(seed) +
         "\nduration: " + duration_text(interval * kSelfishBlocks + edge * 2) +
         "\nmeasure: {warm_up: " + duration_text(edge) + ", cool_down: " + duration_text(edge) +
         "}\nrelay: block\nchain: {block_interval: " + duration_text(interval) +
         ", block_size: 0 B}\nnetwork: {nodes: 4, topology: full_mesh, latency: 1 ms}\nnodes:\n"
         "  - {select: " +
         std::to_string(kAttacker) + ", power: " + share +
         ", behaviour: {kind: selfish, gamma: " + quantity_text(Dimension::number, gamma.ppb) +
         "}}\noutput: {sample_every: 60 min}\n";
}

// `seed`: the first; others than the other experiments' keep their luck apart.
Experiment selfish(std::uint64_t seed, const std::string& name, Share power, Share gamma,
                   const std::string& source) {
  const double a = static_cast<double>(power.ppb) / kBillion;
  const double g = static_cast<double>(gamma.ppb) / kBillion;
  return {.suite = "selfish",
          .name = "selfish." + name,
          .yaml = selfish_yaml(seed, power, gamma),
          .seeds = kSelfishSeeds,
          .measure = share_of_main_chain,
          .checks = {{.name = "revenue",
                      .reference = revenue(a, g),
                      .source = source,
                      .tolerance = kSelfishTolerance,
                      .pool = mean_of_runs}}};
}

constexpr Share percent(std::int64_t n) { return {n * (kBillion / 100)}; }

}  // namespace

std::vector<Experiment> selfish_experiments() {
  const std::string formula = "R(a,g), Eyal and Sirer 2014";
  const std::string threshold = "R = a at a = (1-g)/(3-2g), Eyal and Sirer 2014";
  return {selfish(100, "a20.g0", percent(20), percent(0), formula),
          selfish(200, "a30.g50", percent(30), percent(50), formula),
          selfish(300, "a40.g0", percent(40), percent(0), formula),
          selfish(400, "a45.g100", percent(45), percent(100), formula),
          selfish(500, "threshold.g0", {kBillion / 3}, percent(0), threshold),
          selfish(600, "threshold.g50", percent(25), percent(50), threshold)};
}

}  // namespace sim
