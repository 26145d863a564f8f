// Old side branches leave the store when it is loaded, at their limit and not before.
#include <gtest/gtest.h>

#include "net-real/block_store.h"
#include "net-real/side_branches.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

using chain::BlockId;

// A tree whose blocks have no data but their text; the store gets them in one commit.
struct Grown {
  Grown() { tree.add_root(widespread_genesis().block.header, widespread_genesis().text); }

  // Blocks of that work each; the last one.
  BlockId grow(BlockId from, std::uint32_t blocks, const std::string& text,
               std::uint64_t work = 1) {
    for (std::uint32_t i = 0; i < blocks; ++i) {
      from = tree.add_header(block_after(tree.header(from), text).header, from, work);
      texts.push_back(text);
    }
    return from;
  }
  void store(const std::filesystem::path& directory, BlockId tip) {
    BlockStore store(directory);
    store.set_genesis(widespread_genesis().text, {});
    chain::BlockTree unused;
    unused.add_root(widespread_genesis().block.header, widespread_genesis().text);
    store.load(unused, {});
    chain::Effects effects;
    for (BlockId block = 1; block < tree.size(); ++block) {
      const std::string data = chain::encode_data(chain::Texts{texts[block - 1]});
      tree.add_body(block, data.size());
      store.keep(block, data);
      effects.accept(block);
    }
    store.commit(tree, effects, tip);
  }

  chain::BlockTree tree;
  std::vector<std::string> texts;
};

// The highest block of a branch that forks below it: 1,999, 2,000 and 2,001 below the tip.
TEST(SideBranches, OnesMoreThan2000BlocksBelowTheTipAreDropped) {
  ASSERT_EQ(kSideBranchDepth, 2000u);
  for (const std::uint32_t below : {1999u, 2000u, 2001u}) {
    const TemporaryDirectory directory;
    Grown grown;
    const BlockId fork = grown.grow(0, 3, "chain");
    const BlockId branch = grown.grow(fork, 5, "branch");
    const BlockId tip = grown.grow(fork, 5 + below, "chain");
    grown.store(directory.path(), tip);
    const std::uint32_t removed = below > kSideBranchDepth ? 5 : 0;
    for (const std::uint32_t now : {removed, 0u}) {
      BlockStore store(directory.path());
      chain::BlockTree tree;
      tree.add_root(widespread_genesis().block.header, widespread_genesis().text);
      const chain::ChainView view = store.load(tree, {});
      EXPECT_EQ(store.old_blocks_removed(), now) << below;
      EXPECT_FALSE(store.repairs().any()) << store.repairs().first;
      EXPECT_EQ(tree.size(), grown.tree.size() - removed) << below;
      EXPECT_EQ(tree.header(view.tip()), grown.tree.header(tip)) << below;
      EXPECT_EQ(tree.find(grown.tree.header(branch).hash) == chain::kNoBlock, removed > 0) << below;
      std::string data;
      store.append_data_json(view.tip(), data);  // rows and ids fit
      EXPECT_EQ(data, "[\"chain\"]");
    }
  }
}

TEST(SideBranches, EachOneIsJudgedByItsHighestBlock) {
  Grown grown;
  const BlockId chain = grown.grow(0, 10, "chain");
  const BlockId side = grown.grow(0, 2, "side");      // 1 and 2: a later branch stands on them
  const BlockId low = grown.grow(side, 1, "low");     // 3
  const BlockId high = grown.grow(side, 4, "high");   // 3 to 6
  const BlockId tip = grown.grow(chain, 1, "chain");  // 11
  EXPECT_EQ(old_side_blocks(grown.tree, tip, 5), std::vector<BlockId>{low});
  EXPECT_EQ(old_side_blocks(grown.tree, tip, 8), std::vector<BlockId>{});
  EXPECT_EQ(old_side_blocks(grown.tree, tip, 4).size(), 7u);
  EXPECT_EQ(old_side_blocks(grown.tree, high, 0), std::vector<BlockId>{low});
}

TEST(SideBranches, ABranchOfMoreWorkIsNeverOld) {
  for (const std::uint64_t work : {19u, 20u, 21u}) {
    Grown grown;
    const BlockId tip = grown.grow(0, 20, "chain");
    grown.grow(0, 1, "heavy", work);
    EXPECT_EQ(old_side_blocks(grown.tree, tip, 5).size(), work > 20 ? 0u : 1u) << work;
  }
}

}  // namespace
}  // namespace net
