// The tracker against a recomputation from scratch after every change, on random histories.
#include "net-sim/convergence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/random.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using sim::Convergence;
using sim::ConvergenceTracker;

void grow(BlockTree& tree, BlockId parent) {
  Header header;
  header.height = std::int64_t{tree.height(parent)} + 1;
  header.hash = sha256(std::to_string(tree.size()));
  header.previous_hash = tree.header(parent).hash;
  tree.add_header(header, parent, 1);
}

// The definition, as it reads.
class Slow {
 public:
  Slow(const BlockTree& tree, std::uint32_t nodes, std::uint32_t depth)
      : tree_(tree), depth_(depth), tips_(nodes, 0), counted_(nodes, true) {}

  void on_event(const std::string& kind, Time at) {
    for (Entry& entry : entries_) {
      if (entry.what.after == kind) entry.over = true;
    }
    entries_.push_back({{kind, at, std::nullopt}});
    look(at);
  }
  void on_block_found(Time at) {
    for (Entry& entry : entries_) entry.block_found = true;
    look(at);
  }
  void on_tip(std::uint32_t node, BlockId tip, Time at) {
    tips_[node] = tip;
    look(at);
  }
  void set_counted(std::uint32_t node, bool counted, Time at) {
    counted_[node] = counted;
    look(at);
  }

  std::set<BlockId> tips() const {
    std::set<BlockId> tips;
    for (std::size_t node = 0; node < tips_.size(); ++node) {
      if (counted_[node]) tips.insert(tips_[node]);
    }
    return tips;
  }
  // The common block of all tips lies no more than `depth` below the highest.
  bool agree(std::uint32_t depth) const {
    if (tips().size() <= 1) return true;
    BlockId common = *tips().begin();
    std::uint32_t highest = 0;
    for (const BlockId tip : tips()) {
      common = tree_.fork_point(common, tip);
      highest = std::max(highest, tree_.height(tip));
    }
    return highest - tree_.height(common) <= depth;
  }
  std::vector<Convergence> entries() const {
    std::vector<Convergence> all;
    for (const Entry& entry : entries_) all.push_back(entry.what);
    return all;
  }

 private:
  struct Entry {
    Convergence what;
    bool block_found = false;
    bool over = false;
  };

  // All on one chain, no more than one block apart.
  bool nearly() const {
    const std::set<BlockId> all = tips();
    if (all.size() != 2) return all.size() <= 1;
    return tree_.parent(*all.begin()) == *all.rbegin() ||
           tree_.parent(*all.rbegin()) == *all.begin();
  }
  void look(Time at) {
    const bool one = tips().size() <= 1 || (depth_ > 0 && agree(depth_));
    for (Entry& entry : entries_) {
      if (entry.over || !(entry.block_found ? one || nearly() : one)) continue;
      entry.what.took = at - entry.what.at;
      entry.over = true;
    }
  }

  const BlockTree& tree_;
  std::uint32_t depth_;
  std::vector<BlockId> tips_;
  std::vector<bool> counted_;
  std::vector<Entry> entries_;
};

void compare(std::uint64_t seed, std::uint32_t depth) {
  Random random(seed);
  const auto nodes = static_cast<std::uint32_t>(1 + random.below(6));
  BlockTree tree;
  tree.add_root(Header{}, "genesis");
  ConvergenceTracker tracker(tree, nodes, 0, depth);
  Slow slow(tree, nodes, depth);
  Time now{};
  for (int step = 0; step < 300; ++step) {
    now = now + nanoseconds(static_cast<std::int64_t>(random.below(3)));
    const auto node = static_cast<std::uint32_t>(random.below(nodes));
    switch (random.below(8)) {
      case 0: {
        const std::string kind = random.below(2) == 0 ? "heal" : "partition";
        tracker.on_event(kind, now);
        slow.on_event(kind, now);
        break;
      }
      case 1:
        grow(tree, static_cast<BlockId>(tree.size() - 1 -
                                        random.below(std::min<std::size_t>(tree.size(), 3))));
        tracker.on_block_found(now);
        slow.on_block_found(now);
        break;
      case 2: {
        const bool counted = random.below(3) != 0;
        tracker.set_counted(node, counted, now);
        slow.set_counted(node, counted, now);
        break;
      }
      default: {
        const auto back = random.below(std::min<std::size_t>(tree.size(), 4));
        const auto tip = static_cast<BlockId>(tree.size() - 1 - back);
        tracker.on_tip(node, tip, now);
        slow.on_tip(node, tip, now);
      }
    }
    ASSERT_EQ(tracker.distinct_tips(), slow.tips().size()) << seed << ", step " << step;
    ASSERT_EQ(tracker.agree(1), slow.agree(1)) << seed << ", step " << step;
    ASSERT_EQ(tracker.agree(3), slow.agree(3)) << seed << ", step " << step;
    const auto expected = slow.entries();
    ASSERT_EQ(tracker.entries().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(tracker.entries()[i].after, expected[i].after);
      ASSERT_EQ(tracker.entries()[i].at, expected[i].at);
      ASSERT_EQ(tracker.entries()[i].took, expected[i].took)
          << "entry " << i << ", seed " << seed << ", step " << step;
    }
  }
}

