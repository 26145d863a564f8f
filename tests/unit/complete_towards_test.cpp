// Where walks along a branch begin, and that no memory of earlier ones changes where they end.
#include <gtest/gtest.h>

#include "core/json_codec.h"
#include "core/node.h"
#include "core/protocol.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

// The answer by its definition.
BlockId by_definition(const BlockTree& tree, const ChainView& view, BlockId target) {
  BlockId whole = tree.fork_point(view.tip(), target);
  while (whole != target) {
    const BlockId next = tree.ancestor(target, tree.height(whole) + 1);
    if (!view.has_body(next)) break;
    whole = next;
  }
  return whole;
}

TEST(CompleteTowards, AgreesWithItsDefinitionWhateverCameBefore) {
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    BlockTree tree;
    tree.add_root(genesis.block.header, genesis.text);
    const auto any = [&] { return static_cast<BlockId>(random.below(tree.size())); };
    for (int i = 0; i < 300; ++i) {
      // Mostly long branches.
      const BlockId parent = random.below(8) == 0 ? any() : static_cast<BlockId>(tree.size() - 1);
      const Block block = test::random_child(random, tree.header(parent), true);
      tree.add_body(tree.add_header(block.header, parent, 1), 100);
    }
    ChainView view(0);
    ChainRules rules;
    SyncLimits limits;
    Effects out;
    Context context{Time{}, tree, rules, limits, 1 << 20, view, out, {}, 0};
    for (int i = 0; i < 3000; ++i) {
      const BlockId block = any();
      switch (random.below(8)) {
        case 0:
          if (view.has_body(tree.is_root(block) ? block : tree.parent(block))) {
            out.clear();
            context.follow(kNoPeer, block, TipCause::replaced);
          }
          break;
        case 1:
          if (random.below(20) == 0) view.forget_whole();
          break;
        case 2:
        case 3:
          view.add_body(block);
          break;
        default: {
          const BlockId expected = by_definition(tree, view, block);
          ASSERT_EQ(context.complete_towards(block), expected);
        }
      }
      out.clear();
    }
  }
}

// A replay starts from what the record tells, and must do the same.
TEST(CompleteTowards, ANodeThatStartsHasForgottenWhatIsWhole) {
  BlockTree tree;
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  tree.add_root(genesis.block.header, genesis.text);
  ChainView stored(0);
  stored.add_whole(0);
  const Node node(tree, stored, NodeOptions{});
  EXPECT_TRUE(node.chain().has_body(0));
  EXPECT_FALSE(node.chain().is_whole(0));
}

}  // namespace
