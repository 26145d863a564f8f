// Confirmations, reorganisations and propagation against counting them one by one.
#include "net-sim/metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/random.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    tree_.add_root(Header{}, "genesis");
    scenario_ = test::scenario_of("network: {nodes: 4, topology: line}\nduration: 60 min\n");
  }

  BlockId grow(BlockId parent) {
    Header header;
    header.height = std::int64_t{tree_.height(parent)} + 1;
    header.hash = sha256(std::to_string(tree_.size()));
    header.previous_hash = tree_.header(parent).hash;
    const BlockId id = tree_.add_header(header, parent, 1);
    tree_.add_body(id, 10);
    return id;
  }
  void move(sim::Metrics& metrics, sim::NodeIndex node, BlockId to, Time at) {
    Effects effects;
    for (BlockId id = to; !tree_.is_root(id); id = tree_.parent(id)) {
      if (!had_.insert({{node, id}, true}).second) continue;
      effects.accept(id);
    }
    effects.parents_first(0);
    effects.change_tip(metrics.tip_of(node), to);
    metrics.on_step(node, effects, at);
  }

  BlockTree tree_;
  sim::Scenario scenario_;
  std::map<std::pair<sim::NodeIndex, BlockId>, bool> had_;
};

// Every node's chain, block by block: a move adds its new blocks one at a time, and each gives one
// confirmation to all below it; what leaves the chain is abandoned with the confirmations it had.
struct SlowConfirmations {
  std::vector<sim::ConfirmationCount> counts{sim::kMaxConfirmations + 1};

  // k confirmations: the block and k - 1 on top of it. A block that is below the fork has those
  // that it had under the old tip, until the new one is higher.
  void move(const BlockTree& tree, BlockId from, BlockId to) {
    const std::uint32_t fork = tree.height(tree.fork_point(from, to));
    for (std::uint32_t h = fork + 1; h <= tree.height(from); ++h) {
      const std::uint32_t had = tree.height(from) - h + 1;
      for (std::uint32_t k = 1; k <= had && k <= sim::kMaxConfirmations; ++k) ++counts[k].abandoned;
    }
    for (std::uint32_t h = 1; h <= tree.height(to); ++h) {
      const std::uint32_t has = tree.height(to) - h + 1;
      const std::uint32_t before =
          h <= fork && tree.height(from) >= h ? tree.height(from) - h + 1 : 0;
      for (std::uint32_t k = before + 1; k <= has && k <= sim::kMaxConfirmations; ++k) {
        ++counts[k].reached;
      }
    }
  }
};

TEST_F(MetricsTest, ConfirmationsAreThoseCountedOneByOne) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    tree_ = BlockTree();
    tree_.add_root(Header{}, "genesis");
    had_.clear();
    sim::Metrics metrics(scenario_, tree_, 0);
    SlowConfirmations slow;
    std::vector<BlockId> tips(4, 0);
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t back = random.below(random.below(8) == 0 ? 12 : 2);
      const auto size = static_cast<std::uint64_t>(tree_.size());
      grow(static_cast<BlockId>(size - 1 - std::min(back, size - 1)));
      const auto node = static_cast<sim::NodeIndex>(random.below(4));
      const auto to = static_cast<BlockId>(tree_.size() - 1 - random.below(2));
      if (to == tips[node] || tree_.height(to) < tree_.height(tips[node])) continue;
      move(metrics, node, to, Time{i});
      slow.move(tree_, tips[node], to);
      tips[node] = to;
    }
    const auto counts = metrics.confirmations();
    for (std::size_t k = 1; k <= sim::kMaxConfirmations; ++k) {
      ASSERT_EQ(counts[k].reached, slow.counts[k].reached) << "k = " << k << ", seed " << seed;
      ASSERT_EQ(counts[k].abandoned, slow.counts[k].abandoned) << "k = " << k << ", seed " << seed;
    }
  }
}

TEST_F(MetricsTest, PropagationLeavesTheFinderOut) {
  sim::Metrics metrics(scenario_, tree_, 0);
  const BlockId block = grow(0);
  metrics.on_found(1, block, Time{100});
  move(metrics, 1, block, Time{100});
  move(metrics, 0, block, Time{110});
  move(metrics, 2, block, Time{130});
  move(metrics, 3, block, Time{170});
  ASSERT_EQ(metrics.found().size(), 1u);
  const sim::FoundBlock& found = metrics.found()[0];
  EXPECT_EQ(found.eligible, 3u);
  EXPECT_EQ(found.reached, 3u);
  EXPECT_EQ(found.to_share[0], Duration{30}) << "two of three are the first 50 %";
  EXPECT_EQ(found.to_share[1], Duration{70});
  EXPECT_EQ(found.to_share[3], Duration{70});
  EXPECT_EQ(metrics.propagation().count(), 3u);
  EXPECT_EQ(metrics.receipts()[1].blocks, 0u);
  EXPECT_EQ(metrics.receipts()[2].blocks, 1u);
  EXPECT_TRUE(metrics.receipts()[2].waited_ns == 30);
}

