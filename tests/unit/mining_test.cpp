#include "net-sim/mining.h"

#include <gtest/gtest.h>

#include "core/chain_rules.h"
#include "core/json_codec.h"
#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;

std::vector<std::int64_t> percent(std::initializer_list<std::int64_t> shares) {
  std::vector<std::int64_t> power;
  for (const std::int64_t share : shares) power.push_back(share * (sim::kBillion / 100));
  return power;
}

double mean_wait(sim::Mining& mining, int draws) {
  double sum = 0;
  for (int i = 0; i < draws; ++i) sum += mining.next_wait()->seconds();
  return sum / draws;
}

TEST(Mining, BlocksComeAtTheIntervalAndFinders) {
  const sim::Scenario scenario = test::scenario_of("chain: {block_interval: 10 s}");
  sim::Mining mining(scenario, percent({50, 0, 30, 20}));
  const int draws = test::scaled(100'000);
  EXPECT_NEAR(mean_wait(mining, draws), 10, 0.05 * 10);
  std::vector<int> found(4);
  for (int i = 0; i < draws; ++i) ++found[mining.draw_finder()];
  EXPECT_EQ(found[1], 0);
  EXPECT_NEAR(found[0], draws * 0.5, draws * 0.02);
  EXPECT_NEAR(found[2], draws * 0.3, draws * 0.02);
}

TEST(Mining, HalfThePowerTakesTwiceAsLong) {
  const sim::Scenario scenario = test::scenario_of("chain: {block_interval: 10 s}");
  sim::Mining mining(scenario, percent({50, 50}));
  mining.change_power(1, {{0, 0}}, true);
  EXPECT_NEAR(mean_wait(mining, test::scaled(100'000)), 20, 1);
  EXPECT_EQ(mining.draw_finder(), 1u);
  EXPECT_EQ(mining.initial_power(0), sim::kBillion / 2);
}

TEST(Mining, NobodyFindsNothing) {
  const sim::Scenario scenario = test::scenario_of("mining: {power: none}");
  sim::Mining mining(scenario, percent({0, 0}));
  EXPECT_EQ(mining.next_wait(), std::nullopt);
}

TEST(Mining, ABlockIsRealAndAsLongAsWanted) {
  const sim::Scenario scenario = test::scenario_of("chain: {block_size: 20 kB}");
  BlockTree tree;
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  const BlockId root = tree.add_root(genesis.block.header, genesis.text);
  sim::Mining mining(scenario, percent({100}));
  const BlockId one = mining.make_block(tree, root, sim::kOriginMs + 5);
  const BlockId two = mining.make_block(tree, one, sim::kOriginMs + 9);
  const BlockId twin = mining.make_block(tree, one, sim::kOriginMs + 9);
  EXPECT_EQ(check_block({}, tree.header(one), tree.header(root)), Refusal::none);
  EXPECT_EQ(check_block({}, tree.header(two), tree.header(one)), Refusal::none);
  EXPECT_NE(tree.header(two).hash, tree.header(twin).hash) << "one parent, one millisecond";
  EXPECT_EQ(tree.block_bytes(one), 20'000u);
  EXPECT_EQ(tree.header(one).timestamp_ms, sim::kOriginMs + 5);
}

TEST(Mining, ABlockIsNoShorterThanItsHeader) {
  const sim::Scenario scenario = test::scenario_of("chain: {block_size: 1 B}");
  BlockTree tree;
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  const BlockId root = tree.add_root(genesis.block.header, genesis.text);
  sim::Mining mining(scenario, percent({100}));
  const BlockId one = mining.make_block(tree, root, sim::kOriginMs);
  EXPECT_EQ(tree.block_bytes(one), encode_block({tree.header(one), Filler{0}}).size());
}

}  // namespace
