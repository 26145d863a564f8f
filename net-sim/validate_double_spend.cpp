// Double spends against Rosenfeld, "Analysis of Hashrate-Based Double Spending", 2014.
//
// An attacker with the share q of the power, one block mined in advance, pays, waits for n
// confirmations while it mines on in secret, and goes on until its branch is the longer one. It
// succeeds with probability (his equation 1; p = 1 - q)
//
//   1 - sum over m = 0..n of C(m+n-1, m) (p^n q^m - p^m q^n)
//
// He lets it go on for ever; here it gives up so far behind that to catch up would be a chance of
// (q/p)^behind, below a millionth.
#include <cmath>

#include "net-sim/report.h"
#include "net-sim/units.h"
#include "net-sim/validate.h"

namespace sim {
namespace {

constexpr std::uint64_t kSpendSeeds = 20;
constexpr double kSpendTolerance = 0.02;

std::vector<Observed> attempts_of(const Scenario& scenario, const Watch& watch) {
  const auto simulator = run_watched(scenario, watch);
  if (!simulator) return {};
  const Json attack = run_report(*simulator, Ending::duration, {}).at("attack");
  return {{.successes = attack.at("successes"), .trials = attack.at("attempts")}};
}

double success(double q, int n) {
  const double p = 1 - q;
  double sum = 0, choose = 1;  // C(m+n-1, m)
  for (int m = 0; m <= n; ++m) {
    sum += choose * (std::pow(p, n) * std::pow(q, m) - std::pow(p, m) * std::pow(q, n));
    choose = choose * (m + n) / (m + 1);
  }
  return 1 - sum;
}

struct Attack {
  int percent;            // q
  int confirmations;      // n
  int give_up;            // blocks behind
  std::int64_t attempts;  // a run
  // Blocks that an attempt takes on average, and with what it mines in advance; rounded up.
  std::int64_t blocks;
};

std::string spend_yaml(const Attack& attack) {
  const Duration interval = chain::minutes(1);
  const std::string power = std::to_string(attack.percent) + " %";
  return "# How often does an attacker with " + power + " of the power undo a payment after " +
         std::to_string(attack.confirmations) + " confirmation" +
         (attack.confirmations == 1 ? "" : "s") +
         "?\nduration: " + duration_text(interval * (attack.attempts * attack.blocks)) +
         "\nrelay: block\nchain: {block_interval: " + duration_text(interval) +
         ", block_size: 0 B}\nnetwork: {nodes: 2, topology: full_mesh, latency: 1 ms}\nnodes:\n"
         "  - select: 0\n    power: " +
         power + "\n    behaviour: {kind: double_spend, confirmations: " +
         std::to_string(attack.confirmations) +
         ", premined: 1, give_up: " + std::to_string(attack.give_up) +
         ", attempts: " + std::to_string(attack.attempts) + "}\noutput: {sample_every: 60 min}\n";
}

Experiment double_spend(const Attack& attack) {
  return {.suite = "double_spend",
          .name = "double_spend.q" + std::to_string(attack.percent) + ".n" +
                  std::to_string(attack.confirmations),
          .yaml = spend_yaml(attack),
          .seeds = kSpendSeeds,
          .measure = attempts_of,
          .checks = {{.name = "success",
                      .reference = success(attack.percent / 100.0, attack.confirmations),
                      .source = "Rosenfeld 2014, one block in advance",
                      .tolerance = kSpendTolerance,
                      .pool = share_of_trials}}};
}

}  // namespace

// 300,000 attempts or more each.
std::vector<Experiment> double_spend_experiments() {
  return {double_spend({10, 1, 8, 15'000, 22}), double_spend({25, 3, 14, 15'000, 32}),
          double_spend({30, 6, 20, 15'000, 54})};
}

}  // namespace sim