TEST(Convergence, IsWhatTheDefinitionSays) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) compare(seed, 0);
}

TEST(Convergence, WithADepthTipsMayDifferSoFar) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) compare(seed, 2);
}

TEST(Convergence, OneWhoAgreesFromTheStartTakesNoTime) {
  BlockTree tree;
  tree.add_root(Header{}, "genesis");
  ConvergenceTracker tracker(tree, 3, 0, 0);
  tracker.on_event("heal", Time{5});
  ASSERT_EQ(tracker.entries().size(), 1u);
  EXPECT_EQ(tracker.entries()[0].took, Duration{});
}

TEST(Convergence, TheNextOfItsKindLeavesOneWithoutAnEnd) {
  BlockTree tree;
  tree.add_root(Header{}, "genesis");
  grow(tree, 0);
  grow(tree, 0);
  ConvergenceTracker tracker(tree, 2, 0, 0);
  tracker.on_tip(0, 1, Time{1});
  tracker.on_tip(1, 2, Time{1});
  tracker.on_event("heal", Time{2});
  tracker.on_event("heal", Time{3});
  tracker.on_tip(1, 1, Time{7});
  EXPECT_EQ(tracker.entries()[0].took, std::nullopt);
  EXPECT_EQ(tracker.entries()[1].took, Duration{4});
}

TEST(Convergence, EachRuleSetAgreesByItself) {
  BlockTree tree;
  tree.add_root(Header{}, "genesis");
  for (const BlockId parent : {0u, 0u, 2u}) grow(tree, parent);
  constexpr BlockId a = 1, b = 2, c = 3;
  ConvergenceTracker tracker(tree, 4, 0, 0, {7, 7, 9, 9});
  EXPECT_TRUE(tracker.is_settled());
  tracker.on_event("mine", Time{1});
  tracker.on_event("heal", Time{2});
  for (const std::uint32_t node : {0u, 1u}) tracker.on_tip(node, a, Time{3});
  for (const std::uint32_t node : {2u, 3u}) tracker.on_tip(node, b, Time{4});
  EXPECT_EQ(tracker.distinct_tips(), 2u);
  EXPECT_TRUE(tracker.is_settled());
  EXPECT_TRUE(tracker.agree(0));
  tracker.on_tip(2, c, Time{5});
  EXPECT_EQ(tracker.distinct_tips(), 3u);
  EXPECT_FALSE(tracker.is_settled());
  EXPECT_FALSE(tracker.agree(0));
  EXPECT_TRUE(tracker.agree(1));
  tracker.on_event("crash", Time{6});
  tracker.set_counted(2, false, Time{7});
  EXPECT_TRUE(tracker.is_settled());
  EXPECT_EQ(tracker.entries().back().took, Duration{1});
}

// The block that the event finds is no later one: it has to get to everybody.
TEST(Convergence, AfterAMineEventItIsTheWayToTheLastNode) {
  const auto simulator = test::run(
      "duration: 2 min\nmining: {power: none}\n"
      "network: {nodes: 4, topology: line, latency: 50 ms}\n"
      "events: [{at: 1 min, mine: {node: 0, blocks: 2}}]\n");
  const auto& entries = simulator->metrics().convergence().entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].after, "mine");
  EXPECT_EQ(entries[0].took, milliseconds(150));
}

}  // namespace
