// What of a peer's blocks is stored, and what the rest is called.
#include "core/intake.h"

#include <gtest/gtest.h>

#include "core/merkle.h"
#include "tests/support/random_blocks.h"

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;  // Unix milliseconds

using namespace chain;

using Blocks = std::vector<Block>;

class IntakeTest : public testing::Test {
 protected:
  explicit IntakeTest(const ChainRules& rules = {})
      : rules_(rules), random_(1), genesis_(*parse_genesis(kWidespreadGenesis)) {
    tree_.add_root(genesis_.block.header, genesis_.text);
  }

  // A chain of `length` blocks after the first `shared` of `on`, the genesis not counted.
  Blocks fork(const Blocks& on, std::size_t shared, std::size_t length) {
    Blocks blocks(on.begin(), on.begin() + static_cast<std::ptrdiff_t>(shared) + 1);
    while (blocks.size() <= length) {
      blocks.push_back(test::random_child(random_, blocks.back().header, false));
    }
    return blocks;
  }
  Blocks grow(std::size_t length) { return fork({genesis_.block}, 0, length); }

  Message take_block(const Block& block) {
    return intake_.take(0, {MessageType::latest_block, {block}}, tip_, kNow);
  }
  Message take_chain(const Blocks& blocks) {
    return intake_.take(0, {MessageType::whole_chain, blocks}, tip_, kNow);
  }
  // The chain is the node's own now.
  void own(const Blocks& blocks) {
    for (std::size_t i = 1; i < blocks.size(); ++i) tip_ = intake_.add_own(blocks[i]);
    kept_.clear();
  }

  ChainRules rules_;
  Random random_;
  Genesis genesis_;
  BlockTree tree_;
  std::vector<std::pair<BlockId, std::string>> kept_;
  Intake intake_{tree_, rules_, false, {}, [this](BlockId id, std::string data) {
                   kept_.emplace_back(id, std::move(data));
                 }};
  BlockId tip_ = 0;
};

Message staged(MessageType type, Staged why, Refusal refusal) {
  return {type, why, refusal, 0, kStagedBit, {}};
}
Message staged_block(Staged why, Refusal refusal) {
  return staged(MessageType::latest_block, why, refusal);
}
Message staged_chain(Staged why, Refusal refusal) {
  return staged(MessageType::whole_chain, why, refusal);
}

TEST_F(IntakeTest, AQuestionPasses) { EXPECT_EQ(intake_.take(0, {}, tip_, kNow), query_latest()); }

TEST_F(IntakeTest, ABlockOnTheTipIsStoredWithItsData) {
  const Blocks blocks = grow(1);
  EXPECT_EQ(take_block(blocks[1]), latest_block(1));
  EXPECT_EQ(tree_.header(1), blocks[1].header);
  EXPECT_EQ(tree_.work(1), 2u);
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].first, 1u);
  EXPECT_EQ(kept_[0].second, encode_data(blocks[1].body));
  EXPECT_EQ(tree_.block_bytes(1), encode_block(blocks[1]).size());
}

TEST_F(IntakeTest, ABlockSentAgainIsTheSame) {
  const Blocks blocks = grow(3);
  own(blocks);
  for (BlockId id = 0; id <= 3; ++id) EXPECT_EQ(take_block(blocks[id]), latest_block(id));
  tip_ = 2;
  EXPECT_EQ(take_block(blocks[3]), latest_block(3)) << "stored, but no longer the tip";
  EXPECT_TRUE(kept_.empty());
}

TEST_F(IntakeTest, InWhateverOrderItsKeysStand) {
  Blocks blocks = grow(2);
  own(blocks);
  std::reverse(blocks[1].header.order.keys.begin(), blocks[1].header.order.keys.end());
  EXPECT_EQ(take_block(blocks[1]), latest_block(1));
  EXPECT_EQ(take_chain(blocks), whole_chain(2));
}

