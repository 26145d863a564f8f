#include "core/complete_blocks.h"

#include <gtest/gtest.h>

#include "core/json_codec.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

class Complete : public testing::Test {
 protected:
  Complete() : random_(1) {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
  }
  BlockId grow(BlockId parent, int blocks) {
    for (int i = 0; i < blocks; ++i) {
      parent = tree_.add_header(test::random_child(random_, tree_.header(parent), true).header,
                                parent, 1);
    }
    return parent;
  }

  Random random_;
  BlockTree tree_;
  CompleteBlocks complete_;
};

TEST_F(Complete, AWalkBeginsAtTheForkWhereNothingIsKnown) {
  const BlockId fork = grow(0, 3);
  EXPECT_EQ(complete_.towards(tree_, fork, grow(fork, 5)), fork);
}

TEST_F(Complete, AWalkBeginsAtTheHighestBlockThatTheBranchesShare) {
  const BlockId fork = grow(0, 3), shared = grow(fork, 4);
  const BlockId one = grow(shared, 5), other = grow(shared, 6);
  complete_.add(tree_, tree_.parent(one));
  EXPECT_EQ(complete_.towards(tree_, fork, one), tree_.parent(one));
  EXPECT_EQ(complete_.towards(tree_, fork, other), shared);
  EXPECT_EQ(complete_.towards(tree_, fork, grow(fork, 9)), fork);
}

TEST_F(Complete, BranchesThatPartJustBeforeTheirEndsAreOne) {
  const BlockId fork = grow(0, 3), old = grow(fork, 40);
  complete_.add(tree_, old);
  BlockId tip = grow(fork, 20);
  for (int i = 0; i < 10; ++i) {
    complete_.add(tree_, grow(tip, CompleteBlocks::kShort));
    tip = grow(tip, 1);
  }
  EXPECT_EQ(complete_.towards(tree_, fork, old), old);
}

TEST_F(Complete, FourBranchesAreKeptAndTheOldestGoes) {
  const BlockId fork = grow(0, 3);
  std::vector<BlockId> ends;
  for (int i = 0; i < 5; ++i) {
    BlockId end = fork;
    for (int more = 0; more < 3; ++more) {  // one branch that grows is one entry
      end = grow(end, 9);
      complete_.add(tree_, end);
    }
    ends.push_back(end);
  }
  EXPECT_EQ(complete_.towards(tree_, fork, ends[0]), fork);
  for (std::size_t i = 1; i < ends.size(); ++i) {
    EXPECT_EQ(complete_.towards(tree_, fork, ends[i]), ends[i]) << i;
  }
}

}  // namespace
