// The whole loop: queue, links, nodes, digest and metrics, in events a second.
//
// Mining at a pace that keeps the original's echoes going all the time; the network is drawn before
// the clock starts. What a run of one's own will do stands on its page.
#include <benchmark/benchmark.h>

#include "tests/support/sim_run.h"

namespace {

void whole_loop(benchmark::State& state, const char* more) {
  const std::string nodes = std::to_string(state.range(0));
  sim::Scenario scenario = test::scenario_of(
      "network: {nodes: " + nodes + ", topology: {kind: random_regular, degree: 8}" + more +
      "}\nchain: {block_interval: 10 s, block_size: 20 kB}\noutput: {sample_every: 10 s}\n" +
      "duration: " + std::to_string(1'200'000 / state.range(0)) + " s\n");
  std::uint64_t events = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto simulator = sim::Simulator::create(scenario);
    state.ResumeTiming();
    (*simulator)->run({});
    events += (*simulator)->events();
    state.PauseTiming();
    simulator->reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  state.counters["events"] = static_cast<double>(events) / static_cast<double>(state.iterations());
}

void WholeLoop(benchmark::State& state) { whole_loop(state, ""); }
void WholeLoopWithBandwidth(benchmark::State& state) {
  whole_loop(state, ", bandwidth: {up: 50 Mbit/s, down: 200 Mbit/s}");
}
void WholeLoopWithJitter(benchmark::State& state) {
  whole_loop(state, ", latency: {kind: lognormal, median: 60 ms, p90: 180 ms, per: message}");
}
BENCHMARK(WholeLoop)->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(WholeLoopWithBandwidth)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(WholeLoopWithJitter)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
