// Rules `work`, and what the intake does with headers that are light, late, forged or early.
#include <gtest/gtest.h>

#include <set>

#include "core/intake.h"
#include "core/merkle.h"
#include "core/random.h"

namespace {

using namespace chain;

constexpr std::int64_t kNow = 1'700'000'000'000;

Block mined_on(const ChainRules& rules, const BlockTree& tree, BlockId parent,
               const std::string& text, std::int64_t now_ms) {
  Block block{block_template(rules, tree, parent, now_ms), Texts{text}};
  block.header.merkle_root = *merkle_root(block.body);
  do {
    ++block.header.nonce;
    block.header.hash = hash_of(block.header, rules.hash_order);
  } while (leading_zero_bits(block.header.hash) < block.header.difficulty);
  return block;
}

class WorkRules : public testing::Test {
 protected:
  explicit WorkRules(ChainRules rules = {.kind = chain::RulesKind::work,
                                         .first_difficulty = 4,
                                         .retarget = 10,
                                         .block_interval = chain::seconds(10),
                                         .max_block = 2000})
      : rules_(rules), intake_(tree_, rules_, true, {}, [](BlockId, const std::string&) {}) {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
  }

  // Blocks on `parent`, a step of the clock apart; the last.
  BlockId grow(BlockId parent, int blocks, std::int64_t step_ms, const std::string& text = "x") {
    for (int i = 0; i < blocks; ++i) {
      const std::int64_t now = std::max(tree_.header(parent).timestamp_ms, kNow) + step_ms;
      parent = intake_.add_own(mined_on(rules_, tree_, parent, text, now));
    }
    return parent;
  }
  Message take(const std::vector<Header>& headers, BlockId tip) {
    return intake_.take(7, {.type = MessageType::headers, .headers = headers}, tip, kNow);
  }

