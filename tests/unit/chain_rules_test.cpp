#include "core/chain_rules.h"

#include <gtest/gtest.h>

#include "core/json_codec.h"
#include "core/merkle.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

class CheckBlock : public testing::Test {
 protected:
  CheckBlock() : random_(1) {
    parent_ = test::random_genesis(random_).header;
    block_ = test::random_child(random_, parent_, false).header;
  }
  Refusal check() const { return check_block(rules_, block_, parent_); }

  Random random_;
  ChainRules rules_;
  Header parent_;
  Header block_;
};

TEST_F(CheckBlock, AChildIsValid) { EXPECT_EQ(check(), Refusal::none); }

TEST_F(CheckBlock, TheFirstFailingCheckAnswers) {
  block_.hash = {};
  EXPECT_EQ(check(), Refusal::hash);
  block_.previous_hash = sha256("another");
  EXPECT_EQ(check(), Refusal::previous_hash);
  block_.height = parent_.height;
  EXPECT_EQ(check(), Refusal::height);
}

TEST_F(CheckBlock, HeightMustBeTheNext) {
  for (const std::int64_t height :
       {std::int64_t{0}, std::int64_t{2}, (std::int64_t{1} << 53) - 1}) {
    block_.height = height;
    EXPECT_EQ(check(), Refusal::height) << height;
  }
}

TEST_F(CheckBlock, TheHashFollowsTheNetworksOrder) {
  rules_.hash_order = HashOrder::variant;
  EXPECT_EQ(check(), Refusal::hash);
  block_.hash = hash_of(block_, HashOrder::variant);
  EXPECT_EQ(check(), Refusal::none);
}

TEST_F(CheckBlock, ASimulatedSealIsNoExcuseForAWrongHash) {
  rules_.seal = Seal::simulated;
  EXPECT_EQ(check(), Refusal::none);
  block_.hash = sha256("an oracle found it");
  EXPECT_EQ(check(), Refusal::hash);
}

// What no clone checks: merkle root, timestamp, difficulty, proof of work.
TEST_F(CheckBlock, TheRestIsNotChecked) {
  block_.merkle_root = sha256("not of the data");
  block_.timestamp_ms = 1;
  block_.difficulty = 200;
  block_.version = "anything";
  block_.hash = hash_of(block_, HashOrder::standard);
  EXPECT_EQ(check(), Refusal::none);
}

TEST(CheckBody, TutorialAsksForTheMerkleRootThatTheHeaderNames) {
  Header header;
  header.merkle_root = *merkle_root(Texts{"pay Alice 5"});
  const Texts other{"pay Mallory 5"};
  EXPECT_EQ(check_body({}, header, Texts{"pay Alice 5"}), Refusal::none);
  EXPECT_EQ(check_body({}, header, other), Refusal::merkle_root);
  EXPECT_EQ(check_body({}, header, Texts{}), Refusal::merkle_root);
  EXPECT_EQ(check_body({.check_merkle_root = false}, header, other), Refusal::none);
  header.has_merkle_root = false;
  EXPECT_EQ(check_body({}, header, other), Refusal::none);
}

// Two headers, or a header and two bodies, of one hash: what no check of `tutorial` tells apart.
TEST(HashText, LeavesSomeOfABlockOpen) {
  const auto hash = [](const Header& header) { return hash_of(header, HashOrder::standard); };
  Header header;
  header.height = 1;
  header.timestamp_ms = 1'700'000'000'000;
  header.difficulty = 1;
  header.nonce = 23;
  header.merkle_root = *merkle_root(Texts{"a", "b"});
  Header moved = header;  // a digit of the timestamp into the version
  moved.version = "1.0.01";
  moved.timestamp_ms = 700'000'000'000;
  EXPECT_EQ(hash(moved), hash(header));
  moved = header;  // a digit of the nonce into the difficulty
  moved.difficulty = 12;
  moved.nonce = 3;
  EXPECT_EQ(hash(moved), hash(header));
  const Hash a = *merkle_root(Texts{"a"}), b = *merkle_root(Texts{"b"});
  for (const Texts& data :
       {Texts{"a", "b"}, Texts{upper_hex(a), upper_hex(b)}, Texts{upper_hex(a) + upper_hex(b)}}) {
    EXPECT_EQ(check_body({}, header, data), Refusal::none);
  }
}

TEST(NetworkId, IsThatOfBeforeWhereMerkleRootsAreChecked) {
  EXPECT_EQ(network_id("text", {}), sha256("tutorial\n0\n0\n0\n10000000000\n0\ntext"));
  EXPECT_NE(network_id("text", {.check_merkle_root = false}), network_id("text", {}));
}

TEST(CheckReplacement, HeightDecidesAndOneBlockIsTooFew) {
  EXPECT_EQ(check_replacement(0, false, 0), Refusal::genesis_tip);
  EXPECT_EQ(check_replacement(0, false, 7), Refusal::genesis_tip);
  EXPECT_EQ(check_replacement(6, false, 7), Refusal::not_longer);
  EXPECT_EQ(check_replacement(7, false, 7), Refusal::not_longer);
  EXPECT_EQ(check_replacement(8, true, 7), Refusal::one_block_short);
  EXPECT_EQ(check_replacement(8, false, 7), Refusal::none);
  EXPECT_EQ(check_replacement(9, false, 7), Refusal::none);
}

TEST(BlockTemplate, StandsOnItsTip) {
  const auto genesis = parse_genesis(kWidespreadGenesis);
  BlockTree tree;
  tree.add_root(genesis->block.header, genesis->text);
  const Header header = block_template({}, tree, 0, 1'700'000'000'123);
  EXPECT_EQ(header.height, 1);
  EXPECT_EQ(header.previous_hash, genesis->block.header.hash);
  EXPECT_EQ(header.timestamp_ms, 1'700'000'000'123);
  EXPECT_EQ(header.version, "1.0.0");
  EXPECT_EQ(header.difficulty, 0);
  EXPECT_EQ(work_of({}, header), 1u);
}

}  // namespace
