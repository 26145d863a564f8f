// Latency from regions: which mean, which law, and when it is drawn.
#include "net-sim/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "net-sim/node_rates.h"
#include "net-sim/resolve.h"
#include "net-sim/streams.h"
#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

using chain::Duration;
using chain::milliseconds;
using sim::draw_regions;
using sim::Latency;
using sim::NodeIndex;
using sim::Scenario;

// Nodes 0 and 1 in A, 2 and 3 in B.
const std::vector<std::uint32_t> kPlaces{0, 0, 1, 1};

Scenario two_regions(const std::string& distribution) {
  return test::scenario_of(
      "network: {nodes: 4, regions: {names: [A, B], share: [50 %, 50 %],\n"
      "  latency: [[10 ms, 100 ms], [200 ms, 20 ms]], distribution: " +
      distribution + "}}");
}

TEST(Latency, EachDirectionHasTheMeanOfItsRowAndColumn) {
  const Scenario scenario = two_regions("{kind: constant}");
  const Latency latency(scenario, kPlaces);
  chain::Random random(1);
  using Both = std::pair<Duration, Duration>;
  EXPECT_EQ(latency.of_link(0, 1, random), Both(milliseconds(10), milliseconds(10)));
  EXPECT_EQ(latency.of_link(0, 2, random), Both(milliseconds(100), milliseconds(200)));
  EXPECT_EQ(latency.of_link(3, 1, random), Both(milliseconds(200), milliseconds(100)));
  EXPECT_EQ(latency.of_link(3, 2, random), Both(milliseconds(20), milliseconds(20)));
  EXPECT_FALSE(latency.per_message());
}

// P(X > x) = (scale / x)^shape, scale = mean * (shape - 1) / shape.
long double pareto_quantile(long double mean, long double shape, long double uniform) {
  return mean * (shape - 1) / shape * std::pow(uniform, -1 / shape);
}

TEST(Latency, BothDirectionsOfALinkAreTheQuantileOfOneDraw) {
  const Scenario scenario = two_regions("{kind: pareto}");  // shapes of 20 and 40
  const Latency latency(scenario, kPlaces);
  chain::Random random(7), same(7);
  for (int i = 0; i < 1000; ++i) {
    const auto [there, back] = latency.of_link(0, 2, random);
    const long double uniform = static_cast<long double>(same.next()) / 0x1p64L;
    const long double expected_there = pareto_quantile(100e6L, 20, uniform);
    const long double expected_back = pareto_quantile(200e6L, 40, uniform);
    EXPECT_LE(std::abs(static_cast<long double>(there.ns) - expected_there),
              expected_there * 1e-7L);
    EXPECT_LE(std::abs(static_cast<long double>(back.ns) - expected_back), expected_back * 1e-7L);
  }
}

// Kolmogorov and Smirnov: see distribution_test.
void expect_law(const std::string& distribution, NodeIndex from, NodeIndex to,
                long double (*below)(long double)) {
  const Scenario scenario = two_regions(distribution);
  const Latency latency(scenario, kPlaces);
  ASSERT_TRUE(latency.per_message());
  std::uint64_t state = 5;
  std::vector<std::int64_t> draws;
  const int n = test::scaled(100'000);
  for (int i = 0; i < n; ++i) {
    draws.push_back(latency.of_message(latency.law(from, to), state).ns);
  }
  std::sort(draws.begin(), draws.end());
  long double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const long double part = below(static_cast<long double>(draws[i]) / 1e6L);
    distance = std::max(distance, std::abs(part - static_cast<long double>(i) / n));
  }
  EXPECT_LT(distance, 1.63L / std::sqrt(static_cast<long double>(n)));
}

TEST(Latency, OfAMessageIsDrawnByTheLawOfItsDirection) {
  expect_law("{kind: exponential, per: message}", 0, 2,
             [](long double ms) { return 1 - std::exp(-ms / 100); });
  expect_law("{kind: pareto, per: message}", 0, 1,  // shape 2: a fifth of 10
             [](long double ms) { return ms < 5 ? 0 : 1 - std::pow(5 / ms, 2.0L); });
  expect_law("{kind: pareto, shape: 3, per: message}", 2, 0, [](long double ms) {
    const long double scale = 200 * 2.0L / 3;
    return ms < scale ? 0 : 1 - std::pow(scale / ms, 3.0L);
  });
}

TEST(NodeRates, OfARegionAreARateOrADrawFromItsTable) {
  const int n = 2000;
  const Scenario scenario = test::scenario_of(
      "network: {nodes: " + std::to_string(n) +
      ", bandwidth: {down: 9 MB/s},\n"
      "  regions: {names: [A, B], share: [50 %, 50 %], latency: [[1 ms, 1 ms], [1 ms, 1 ms]],\n"
      "    up: [1 MB/s, {kind: quantiles, unit: kB/s, values: [100, 200, 1000]}]}}\n"
      "nodes: [{select: 5, up: 7 MB/s, down: 8 MB/s}]");
  const auto places = draw_regions(scenario, sim::stream(scenario.seed, sim::Stream::regions));
  const auto rates = sim::node_rates(scenario, places);
  std::vector<std::uint64_t> drawn;
  for (NodeIndex node = 0; node < rates.size(); ++node) {
    if (node == 5) continue;
    EXPECT_EQ(rates[node].down, 9'000'000u);
    if (places[node] == 1) {
      drawn.push_back(rates[node].up);
    } else {
      EXPECT_EQ(rates[node].up, 1'000'000u);
    }
  }
  EXPECT_EQ(rates[5].up, 7'000'000u);
  EXPECT_EQ(rates[5].down, 8'000'000u);
  std::sort(drawn.begin(), drawn.end());
  ASSERT_GE(drawn.size(), 999u);
  EXPECT_GE(drawn.front(), 100'000u);
  EXPECT_LT(drawn.back(), 1'000'000u);
  // Half of 1,000 draws lie below the median, give or take five standard deviations: 79.
  const auto below = std::lower_bound(drawn.begin(), drawn.end(), 200'000u) - drawn.begin();
  EXPECT_NEAR(static_cast<double>(below), 500, 80);
  const auto upper = std::lower_bound(drawn.begin(), drawn.end(), 600'000u) - drawn.begin();
  EXPECT_NEAR(static_cast<double>(upper), 750, 70);
}

TEST(NodeRates, AreDrawnByTheSeedOfTheTopology) {
  Scenario scenario = test::scenario_of("network: {nodes: 50, regions: {preset: ccs2016}}");
  const auto rates_of = [&] {
    const auto places = draw_regions(scenario, sim::stream(scenario.seed, sim::Stream::regions));
    std::vector<std::uint64_t> up;
    for (const sim::Links::Rates& rate : sim::node_rates(scenario, places)) up.push_back(rate.up);
    return up;
  };
  const auto before = rates_of();
  scenario.seed.mining = scenario.seed.latency = scenario.seed.faults = 99;
  EXPECT_EQ(rates_of(), before);
  scenario.seed.topology = 99;
  EXPECT_NE(rates_of(), before);
}

}  // namespace
