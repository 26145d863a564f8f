// The tree against a slow one that walks parents, and at its edges.
#include "core/block_tree.h"

#include <gtest/gtest.h>

#include "core/block_size.h"
#include "core/random.h"

namespace {

using namespace chain;

Header header_of(std::int64_t height, const Hash& previous, std::string_view name) {
  Header header;
  header.height = height;
  header.previous_hash = previous;
  header.hash = sha256(name);
  return header;
}

// A tree, and the plain lists that answer the same questions slowly.
struct Grown {
  BlockTree tree;
  std::vector<BlockId> parents;
  std::vector<std::uint64_t> works;
  std::vector<std::uint64_t> block_bytes;

  explicit Grown(std::uint64_t salt) : tree(salt) {}

  void add_root(std::string text) {
    tree.add_root(header_of(0, {}, text), text);
    parents.push_back(kNoBlock);
    works.push_back(1);
    block_bytes.push_back(text.size());
  }
  BlockId add(BlockId parent, std::uint64_t work, std::uint64_t data_bytes) {
    const Header header = header_of(std::int64_t{tree.height(parent)} + 1, tree.header(parent).hash,
                                    std::to_string(parents.size()));
    const BlockId id = tree.add_header(header, parent, work);
    EXPECT_FALSE(tree.has_body(id));
    tree.add_body(id, data_bytes);
    parents.push_back(parent);
    works.push_back(work);
    block_bytes.push_back(header_json_length(header) + kDataKeyLength + data_bytes);
    return id;
  }
  std::vector<BlockId> path(BlockId id) const {  // from the root
    std::vector<BlockId> ids;
    for (; id != kNoBlock; id = parents[id]) ids.push_back(id);
    std::reverse(ids.begin(), ids.end());
    return ids;
  }
};

// `back`: how far behind the newest block a parent may be; 1 gives a line.
Grown grow(std::uint64_t seed, std::size_t blocks, std::uint64_t back) {
  Random random(seed);
  Grown grown(random.next());
  grown.add_root("first root");
  grown.add_root("second root, a longer text");
  while (grown.parents.size() < blocks) {
    const std::uint64_t size = grown.parents.size();
    const auto parent = static_cast<BlockId>(size - 1 - random.below(std::min(size, back)));
    const std::uint64_t work = 1 + random.below(1000);
    grown.add(parent, work, 2 + random.below(5000));
  }
  return grown;
}

class BlockTreeOracle : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Shapes, BlockTreeOracle, testing::Values(1, 2, 5, 40, 10'000));

TEST_P(BlockTreeOracle, PathsHeightsSumsAndHashes) {
  const Grown grown = grow(GetParam(), 1500, GetParam());
  const BlockTree& tree = grown.tree;
  ASSERT_EQ(tree.size(), grown.parents.size());
  // From the last: sums are asked for before those of the ancestors are known.
  for (BlockId id = static_cast<BlockId>(tree.size()); id-- > 0;) {
    const std::vector<BlockId> path = grown.path(id);
    std::uint64_t work = 0;
    std::uint64_t bytes = 0;
    for (const BlockId block : path) {
      work += grown.works[block];
      bytes += grown.block_bytes[block];
      ASSERT_EQ(tree.ancestor(id, tree.height(block)), block);
      ASSERT_TRUE(tree.is_ancestor(block, id));
    }
    ASSERT_EQ(tree.height(id) + 1, path.size());
    ASSERT_EQ(tree.work(id), work);
    ASSERT_EQ(tree.chain_bytes(id), bytes);
    ASSERT_EQ(tree.block_bytes(id), grown.block_bytes[id]);
    ASSERT_EQ(tree.find(tree.header(id).hash), id);
    ASSERT_EQ(tree.fingerprint(id), tree.header(id).hash.prefix());
    ASSERT_EQ(tree.is_root(id), grown.parents[id] == kNoBlock);
  }
  EXPECT_EQ(tree.find(sha256("never added")), kNoBlock);
}

TEST_P(BlockTreeOracle, ForkPoints) {
  const Grown grown = grow(GetParam(), 1000, GetParam());
  Random random(GetParam());
  for (int i = 0; i < 5000; ++i) {
    const auto a = static_cast<BlockId>(random.below(grown.parents.size()));
    const auto b = static_cast<BlockId>(random.below(grown.parents.size()));
    const auto path_a = grown.path(a);
    const auto path_b = grown.path(b);
    const std::size_t common = std::min(path_a.size(), path_b.size());
    const auto apart =
        std::mismatch(path_a.begin(), path_a.begin() + static_cast<std::ptrdiff_t>(common),
                      path_b.begin())
            .first;
    const BlockId expected = apart == path_a.begin() ? kNoBlock : *(apart - 1);
    ASSERT_EQ(grown.tree.fork_point(a, b), expected) << a << ' ' << b;
    ASSERT_EQ(grown.tree.is_ancestor(a, b), expected == a) << a << ' ' << b;
  }
}

TEST_P(BlockTreeOracle, LocatorsThinOut) {
  const Grown grown = grow(GetParam(), 1000, GetParam());
  for (BlockId id = 0; id < 1000; id += 7) {
    const auto path = grown.path(id);
    std::vector<BlockId> expected;
    std::size_t step = 1;
    for (std::size_t h = path.size() - 1; h > 0; h = h > step ? h - step : 0) {
      expected.push_back(path[h]);
      if (expected.size() >= 10) step *= 2;
    }
    expected.push_back(path[0]);
    ASSERT_EQ(locator(grown.tree, id), expected);
    ASSERT_EQ(locator_length(grown.tree.height(id)), expected.size());
  }
}

TEST(BlockTree, ALongLineIsWalkedInFewSteps) {
  Grown grown(1);
  grown.add_root("root");
  BlockId tip = 0;
  for (int i = 0; i < 100'000; ++i) tip = grown.add(tip, 1, 10);
  for (std::uint32_t height = 0; height < 100'000; height += 997) {
    ASSERT_EQ(grown.tree.ancestor(tip, height), height);
  }
  // Each block once, however often its chain's sum is asked for.
  std::uint64_t bytes = 0;
  for (BlockId id = 0; id <= tip; ++id) {
    bytes += grown.block_bytes[id];
    ASSERT_EQ(grown.tree.chain_bytes(id), bytes);
  }
}

TEST(BlockTree, RootsKeepTheirTexts) {
  Grown grown(1);
  grown.add_root("{ \"as\":\"it was given\" }");
  grown.add(0, 1, 2);
  grown.add_root("another");
  EXPECT_EQ(grown.tree.root_text(0), "{ \"as\":\"it was given\" }");
  EXPECT_EQ(grown.tree.root_text(2), "another");
  EXPECT_EQ(grown.tree.roots().size(), 2u);
  EXPECT_EQ(grown.tree.fork_point(1, 2), kNoBlock);
  EXPECT_TRUE(grown.tree.has_body(0));
}

TEST(BlockTree, OfTwoRootsWithOneHashTheFirstIsFound) {
  BlockTree tree;
  tree.add_root({}, "first");
  tree.add_root({}, "second");
  for (int i = 0; i < 200; ++i) {  // the index grows, more than once
    tree.add_header(header_of(1, {}, std::to_string(i)), 1, 1);
    ASSERT_EQ(tree.find({}), 0u);
  }
}

TEST(BlockTreeDeathTest, RefusesWhatIsNotLinked) {
  BlockTree tree;
  tree.add_root({}, "root");
  EXPECT_DEATH(tree.add_header(header_of(2, {}, "a"), 0, 1), "CHECK");
  const BlockId id = tree.add_header(header_of(1, {}, "b"), 0, 1);
  EXPECT_DEATH(static_cast<void>(tree.chain_bytes(id)), "CHECK");
  tree.add_body(id, 2);
  EXPECT_DEATH(tree.add_body(id, 2), "CHECK");
  EXPECT_DEATH(static_cast<void>(tree.ancestor(0, 1)), "CHECK");
}

}  // namespace