  ChainRules rules_;
  BlockTree tree_;
  Intake intake_;
};

// Headers of a chain in a tree of its own, from height 1.
std::vector<Header> chain_apart(const ChainRules& rules, int blocks, const std::string& text) {
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  BlockTree tree;
  BlockId tip = tree.add_root(genesis.block.header, genesis.text);
  std::vector<Header> headers;
  for (int i = 0; i < blocks; ++i) {
    headers.push_back(mined_on(rules, tree, tip, text, kNow - 1'000'000 + i).header);
    tip = tree.add_header(headers.back(), tip, work_of(rules, headers.back()));
  }
  return headers;
}

TEST_F(WorkRules, EachFaultHasItsName) {
  const BlockId parent = grow(0, 12, 10'000);
  const Block good = mined_on(rules_, tree_, parent, "x", tree_.header(parent).timestamp_ms + 1);
  const auto check = [&](auto change, bool reseal = true) {
    Block block = good;
    change(block.header);
    if (reseal) {
      do {
        ++block.header.nonce;
        block.header.hash = hash_of(block.header, rules_.hash_order);
      } while (leading_zero_bits(block.header.hash) < block.header.difficulty);
    }
    return check_header(rules_, tree_, parent, block.header);
  };
  EXPECT_EQ(check([](Header&) {}, false), Refusal::none);
  EXPECT_EQ(check([](Header& h) { ++h.height; }), Refusal::height);
  EXPECT_EQ(check([](Header& h) { h.previous_hash.bytes[0] ^= 1; }), Refusal::previous_hash);
  EXPECT_EQ(check([](Header& h) { ++h.nonce; }, false), Refusal::hash);
  EXPECT_EQ(check([](Header& h) { h.version = "1.0.1"; }), Refusal::version);
  EXPECT_EQ(check([](Header& h) { ++h.difficulty; }), Refusal::difficulty);
  EXPECT_EQ(check([&](Header& h) { h.timestamp_ms = median_time_ms(tree_, parent); }),
            Refusal::timestamp);
  EXPECT_EQ(check([](Header& h) { h.nonce = -1'000'000; }), Refusal::nonce);
  Header weak = good.header;
  while (leading_zero_bits(weak.hash) >= weak.difficulty) {
    ++weak.nonce;
    weak.hash = hash_of(weak, rules_.hash_order);
  }
  EXPECT_EQ(check_header(rules_, tree_, parent, weak), Refusal::proof);
  ChainRules simulated = rules_;
  simulated.seal = Seal::simulated;
  EXPECT_EQ(check_header(simulated, tree_, parent, weak), Refusal::none);
  EXPECT_NE(network_id("genesis", simulated), network_id("genesis", rules_));
}

TEST_F(WorkRules, ABodyIsTheOneThatItsHeaderCommitsTo) {
  const Block block = mined_on(rules_, tree_, 0, "x", kNow);
  EXPECT_EQ(check_body(rules_, block.header, block.body), Refusal::none);
  EXPECT_EQ(check_body(rules_, block.header, Texts{"y"}), Refusal::merkle_root);
  const Block tree_part = mined_on(rules_, tree_, 0, std::string(64, 'A'), kNow);
  EXPECT_EQ(check_body(rules_, tree_part.header, tree_part.body), Refusal::data);
  const Block large = mined_on(rules_, tree_, 0, std::string(2000, 'x'), kNow);
  EXPECT_EQ(check_body(rules_, large.header, large.body), Refusal::size);
}

TEST_F(WorkRules, DifficultyFollowsTheClockInSeconds) {
  EXPECT_EQ(next_difficulty(rules_, tree_, 0), 4);
  EXPECT_EQ(next_difficulty(rules_, tree_, grow(0, 11, 10'000)), 4);
  EXPECT_EQ(next_difficulty(rules_, tree_, grow(0, 11, 1'000, "fast")), 5);
  EXPECT_EQ(next_difficulty(rules_, tree_, grow(0, 11, 30'000, "slow")), 3);
  const BlockId slow = grow(0, 101, 30'000, "slower");
  EXPECT_EQ(next_difficulty(rules_, tree_, slow), 0) << "never negative";
}

TEST_F(WorkRules, NoAdjustmentGoesBelowTheLeastDifficulty) {
  const BlockId slow = grow(0, 11, 30'000, "slow");  // adjusted once: from 4 to 3
  for (const std::int64_t least : {2, 3, 4}) {
    ChainRules rules = rules_;
    rules.min_difficulty = least;
    EXPECT_EQ(next_difficulty(rules, tree_, slow), std::max<std::int64_t>(least, 3)) << least;
  }
  rules_.min_difficulty = 3;
  const BlockId slower = grow(0, 21, 30'000, "slower");
  EXPECT_EQ(next_difficulty(rules_, tree_, slower), 3) << "where it would be 2";
}

TEST_F(WorkRules, ALeastDifficultyIsPartOfTheNetworksName) {
  const Hash old = sha256("work\n0\n4\n10\n10000000000\n2000\ngenesis");
  EXPECT_EQ(network_id("genesis", rules_), old) << "as before there was one";
  std::set<std::string> names;
  for (const std::int64_t least : {0, 1, 2, 40}) {
    ChainRules rules = rules_;
    rules.min_difficulty = least;
    names.insert(upper_hex(network_id("genesis", rules)));
  }
  EXPECT_EQ(names.size(), 4u);
}

TEST_F(WorkRules, WorkDoublesWithEachBitAndNeverOverflows) {
  Header header;
  header.difficulty = 40;
  EXPECT_EQ(work_of(rules_, header), std::uint64_t{1} << 40);
  header.height = 1;
  header.hash.bytes[0] = 1;
  const BlockId most = tree_.add_header(header, 0, ~std::uint64_t{0} - 5);
  header.height = 2;
  header.hash.bytes[0] = 2;
  EXPECT_EQ(tree_.work(tree_.add_header(header, most, 100)), ~std::uint64_t{0});
}

TEST_F(WorkRules, AnEarlyBlockIsNoVerdict) {
  const Header early = mined_on(rules_, tree_, 0, "x", kNow + 7'200'001).header;
  EXPECT_EQ(take({early}, 0).staged, Staged::early);
  EXPECT_EQ(intake_.take(7, {.type = MessageType::headers, .headers = {early}}, 0, kNow + 1).staged,
            Staged::no);
}

TEST_F(WorkRules, ForgedHeadersAreInvalidAndNotStored) {
  Header forged = mined_on(rules_, tree_, 0, "x", kNow).header;
  forged.difficulty = 0;
  forged.hash = hash_of(forged, rules_.hash_order);
  const Message message = take({forged}, 0);
  EXPECT_EQ(message.staged, Staged::invalid);
  EXPECT_EQ(message.refusal, Refusal::difficulty);
  EXPECT_EQ(tree_.size(), 1u);
}

class EasyWork : public WorkRules {
 protected:
  EasyWork() : WorkRules({.kind = chain::RulesKind::work}) {}
};

TEST_F(EasyWork, ALightBranchIsNotStored) {
  const BlockId tip = grow(0, 1000, 1);
  const std::size_t before = tree_.size();
  EXPECT_EQ(take(chain_apart(rules_, 300, "light"), tip).staged, Staged::low_work);
  EXPECT_EQ(tree_.size(), before);
  EXPECT_EQ(take(chain_apart(rules_, 900, "heavy"), tip).staged, Staged::no);
  EXPECT_EQ(tree_.size(), before + 900);
}

TEST_F(EasyWork, ALongBranchIsRunThroughTwiceAndThenStored) {
  const BlockId tip = grow(0, 5000, 1);
  const std::size_t before = tree_.size();
  const std::vector<Header> all = chain_apart(rules_, 4900, "other");
  const auto page = [&](std::size_t from, std::size_t to) {
    return take({all.begin() + static_cast<std::ptrdiff_t>(from),
                 all.begin() + static_cast<std::ptrdiff_t>(to)},
                tip);
  };
  EXPECT_EQ(page(0, 2000).staged, Staged::low_work);
  EXPECT_EQ(page(2000, 4000).staged, Staged::low_work);
  const Message again = page(4000, 4900);
  EXPECT_EQ(again.staged, Staged::low_work);
  EXPECT_EQ(again.last, 0u) << "from where it began";
  EXPECT_EQ(tree_.size(), before);
  EXPECT_EQ(page(0, 2000).staged, Staged::no);
  EXPECT_EQ(page(2000, 4000).staged, Staged::no);
  EXPECT_EQ(page(4000, 4900).staged, Staged::no);
  EXPECT_EQ(tree_.size(), before + 4900);
}

// The second time other headers come than those that outweighed the floor.
TEST_F(EasyWork, ALiarWhoChangesItsChainStoresNothing) {
  const BlockId tip = grow(0, 2500, 1);
  const std::size_t before = tree_.size();
  const std::vector<Header> heavy = chain_apart(rules_, 2400, "heavy");
  take({heavy.begin(), heavy.begin() + 2000}, tip);
  take({heavy.begin() + 2000, heavy.end()}, tip);
  const std::vector<Header> light = chain_apart(rules_, 2000, "light");
  EXPECT_EQ(take(light, tip).staged, Staged::low_work);
  EXPECT_EQ(tree_.size(), before);
}

TEST_F(EasyWork, WhoGoesTakesItsStageAlong) {
  const BlockId tip = grow(0, 5000, 1);
  const std::vector<Header> all = chain_apart(rules_, 2001, "other");
  take({all.begin(), all.begin() + 2000}, tip);
  intake_.forget(7);
  EXPECT_EQ(take({all[2000]}, tip).staged, Staged::unlinked);
}

TEST(BrokenTie, IsTheSameAtEveryCall) {
  const ChainRules base{.kind = chain::RulesKind::work};
  BlockTree tree;
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  tree.add_root(genesis.block.header, genesis.text);
  const Header a = mined_on(base, tree, 0, "a", kNow).header;
  const Header b = mined_on(base, tree, 0, "b", kNow).header;
  const BlockId first = tree.add_header(a, 0, 1), second = tree.add_header(b, 0, 1);
  ChainRules rules = base;
  EXPECT_FALSE(is_better(rules, tree, second, first, 1));
  rules.tie_break = chain::TieBreak::lowest_hash;
  EXPECT_EQ(is_better(rules, tree, second, first, 1), b.hash < a.hash);
  rules.tie_break = chain::TieBreak::random;
  int moves = 0;
  for (std::uint64_t salt = 0; salt < 1000; ++salt) {
    moves += is_better(rules, tree, second, first, salt) ? 1 : 0;
    ASSERT_NE(is_better(rules, tree, second, first, salt),
              is_better(rules, tree, first, second, salt));
  }
  EXPECT_NEAR(moves, 500, 80);
}

}  // namespace
