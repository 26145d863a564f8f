// Draws of each law against its closed-form quantiles.
//
// The intervals are those of order statistics: no assumption on the law is in them. What is drawn
// is a scenario's `network.latency`, by the sampler and from the stream that links use.
#include <algorithm>
#include <cmath>

#include "net-sim/distribution.h"
#include "net-sim/streams.h"
#include "net-sim/validate.h"

namespace sim {
namespace {

constexpr std::size_t kDraws = 5'000'000;
constexpr double kDrawTolerance = 0.01;

// A share of draws, and the standard normal quantile there (NIST/SEMATECH e-Handbook 1.3.6.7.1 has
// their first digits).
struct Place {
  int percent;
  double normal;
  double share() const { return percent / 100.0; }
};
constexpr Place kPlaces[] = {
    {10, -1.2815515655446004}, {50, 0}, {90, 1.2815515655446004}, {99, 2.3263478740408408}};

std::vector<Observed> quantiles_of_draws(const Scenario& scenario, const Watch&) {
  const Sampler sampler(scenario.network.latency);
  chain::Random random = stream(scenario.seed, Stream::latency);
  std::vector<std::int64_t> draws(kDraws);
  for (std::int64_t& draw : draws) draw = sampler.draw(random);
  std::sort(draws.begin(), draws.end());
  const auto seconds = [&](std::size_t rank) { return Duration{draws[rank]}.seconds(); };
  std::vector<Observed> observed;
  for (const Place& place : kPlaces) {
    const QuantileRanks ranks = quantile_ranks(draws.size(), place.share());
    observed.push_back(
        {.estimate = Estimate{seconds(ranks.value), seconds(ranks.low), seconds(ranks.high)}});
  }
  return observed;
}

// `keys`: the law in the scenario's words. `quantile`: its closed form, in seconds. Each has a seed
// of its own, since most turn the same uniform draws into theirs.
Experiment law(int seed, const std::string& name, const std::string& keys,
               const std::string& formula, double (*quantile)(const Place&)) {
  Experiment experiment{.suite = "draws",
                        .name = "draws." + name,
                        .yaml = "# Do draws of this law have its quantiles?\nseed: {latency: " +
                                std::to_string(seed) +
                                "}\nduration: 1 s\n"
                                "mining: {power: none}\nnetwork:\n  nodes: 2\n  latency: {kind: " +
                                keys + "}\n",
                        .measure = quantiles_of_draws};
  for (const Place& place : kPlaces) {
    experiment.checks.push_back({.name = "p" + std::to_string(place.percent),
                                 .unit = FindingUnit::seconds,
                                 .reference = quantile(place),
                                 .source = formula,
                                 .tolerance = kDrawTolerance,
                                 .pool = of_the_only_run});
  }
  return experiment;
}

double uniform_quantile(const Place& at) { return 0.02 + (0.1 - 0.02) * at.share(); }

double exponential_quantile(const Place& at) { return -0.1 * std::log(1 - at.share()); }

double lognormal_quantile(const Place& at) {
  constexpr double kNormalP90 = kPlaces[2].normal;
  return 0.06 * std::exp(std::log(0.18 / 0.06) / kNormalP90 * at.normal);
}

double pareto_quantile(const Place& at) {
  const double scale = 0.1 * (2.5 - 1) / 2.5;
  return scale * std::pow(1 - at.share(), -1 / 2.5);
}

// Straight lines between 10, 20, 40, 80 and 160 ms at 0, 25, 50, 75 and 100 %.
double table_quantile(const Place& at) {
  const double steps = at.share() * 4;
  const double from = std::floor(steps);
  return 0.01 * std::exp2(from) * (1 + (steps - from));
}

}  // namespace

std::vector<Experiment> draw_experiments() {
  return {
      law(1, "uniform", "uniform, min: 20 ms, max: 100 ms", "min + p (max-min)", uniform_quantile),
      law(2, "exponential", "exponential, mean: 100 ms", "-mean ln(1-p)", exponential_quantile),
      law(3, "lognormal", "lognormal, median: 60 ms, p90: 180 ms", "median (p90/median)^(z/z90)",
          lognormal_quantile),
      law(4, "pareto", "pareto, mean: 100 ms, shape: 2.5", "mean (a-1)/a (1-p)^(-1/a)",
          pareto_quantile),
      law(5, "table", "quantiles, unit: ms, values: [10, 20, 40, 80, 160]", "linear between values",
          table_quantile),
  };
}

}  // namespace sim
