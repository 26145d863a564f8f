// No allocation for each event once warm. This program's operator new counts
// (counted_allocation.h); the simulator is asked between stretches of 8,192 events how many there
// were.
//
// A new block may allocate: it is put into the tree, and each node's view grows by a word for every
// 64 blocks. All else that happens to it, tens of thousands of events, may not.
#include <gtest/gtest.h>

#include "core/node.h"
#include "core/record_writer.h"
#include "tests/property/counted_allocation.h"
#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

struct Stretch {
  std::uint64_t allocations, blocks;
};

// Every stretch between two looks, after block `first` was found and before block `last`.
std::vector<Stretch> stretches(const std::string& yaml, std::size_t first, std::size_t last) {
  auto simulator = std::move(*sim::Simulator::create(test::scenario_of(yaml)));
  std::vector<Stretch> all;
  all.reserve(100'000);
  std::uint64_t before = 0;
  std::size_t blocks_before = 0;
  (void)simulator->run([&]() -> std::optional<sim::Ending> {
    const std::size_t blocks = simulator->metrics().found().size();
    if (blocks_before >= first)
      all.push_back({test::allocations() - before, blocks - blocks_before});
    blocks_before = blocks;
    before = test::allocations();
    if (blocks < last) return std::nullopt;
    return sim::Ending::until;
  });
  return all;
}

// The words of the views grow at blocks 64, 128, …: between 66 and 126 nothing does.
void expect_none(const std::string& network) {
  const auto all = stretches(
      "duration: 100000 min\nchain: {block_interval: 30 s}\noutput: {sample_every: 99999 min}\n"
      "network: {nodes: 500, topology: {kind: random_regular, degree: 20}" +
          network + "}\n",
      66, 126);
  std::size_t quiet = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_LE(all[i].allocations, 12 * all[i].blocks) << "stretch " << i;
    quiet += all[i].blocks == 0 ? 1 : 0;
  }
  EXPECT_GT(quiet, 20u) << "no stretch without a block says nothing";
}

TEST(Allocation, NoneForAnEventOfTheOriginalProtocol) { expect_none(""); }

TEST(Allocation, NoneForAnEventWithBandwidth) {
  if (test::scaled(10) < 10) GTEST_SKIP() << "the optimised builds count the same";
  // Fast enough that no queue grows with the length of the chain.
  expect_none(", bandwidth: {up: 10 Gbit/s, down: 10 Gbit/s}");
}

TEST(Allocation, NoneForAnEventWithJitter) {
  if (test::scaled(10) < 10) GTEST_SKIP() << "the optimised builds count the same";
  expect_none(", latency: {kind: lognormal, median: 60 ms, p90: 180 ms, per: message}");
}

// Over a long run the growth of tree, views and records comes to nearly nothing an event.
TEST(Allocation, HardlyAnyOverALongRun) {
  const auto all = stretches(
      "duration: 100000 min\nchain: {block_interval: 5 s}\noutput: {sample_every: 10 s}\n"
      "network: {nodes: 100}\n",
      static_cast<std::size_t>(test::scaled(500)), static_cast<std::size_t>(test::scaled(3000)));
  std::uint64_t sum = 0;
  for (const Stretch& stretch : all) sum += stretch.allocations;
  const std::uint64_t events = all.size() * 8192;
  EXPECT_LT(sum, events / 50) << sum << " allocations in " << events << " events";
}

TEST(Allocation, ANodeStepsWithoutAny) {
  chain::BlockTree tree;
  const auto genesis = chain::parse_genesis(chain::kWidespreadGenesis);
  const chain::BlockId root = tree.add_root(genesis->block.header, genesis->text);
  chain::Node node(tree, chain::ChainView(root), {});
  chain::Effects out;
  for (chain::PeerId peer = 0; peer < 100; ++peer) {
    out.clear();
    node.step(chain::kTimeZero, chain::PeerUp{peer, peer}, out);
  }
  const auto round = [&] {
    for (const chain::Message& message :
         {chain::query_latest(), chain::latest_block(root), chain::whole_chain(root)}) {
      out.clear();
      node.step(chain::kTimeZero, chain::Received{7, message}, out);
    }
  };
  round();
  const std::uint64_t before = test::allocations();
  for (int i = 0; i < 1000; ++i) round();
  EXPECT_EQ(test::allocations(), before);
}

TEST(Allocation, AStepIsRecordedWithoutAny) {
  chain::BlockTree tree;
  const auto genesis = chain::parse_genesis(chain::kWidespreadGenesis);
  const chain::BlockId root = tree.add_root(genesis->block.header, genesis->text);
  chain::RecordWriter writer;
  writer.begin_world(chain::RecordedWorld::real, "", 0);
  writer.begin_life(0, {}, chain::ChainView(root), tree);
  const chain::Effects effects;
  std::uint64_t frames = 0;
  const auto round = [&] {
    for (int i = 0; i < 100'000; ++i) {
      writer.step(chain::kTimeZero, 0, chain::Received{7, chain::latest_block(root)}, effects,
                  tree);
      if (writer.frames().empty()) continue;
      ++frames;
      writer.written();
    }
  };
  round();
  const std::uint64_t before = test::allocations();
  round();
  EXPECT_EQ(test::allocations(), before);
  EXPECT_GT(frames, 10u);
}

}  // namespace
