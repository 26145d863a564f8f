// What recording costs, with and without it: of a whole simulation in events a second, and of a
// host whose frames are the cheapest there are and come over no socket, so that the share is at its
// largest.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "net-real/host.h"
#include "net-sim/recorder.h"
#include "tests/support/sim_run.h"

namespace {

// A folder that goes away.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "record-bench-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

void run_simulation(benchmark::State& state, bool recorded) {
  const sim::Scenario scenario = test::scenario_of(
      "network: {nodes: 1000, topology: {kind: random_regular, degree: 8}}\nduration: 20 min\n"
      "chain: {block_interval: 10 s, block_size: 20 kB}\noutput: {sample_every: 10 s}\n");
  const Folder folder;
  std::uint64_t events = 0;
  for (auto _ : state) {
    auto simulator = sim::Simulator::create(scenario);
    std::optional<sim::Recorder> recorder;
    if (recorded) {
      recorder.emplace(**simulator, folder.path / "recording", chain::kRecordLimit);
      (*simulator)->watch(*recorder);
    }
    (*simulator)->run({});
    if (recorder && !recorder->finish()) state.SkipWithError("not recorded");
    events += (*simulator)->events();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
}

class NoLinks final : public net::Links {
  void send(chain::PeerId, const net::Frame&) override {}
  void close(chain::PeerId, net::CloseWhy, std::string_view) override {}
  void dial(chain::AddressId) override {}
  std::string remote_ip(chain::PeerId) const override { return "127.0.0.1"; }
  std::vector<net::PeerFacts> peers() const override { return {}; }
  net::SendStats send_stats() const override { return {}; }
  void sent_blocks(chain::PeerId, bool) override {}
  void charge(chain::PeerId, std::uint64_t) override {}
};

void receive_frames(benchmark::State& state, bool recorded) {
  const Folder folder;
  net::Loop loop;
  net::Log log(stderr, net::LogFormat::text);
  net::BlockStore store(folder.path / "data");
  std::optional<net::Recorder> recorder;
  if (recorded) recorder.emplace(loop, log, folder.path / "recording", chain::kRecordLimit);
  NoLinks links;
  net::AddressRegistry registry;
  net::Host host(loop, store, links, registry, log,
                 {.genesis = *chain::parse_genesis(chain::kWidespreadGenesis),
                  .recorder = recorder ? &*recorder : nullptr});
  host.peer_up(0, chain::kNoAddress);
  for (auto _ : state) host.received(0, R"({"type":0,"payload":{}})");
  state.SetItemsProcessed(state.iterations());
}

void Simulation(benchmark::State& state) { run_simulation(state, false); }
void SimulationRecorded(benchmark::State& state) { run_simulation(state, true); }
void HostFrames(benchmark::State& state) { receive_frames(state, false); }
void HostFramesRecorded(benchmark::State& state) { receive_frames(state, true); }
BENCHMARK(Simulation)->Unit(benchmark::kMillisecond);
BENCHMARK(SimulationRecorded)->Unit(benchmark::kMillisecond);
BENCHMARK(HostFrames);
BENCHMARK(HostFramesRecorded);

}  // namespace