TEST_F(MetricsTest, SharesRoundUpToWholeNodes) {
  using Ranks = std::array<std::uint32_t, 4>;
  EXPECT_EQ(sim::share_ranks(100), (Ranks{50, 90, 99, 100}));
  EXPECT_EQ(sim::share_ranks(3), (Ranks{2, 3, 3, 3}));
  EXPECT_EQ(sim::share_ranks(1), (Ranks{1, 1, 1, 1}));
  EXPECT_EQ(sim::share_ranks(0), (Ranks{0, 0, 0, 0}));
}

TEST_F(MetricsTest, AReorganisationIsAsDeepAsWhatIsAbandoned) {
  sim::Metrics metrics(scenario_, tree_, 0);
  const BlockId a2 = grow(grow(0));
  const BlockId b3 = grow(grow(grow(0)));
  move(metrics, 0, a2, Time{1});
  EXPECT_TRUE(metrics.reorgs().empty()) << "nothing was abandoned";
  move(metrics, 0, b3, Time{2});
  ASSERT_EQ(metrics.reorgs().size(), 1u);
  EXPECT_EQ(metrics.reorgs()[0].depth, 2u);
  EXPECT_EQ(metrics.reorgs()[0].from, a2);
}

TEST_F(MetricsTest, WarmUpAndCoolDownAreLeftOut) {
  scenario_.measure = {seconds(60), seconds(120)};
  const sim::Metrics metrics(scenario_, tree_, 0);
  EXPECT_FALSE(metrics.measured(kTimeZero + seconds(59)));
  EXPECT_TRUE(metrics.measured(kTimeZero + seconds(60)));
  EXPECT_TRUE(metrics.measured(kTimeZero + minutes(58)));
  EXPECT_FALSE(metrics.measured(kTimeZero + minutes(58) + seconds(1)));
}

TEST_F(MetricsTest, OfTooManySamplesEveryOtherGoes) {
  scenario_.output.sample_every = seconds(1);
  sim::Metrics metrics(scenario_, tree_, 0);
  Time at{};
  std::uint64_t taken = 0;
  for (; taken < 3 * sim::kMostSamples; ++taken, at = at + metrics.sample_pause()) {
    metrics.on_sample(at, 0);
    ASSERT_LE(metrics.series().size(), sim::kMostSamples);
  }
  EXPECT_EQ(metrics.sample_pause(), seconds(16));  // thinned at 1, 1.5, 2 and 2.5 times the most
  for (std::size_t i = 0; i < metrics.series().size(); ++i) {
    ASSERT_EQ(metrics.series()[i].at, kTimeZero + seconds(16) * static_cast<std::int64_t>(i));
  }
}

TEST_F(MetricsTest, SamplesFollowTheTips) {
  sim::Metrics metrics(scenario_, tree_, 0);
  const BlockId one = grow(0);
  move(metrics, 2, one, Time{5});
  metrics.on_sent(latest_block(one), 400);
  metrics.on_sample(Time{6}, 3);
  ASSERT_EQ(metrics.series().size(), 1u);
  const sim::SeriesSample& sample = metrics.series()[0];
  EXPECT_EQ(sample.distinct, 2u);
  EXPECT_EQ(sample.min_height, 0u);
  EXPECT_EQ(sample.max_height, 1u);
  EXPECT_EQ(sample.bytes, 400u);
  EXPECT_EQ(sample.in_flight, 3u);
  ASSERT_EQ(metrics.tips().size(), 2u);
  EXPECT_EQ(metrics.tips()[1].distinct, 2u);
}

// Against looking at all of them; nodes come, go and move to lower heights, too.
TEST(Heights, TheLeastAndTheMostAreThoseOfAllThatStandThere) {
  Random random(7);
  sim::Heights heights;
  std::multiset<std::uint32_t> all;
  EXPECT_TRUE(heights.empty());
  for (int i = 0; i < 20'000; ++i) {
    if (all.empty() || random.below(9) < 4) {
      const auto height = static_cast<std::uint32_t>(random.below(50));
      heights.add(height);
      all.insert(height);
    } else {
      const auto gone =
          std::next(all.begin(), static_cast<std::ptrdiff_t>(random.below(all.size())));
      heights.remove(*gone);
      all.erase(gone);
    }
    ASSERT_EQ(heights.empty(), all.empty());
    if (all.empty()) continue;
    ASSERT_EQ(heights.range(), std::pair(*all.begin(), *all.rbegin()));
  }
}

}  // namespace
