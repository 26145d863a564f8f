// Blocks lost to delay: with a fixed delay D between any two miners and a mean interval T, x = D/T.
//
// Many small miners. After the first block of a height everyone works on that height for another D;
// then all go on to the next, whose first block takes T on average. Heights of one block and
// Poisson(x) more of them: stale/all = x / (1 + x), forked heights = 1 - e^-x.
//
// n equal miners. The finder is on the next height at once, and so does not compete with its own
// block: stale/all = (1 - 1/n) x / (1 + x), exactly for n = 2. For more, races of three and races
// that go on take some away: by simulating the model alone (20 M blocks), 0.25 % at x = 0.5 and
// 0.7 % at x = 1, and less below.
#include <cmath>

#include "net-sim/chain_facts.h"
#include "net-sim/units.h"
#include "net-sim/validate.h"

namespace sim {
namespace {

constexpr Duration kDelay = chain::seconds(1);

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<Observed> stale_and_forked(const Scenario& scenario, const Watch& watch) {
  const auto simulator = run_watched(scenario, watch);
  if (!simulator) return {};
  const ChainFacts facts = chain_facts(*simulator);
  return {{.value = share(facts.stale, facts.mined)},
          {.value = share(facts.forked_heights, facts.heights)}};
}

std::vector<Observed> stale_only(const Scenario& scenario, const Watch& watch) {
  std::vector<Observed> observed = stale_and_forked(scenario, watch);
  if (!observed.empty()) observed.pop_back();
  return observed;
}

// Delay over interval, in hundredths so that it can be written exactly.
struct Load {
  std::int64_t percent;
  double x() const { return static_cast<double>(percent) / 100; }
  std::string text() const { return quantity_text(Dimension::number, percent * kBillion / 100); }
  Duration interval() const { return Duration{kDelay.ns * 100 / percent}; }
};

// What both kinds share: blocks without a body to speak of, over links of unlimited bandwidth, so
// that the delay is the latency alone; the measured time is that of `blocks` on average.
std::string yaml_of(const std::string& question, Load load, std::int64_t blocks,
                    const std::string& network) {
  const Duration edge = kDelay * 100;
  return "# " + question + "\nduration: " + duration_text(load.interval() * blocks + edge * 2) +
         "\nmeasure: {warm_up: " + duration_text(edge) + ", cool_down: " + duration_text(edge) +
         "}\nrelay: block\nchain: {block_interval: " + duration_text(load.interval()) +
         ", block_size: 0 B}\n" + network + "output: {sample_every: 60 min}\n";
}

std::string question_of(const std::string& miners, Load load) {
  return "How many blocks are lost when " + miners + " hear of each only after " + load.text() +
         " of the mean interval?";
}

// A hub that does not mine is half the delay away from each: n messages a block in place of the n^2
// of a mesh. It passes on the first block of each height only, which is all that counts here.
Experiment many_miners(Load load, std::int64_t blocks, std::uint64_t seeds) {
  constexpr double kStaleTolerance = 0.02;  // 250 miners stand for infinitely many: 0.4 % of it
  const double x = load.x();
  const std::string network =
      "network: {nodes: 251, topology: star, latency: " + duration_text(Duration{kDelay.ns / 2}) +
      "}\nnodes:\n  - {select: 0, power: 0 %}    # the hub of the star\n";
  return {.suite = "stale",
          .name = "stale.many.x" + load.text(),
          .yaml = yaml_of(question_of("many small miners", load), load, blocks, network),
          .seeds = seeds,
          .measure = stale_and_forked,
          .checks = {{.name = "stale/all",
                      .reference = x / (1 + x),
                      .source = "x/(1+x), x = delay/interval",
                      .tolerance = kStaleTolerance,
                      .pool = mean_of_runs},
                     {.name = "forked heights",
                      .reference = 1 - std::exp(-x),
                      .source = "1-e^-x, x = delay/interval",
                      .tolerance = kStaleTolerance,
                      .pool = mean_of_runs}}};
}

Experiment equal_miners(std::uint32_t miners, Load load, std::int64_t blocks, std::uint64_t seeds) {
  const double x = load.x();
  const std::string network = "network: {nodes: " + std::to_string(miners) +
                              ", topology: full_mesh, latency: " + duration_text(kDelay) + "}\n";
  return {.suite = "stale",
          .name = "stale.equal" + std::to_string(miners) + ".x" + load.text(),
          .yaml = yaml_of(question_of(std::to_string(miners) + " equal miners", load), load, blocks,
                          network),
          .seeds = seeds,
          .measure = stale_only,
          .checks = {{.name = "stale/all",
                      .reference = (1 - 1.0 / miners) * x / (1 + x),
                      .source = "(1-1/n)x/(1+x), x = delay/interval",
                      .tolerance = miners == 2 ? 0.01 : 0.02,
                      .pool = mean_of_runs}}};
}

}  // namespace

// Blocks a run and so many runs that the intervals are half as wide as the tolerances, or less.
std::vector<Experiment> stale_experiments() {
  constexpr std::uint64_t kStaleSeeds = 20;
  return {many_miners({25}, 19'000, kStaleSeeds),     many_miners({50}, 9'000, kStaleSeeds),
          many_miners({100}, 5'000, kStaleSeeds),     equal_miners(2, {10}, 200'000, kStaleSeeds),
          equal_miners(2, {50}, 60'000, kStaleSeeds), equal_miners(2, {100}, 40'000, kStaleSeeds),
          equal_miners(5, {20}, 50'000, kStaleSeeds), equal_miners(5, {100}, 20'000, kStaleSeeds)};
}

}  // namespace sim
