// A branch is checked beside the tree, with the tree's own salt.
#include "core/branch.h"

#include <gtest/gtest.h>

#include "core/json_codec.h"

namespace {

using namespace chain;

TEST(Branch, HasTheSaltOfItsTreeSoThatNobodyAimsAtItsIndex) {
  const auto genesis = parse_genesis(kWidespreadGenesis);
  for (const std::uint64_t salt : {std::uint64_t{0}, std::uint64_t{0x1234567890abcdef}}) {
    BlockTree tree(salt);
    tree.add_root(genesis->block.header, genesis->text);
    const ChainRules rules;
    Branch branch(tree, 0, rules);
    EXPECT_EQ(branch.salt(), tree.salt());
    EXPECT_EQ(branch.continued().salt(), salt | 1);
  }
}

}  // namespace
