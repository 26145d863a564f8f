// The whole loop: queue, links, nodes, digest and metrics, in events a second.
//
// Mining at a pace that keeps the original's echoes going all the time; the network is drawn before
// the clock starts. What a run of one's own will do stands on its page.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>

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
// What a study of propagation costs: Bitcoin's regions, 17 neighbours, blocks told of by inventory.
// A delivery is a block's way to one node. Memory: what is allocated at the end, of each node.
void Propagation(benchmark::State& state) {
  const std::int64_t nodes = state.range(0);
  const std::int64_t blocks = std::clamp<std::int64_t>(1'000'000 / nodes, 20, 1000);
  const sim::Scenario scenario = test::scenario_of(
      "protocol: header_first\nrelay: inv\nchain: {block_interval: 10 min, block_size: 535 kB}\n" +
      std::string("network: {topology: {kind: random_regular, degree: 17}, keepalive: 1000 h, ") +
      "regions: {preset: bitcoin-2019}, nodes: " + std::to_string(nodes) + "}\nuntil: {blocks: " +
      std::to_string(blocks) + "}\nduration: 2000 h\n" + "output: {sample_every: 10 min}\n");
  std::uint64_t events = 0, deliveries = 0;
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::size_t before = mallinfo2().uordblks;
    auto simulator = sim::Simulator::create(scenario);
    state.ResumeTiming();
    (*simulator)->run({});
    state.PauseTiming();
    events += (*simulator)->events();
    deliveries += (*simulator)->metrics().propagation().count();
    bytes = static_cast<double>(mallinfo2().uordblks - before);
    simulator->reset();
    state.ResumeTiming();
  }
  const auto rate = [](std::uint64_t count) {
    return benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsRate);
  };
  state.counters["events/s"] = rate(events);
  state.counters["deliveries/s"] = rate(deliveries);
  state.counters["bytes/node"] = bytes / static_cast<double>(nodes);
}
BENCHMARK(Propagation)->RangeMultiplier(10)->Range(100, 100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(WholeLoop)->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(WholeLoopWithBandwidth)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(WholeLoopWithJitter)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