TEST_F(IntakeTest, ABlockThatDoesNotLinkIsStagedForTheFirstReason) {
  const Blocks blocks = grow(3);
  const Blocks other = grow(1);
  EXPECT_EQ(take_block(blocks[3]), staged_block(Staged::unlinked, Refusal::height));
  own(blocks);
  EXPECT_EQ(take_block(other[1]), staged_block(Staged::unlinked, Refusal::height));
  tip_ = 0;
  const Blocks longer = fork(other, 1, 2);
  tip_ = 1;
  EXPECT_EQ(take_block(longer[2]), staged_block(Staged::unlinked, Refusal::previous_hash));
  Block forged = test::random_child(random_, blocks[1].header, false);
  forged.header.hash = sha256("forged");
  EXPECT_EQ(take_block(forged), staged_block(Staged::invalid, Refusal::hash));
  EXPECT_EQ(tree_.size(), 4u);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(IntakeTest, AKnownHashOverOtherFieldsIsNotTheKnownBlock) {
  const Blocks blocks = grow(2);
  own(blocks);
  Block forged = blocks[1];
  forged.header.nonce ^= 1;
  EXPECT_EQ(take_block(forged), staged_block(Staged::unlinked, Refusal::height));
  tip_ = 0;
  EXPECT_EQ(take_block(forged), staged_block(Staged::invalid, Refusal::hash));
}

// One text, two ways to cut it into difficulty and nonce: the first version stands.
TEST_F(IntakeTest, OfTwoBlocksWithOneHashTheFirstIsKept) {
  Block first = grow(1)[1];
  Block second = first;
  first.header.difficulty = 1;
  first.header.nonce = 23;
  second.header.difficulty = 12;
  second.header.nonce = 3;
  first.header.hash = second.header.hash = hash_of(first.header, HashOrder::standard);
  EXPECT_EQ(take_block(first), latest_block(1));
  EXPECT_EQ(take_block(second), latest_block(1));
  EXPECT_EQ(tree_.header(1).nonce, 23);
  const Blocks chain = fork({genesis_.block, second}, 1, 3);
  tip_ = 1;
  EXPECT_EQ(take_chain(chain), whole_chain(3));
  EXPECT_EQ(tree_.ancestor(3, 1), 1u);
}

// A header came first, with a digit moved. Its true block cannot be taken, and the node must not
// ask for the same headers and the same body for ever.
TEST_F(IntakeTest, ABodyOfAnotherVersionOfAHeaderIsAnotherBody) {
  Block block = grow(1)[1];
  block.header.difficulty = 12;
  block.header.nonce = 3;
  block.header.hash = hash_of(block.header, HashOrder::standard);
  Header other = block.header;
  other.difficulty = 1;
  other.nonce = 23;
  EXPECT_EQ(intake_.take(0, {.type = MessageType::headers, .headers = {other}}, tip_, kNow).staged,
            Staged::no);
  const Message taken = intake_.take(1, {MessageType::blocks, {block}}, tip_, kNow);
  EXPECT_EQ(taken.staged, Staged::other_body);
  EXPECT_EQ(taken.refusal, Refusal::hash);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(IntakeTest, TheFirstBodyIsKept) {
  Block block = grow(1)[1];
  EXPECT_EQ(take_block(block), latest_block(1));
  block.body = Texts{"another body under the same header"};
  EXPECT_EQ(take_block(block), latest_block(1));
  EXPECT_EQ(kept_.size(), 1u);
}

TEST_F(IntakeTest, AChainThatReplacesIsStoredParentsFirst) {
  const Blocks own_chain = grow(2);
  own(own_chain);
  const Blocks longer = fork(own_chain, 1, 4);
  EXPECT_EQ(take_chain(longer), whole_chain(5));
  ASSERT_EQ(kept_.size(), 3u);
  for (BlockId i = 0; i < 3; ++i) {
    EXPECT_EQ(kept_[i].first, 3 + i);
    EXPECT_EQ(kept_[i].second, encode_data(longer[2 + i].body));
    EXPECT_EQ(tree_.header(3 + i), longer[2 + i].header);
  }
  EXPECT_EQ(tree_.fork_point(2, 5), 1u);
}

TEST_F(IntakeTest, AChainThatDoesNotReplaceIsNotStored) {
  const Blocks own_chain = grow(3);
  own(own_chain);
  EXPECT_EQ(take_chain(grow(2)), staged_chain(Staged::low_work, Refusal::not_longer));
  EXPECT_EQ(take_chain(grow(3)), staged_chain(Staged::low_work, Refusal::not_longer));
  EXPECT_EQ(take_chain(fork(own_chain, 3, 4)),
            staged_chain(Staged::low_work, Refusal::one_block_short));
  EXPECT_EQ(tree_.size(), 4u);
  EXPECT_EQ(take_chain(fork(own_chain, 2, 4)), whole_chain(5)) << "one longer, on another fork";
  tip_ = 5;
  EXPECT_EQ(take_chain(fork(own_chain, 3, 6)), whole_chain(8));
}

TEST_F(IntakeTest, AKnownChainIsNamedWhateverItIsWorth) {
  const Blocks own_chain = grow(3);
  own(own_chain);
  for (std::size_t length = 0; length <= 3; ++length) {
    EXPECT_EQ(take_chain(fork(own_chain, length, length)),
              whole_chain(static_cast<BlockId>(length)));
  }
}

TEST_F(IntakeTest, OneInvalidBlockIsEnough) {
  const Blocks own_chain = grow(2);
  own(own_chain);
  const Blocks longer = fork(own_chain, 1, 5);
  for (std::size_t i = 1; i < longer.size(); ++i) {
    Blocks broken = longer;
    broken[i].header.nonce ^= 1;
    EXPECT_EQ(take_chain(broken), staged_chain(Staged::invalid, Refusal::hash)) << i;
    broken = longer;
    broken[i].header.height += 1;
    EXPECT_EQ(take_chain(broken), staged_chain(Staged::invalid, Refusal::height)) << i;
    broken = longer;
    broken[i].header.previous_hash = sha256("another");
    EXPECT_EQ(take_chain(broken), staged_chain(Staged::invalid, Refusal::previous_hash)) << i;
  }
  EXPECT_EQ(tree_.size(), 3u);
}

TEST_F(IntakeTest, ValidityIsJudgedBeforeLength) {
  own(grow(3));
  Blocks shorter = grow(2);
  shorter[2].header.hash = sha256("forged");
  EXPECT_EQ(take_chain(shorter), staged_chain(Staged::invalid, Refusal::hash));
}

TEST_F(IntakeTest, TheGenesisIsComparedByText) {
  Blocks sorted = grow(2);
  sorted[0].header.order = KeyOrder{};
  EXPECT_EQ(take_chain(sorted), staged_chain(Staged::wrong_genesis, Refusal::wrong_genesis));
  EXPECT_EQ(take_block(sorted[0]), staged_block(Staged::unlinked, Refusal::height));
  Blocks other = grow(2);
  other[0].body = Texts{"another genesis"};
  EXPECT_EQ(take_chain(other), staged_chain(Staged::wrong_genesis, Refusal::wrong_genesis));
  EXPECT_EQ(take_chain({other[0]}), staged_chain(Staged::wrong_genesis, Refusal::wrong_genesis));
  EXPECT_EQ(tree_.size(), 1u);
}

TEST_F(IntakeTest, AGenesisWrittenWithSpacesIsTheSame) {
  BlockTree tree;
  tree.add_root(genesis_.block.header, test::spaced(random_, genesis_.text));
  Intake intake(tree, rules_, false, {}, [](BlockId, const std::string&) {});
  EXPECT_EQ(intake.take(0, {MessageType::whole_chain, grow(2)}, 0, kNow), whole_chain(2));
}

TEST_F(IntakeTest, ABlockOfOnesOwnIsKept) {
  const Blocks blocks = grow(2);
  EXPECT_EQ(intake_.add_own(blocks[1]), 1u);
  EXPECT_EQ(intake_.add_own(blocks[2]), 2u);
  EXPECT_EQ(kept_.size(), 2u);
  EXPECT_EQ(intake_.add_own(blocks[1]), 1u) << "once";
}

TEST_F(IntakeTest, TheVariantOrderOfHashing) {
  rules_.hash_order = HashOrder::variant;
  Intake intake(tree_, rules_, false, {}, [](BlockId, const std::string&) {});
  Block block = grow(1)[1];
  EXPECT_EQ(intake.take(0, {MessageType::latest_block, {block}}, 0, kNow),
            staged_block(Staged::invalid, Refusal::hash));
  block.header.hash = hash_of(block.header, HashOrder::variant);
  EXPECT_EQ(intake.take(0, {MessageType::latest_block, {block}}, 0, kNow), latest_block(1));
}

// `length` blocks with data, the genesis not counted.
Blocks blocks_with_data(const Block& genesis, std::size_t length) {
  Blocks blocks{genesis};
  while (blocks.size() <= length) {
    Block block{.header = {}, .body = Texts{"pay Alice 5"}};
    block.header.height = blocks.back().header.height + 1;
    block.header.timestamp_ms = 1'700'000'000'000 + block.header.height;
    block.header.previous_hash = blocks.back().header.hash;
    block.header.merkle_root = *merkle_root(block.body);
    block.header.hash = hash_of(block.header, HashOrder::standard);
    blocks.push_back(block);
  }
  return blocks;
}

TEST_F(IntakeTest, ABodyOfAnotherMerkleRootIsNotTaken) {
  Blocks blocks = blocks_with_data(genesis_.block, 3);
  blocks[2].body = Texts{"pay Mallory 5"};
  own({blocks[0], blocks[1]});
  const std::size_t before = tree_.size();
  EXPECT_EQ(take_block(blocks[2]), staged_block(Staged::other_body, Refusal::merkle_root));
  EXPECT_EQ(take_chain(blocks), staged_chain(Staged::other_body, Refusal::merkle_root));
  const Message page = intake_.take(0, {MessageType::blocks, {blocks[2]}}, tip_, kNow);
  EXPECT_EQ(page.staged, Staged::other_body);
  EXPECT_EQ(page.refusal, Refusal::merkle_root);
  EXPECT_EQ(tree_.size(), before);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(IntakeTest, WhereRootsAreNotCheckedAnyBodyIs) {
  Blocks blocks = blocks_with_data(genesis_.block, 1);
  blocks[1].body = Texts{"pay Mallory 5"};
  rules_.check_merkle_root = false;
  Intake intake(tree_, rules_, false, {}, [](BlockId, const std::string&) {});
  EXPECT_EQ(intake.take(0, {MessageType::latest_block, {blocks[1]}}, tip_, kNow), latest_block(1));
  EXPECT_TRUE(tree_.has_body(1));
}

// A header came first, by the new protocol; its body comes by the original's.
TEST_F(IntakeTest, ABodyForAKnownHeaderIsTheOneThatItNames) {
  const Blocks blocks = blocks_with_data(genesis_.block, 2);
  const auto take_headers = [&] {
    return intake_.take(
        0, {.type = MessageType::headers, .headers = {blocks[1].header, blocks[2].header}}, tip_,
        kNow);
  };
  EXPECT_EQ(take_headers(), make(MessageType::headers, 2, 2));
  Block other = blocks[1];
  other.body = Texts{"pay Mallory 5"};
  EXPECT_EQ(take_block(other), staged_block(Staged::other_body, Refusal::merkle_root));
  EXPECT_EQ(take_chain({blocks[0], other, blocks[2]}),
            staged_chain(Staged::other_body, Refusal::merkle_root));
  // The same hash over other fields.
  Block moved = blocks[1];
  const std::string digits = std::to_string(moved.header.timestamp_ms);
  moved.header.version += digits.substr(0, 1);
  moved.header.timestamp_ms = std::stoll(digits.substr(1));
  ASSERT_EQ(hash_of(moved.header, HashOrder::standard), moved.header.hash);
  EXPECT_EQ(take_block(moved), staged_block(Staged::invalid, Refusal::hash));
  EXPECT_EQ(take_chain({blocks[0], moved, blocks[2]}),
            staged_chain(Staged::invalid, Refusal::hash));
  EXPECT_FALSE(tree_.has_body(1));
  EXPECT_EQ(take_block(blocks[1]), latest_block(1));
  EXPECT_TRUE(tree_.has_body(1));
}

// Branches of one block that end three, four and five blocks below the own tip.
TEST_F(IntakeTest, HeadersAreStoredFromTheLowWorkDepthOn) {
  const Blocks own_chain = grow(10);
  own(own_chain);
  SyncLimits limits;
  limits.low_work_depth = 4;
  Intake intake(tree_, rules_, false, {}, {}, limits);
  for (const std::size_t below : {3u, 4u, 5u}) {
    const std::size_t height = own_chain.size() - 1 - below;
    const Header header = fork(own_chain, height - 1, height).back().header;
    const Message taken =
        intake.take(0, {.type = MessageType::headers, .headers = {header}}, tip_, kNow);
    EXPECT_EQ(taken.staged, below <= 4 ? Staged::no : Staged::low_work) << below;
    EXPECT_EQ(tree_.find(header.hash) != kNoBlock && !is_staged(taken.last), below <= 4) << below;
  }
}

class ForeignGenesis : public IntakeTest {
 protected:
  ForeignGenesis() : IntakeTest({.check_genesis = false}) {}
  Blocks foreign(std::size_t length) {
    Block genesis = genesis_.block;
    genesis.header.timestamp_ms = 42;
    return fork({genesis}, 0, length);
  }
};

TEST_F(ForeignGenesis, IsAdoptedWithItsChain) {
  own(grow(2));
  const Blocks blocks = foreign(3);
  EXPECT_EQ(take_chain(blocks), whole_chain(6));
  EXPECT_TRUE(tree_.is_root(3));
  EXPECT_EQ(tree_.root_text(3), encode_block(blocks[0]));
  ASSERT_EQ(kept_.size(), 4u);
  EXPECT_EQ(kept_[0], (std::pair<BlockId, std::string>{3, encode_data(blocks[0].body)}));
  EXPECT_EQ(tree_.fork_point(2, 6), kNoBlock);
  tip_ = 6;
  EXPECT_EQ(take_chain(blocks), whole_chain(6));
  EXPECT_EQ(take_block(blocks[3]), latest_block(6));
  const Blocks more = fork(blocks, 1, 5);
  EXPECT_EQ(take_chain(more), whole_chain(10)) << "the root is known by now";
  EXPECT_EQ(tree_.roots().size(), 2u);
}

TEST_F(ForeignGenesis, IsNotStoredForAChainThatDoesNotReplace) {
  own(grow(2));
  EXPECT_EQ(take_chain(foreign(2)), staged_chain(Staged::low_work, Refusal::not_longer));
  EXPECT_EQ(take_chain(foreign(0)), staged_chain(Staged::low_work, Refusal::genesis_tip));
  EXPECT_EQ(tree_.roots().size(), 1u);
}

TEST_F(ForeignGenesis, MustStandAtHeightZero) {
  Blocks blocks = foreign(0);
  blocks[0].header.height = 5;
  EXPECT_EQ(take_chain(fork(blocks, 0, 4)),
            staged_chain(Staged::wrong_genesis, Refusal::wrong_genesis));
}

// Two geneses with one hash, and the same blocks on both: the known blocks stand.
TEST_F(ForeignGenesis, BeforeKnownBlocksIsForgotten) {
  Blocks blocks = grow(4);
  own({blocks.begin(), blocks.begin() + 3});
  blocks[0] = foreign(0)[0];
  EXPECT_EQ(take_chain(blocks), whole_chain(4));
  EXPECT_EQ(tree_.ancestor(4, 0), 0u);
  EXPECT_EQ(tree_.roots().size(), 1u);
}

}  // namespace
