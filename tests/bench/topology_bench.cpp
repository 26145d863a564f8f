// Drawing a network of 100,000 nodes: what a run costs before its first event.
#include <benchmark/benchmark.h>

#include "core/check.h"
#include "net-sim/topology.h"
#include "net-sim/wiring.h"
#include "tests/support/sim_run.h"

namespace {

void draw(benchmark::State& state, const std::string& topology, const std::string& more = "") {
  const sim::Scenario scenario =
      test::scenario_of("network: {nodes: " + std::to_string(state.range(0)) +
                        ", topology: " + topology + "}\n" + more);
  std::size_t links = 0;
  for (auto _ : state) {
    const auto wiring = sim::draw_wiring(scenario, {});
    CHECK(wiring.ok());
    links = wiring->edges.size();
  }
  state.counters["links"] = static_cast<double>(links);
}

void all_at(benchmark::internal::Benchmark* bench) {
  bench->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(draw, tree, "tree")->Apply(all_at);
BENCHMARK_CAPTURE(draw, grid, "{kind: grid, columns: 300}")->Apply(all_at);
BENCHMARK_CAPTURE(draw, random_regular, "random_regular")->Apply(all_at);
BENCHMARK_CAPTURE(draw, random_regular_124, "{kind: random_regular, degree: 124}")->Apply(all_at);
BENCHMARK_CAPTURE(draw, outbound, "outbound")->Apply(all_at);
BENCHMARK_CAPTURE(draw, erdos_renyi, "erdos_renyi")->Apply(all_at);
BENCHMARK_CAPTURE(draw, small_world, "small_world")->Apply(all_at);
BENCHMARK_CAPTURE(draw, scale_free, "scale_free")->Apply(all_at);
// Outbound links of Bitcoin's nodes in 2015.
BENCHMARK_CAPTURE(draw, degrees,
                  "{kind: degrees, cumulative: [0.025, 0.05, 0.075, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, "
                  "0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.97, 0.98, 0.99, 0.995, 1]}")
    ->Apply(all_at);
BENCHMARK_CAPTURE(draw, peers, "{kind: edges, edges: []}",
                  "nodes: [{select: all, peers: {min: 8, max: 12}}]")
    ->Apply(all_at);

}  // namespace
