// The limits of branches beside the own chain: each at one less, at it, and at one more.
#include "core/branch_accounts.h"

#include <gtest/gtest.h>

#include "core/intake.h"
#include "core/merkle.h"

namespace {

using namespace chain;

constexpr std::uint64_t kHeavy = 1000;  // the work of a block of the own chain

class Accounts : public testing::Test {
 protected:
  Accounts() {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    fork_ = tree_.add_root(genesis.block.header, genesis.text);
    tip_ = grow(fork_, 50, kHeavy);
  }
  BlockId grow(BlockId parent, int blocks, std::uint64_t work) {
    for (int i = 0; i < blocks; ++i) {
      Header header;
      header.height = tree_.header(parent).height + 1;
      header.hash = sha256(std::to_string(tree_.size()));
      parent = tree_.add_header(header, parent, work);
    }
    return parent;
  }
  bool admits(PeerId from, BlockId base, std::uint32_t count, std::uint64_t work = 1) {
    return accounts_.admits_headers(from, tip_, base, tree_.height(base) + count,
                                    tree_.work(base) + work);
  }
  // A branch on the fork, stored if it may be.
  BlockId store(PeerId from, std::uint32_t count) {
    if (!accounts_.has_begun()) accounts_.begin(tip_);
    if (!admits(from, fork_, count)) return kNoBlock;
    const BlockId last = grow(fork_, static_cast<int>(count), 0);
    accounts_.add_headers(from, tip_, fork_, last, false);
    return last;
  }
  bool store_body(PeerId from, BlockId block, std::uint64_t bytes) {
    if (!accounts_.admits_bodies(from, tip_, block, tree_.work(block), bytes)) return false;
    if (tree_.has_body(block)) return true;
    const std::uint64_t around = probe_bytes(block);
    tree_.add_body(block, bytes - around);
    accounts_.add_body(from, tip_, block);
    EXPECT_EQ(tree_.block_bytes(block), bytes);
    return true;
  }
  // The bytes of a block around its data.
  std::uint64_t probe_bytes(BlockId block) {
    tree_.add_body(block, 1);
    const std::uint64_t bytes = tree_.block_bytes(block) - 1;
    tree_.remove_body(block);
    return bytes;
  }

  SyncLimits limits_{.branch_headers = 100,
                     .peer_branch_headers = 20,
                     .peer_branch_bytes = 5000,
                     .total_branch_headers = 50,
                     .total_branch_bytes = 12'000};
  BlockTree tree_;
  BlockId fork_ = kNoBlock, tip_ = kNoBlock;
  BranchAccounts accounts_{tree_, limits_};
};

TEST_F(Accounts, ABranchIsShortForItsWork) {
  for (const std::uint64_t blocks_of_work : {0u, 1u, 7u}) {
    const std::uint64_t work = blocks_of_work * kHeavy;
    const std::uint64_t limit = 144 + blocks_of_work;
    for (const std::uint64_t count : {limit - 1, limit, limit + 1}) {
      EXPECT_EQ(is_short_branch(tree_, tip_, count, work, 144), count <= limit) << count;
      EXPECT_EQ(is_short_branch(tree_, tip_, count, work + kHeavy - 1, 144), count <= limit);
    }
  }
  EXPECT_TRUE(is_short_branch(tree_, fork_, 144, 0, 144)) << "on a root, too";
}

TEST_F(Accounts, ALongBranchOfLittleWorkIsNotAdmitted) {
  limits_.peer_branch_headers = limits_.total_branch_headers = 1000;
  accounts_.begin(tip_);
  EXPECT_TRUE(admits(1, fork_, 99));
  EXPECT_TRUE(admits(1, fork_, 100));
  EXPECT_FALSE(admits(1, fork_, 101));
  EXPECT_TRUE(admits(1, fork_, 101, kHeavy));
  const BlockId stored = store(1, 100);
  EXPECT_FALSE(admits(1, stored, 1)) << "the branch counts as a whole";
  EXPECT_TRUE(admits(1, tree_.parent(stored), 1));
}

TEST_F(Accounts, APeerHasSoManyHeaders) {
  EXPECT_EQ(store(1, 21), kNoBlock);
  EXPECT_NE(store(1, 19), kNoBlock);
  EXPECT_EQ(store(1, 2), kNoBlock);
  EXPECT_NE(store(1, 1), kNoBlock);
  EXPECT_EQ(store(1, 1), kNoBlock);
  EXPECT_NE(store(2, 20), kNoBlock) << "another has its own account";
}

TEST_F(Accounts, AllPeersHaveSoManyHeaders) {
  EXPECT_NE(store(1, 20), kNoBlock);
  EXPECT_NE(store(2, 20), kNoBlock);
  accounts_.forget(1);
  accounts_.forget(2);
  EXPECT_EQ(accounts_.peers(), 0u);
  EXPECT_EQ(store(3, 11), kNoBlock) << "what is stored counts on";
  EXPECT_NE(store(3, 9), kNoBlock);
  EXPECT_NE(store(1, 1), kNoBlock);
  EXPECT_EQ(store(2, 1), kNoBlock);
}

TEST_F(Accounts, APeerHasSoManyBytes) {
  const BlockId block = store(1, 3), below = tree_.parent(block), first = tree_.parent(below);
  EXPECT_FALSE(store_body(1, first, 5001));
  EXPECT_TRUE(store_body(1, first, 4000));
  EXPECT_FALSE(store_body(1, below, 1001));
  EXPECT_TRUE(store_body(1, below, 1000));
  EXPECT_FALSE(store_body(1, block, 1000));
  EXPECT_TRUE(store_body(2, block, 5000)) << "who sent the header is another matter";
}

TEST_F(Accounts, AllPeersHaveSoManyBytes) {
  for (const PeerId peer : {1u, 2u}) {
    EXPECT_TRUE(store_body(peer, store(peer, 1), 5000));
    accounts_.forget(peer);
  }
  const BlockId block = store(3, 2);
  EXPECT_FALSE(store_body(3, block, 2001));
  EXPECT_TRUE(store_body(3, block, 2000));
  EXPECT_FALSE(store_body(3, tree_.parent(block), 1000));
}

TEST_F(Accounts, ABranchThatOutweighsTheOwnChainIsExempt) {
  accounts_.begin(tip_);
  const std::uint64_t own = tree_.work(tip_) - tree_.work(fork_);
  EXPECT_FALSE(admits(1, fork_, 500, own - 1));
  EXPECT_FALSE(admits(1, fork_, 500, own));
  EXPECT_TRUE(admits(1, fork_, 500, own + 1));
  const BlockId light = grow(fork_, 400, 0), head = grow(light, 51, kHeavy);
  accounts_.add_headers(1, tip_, fork_, light, true);
  accounts_.add_headers(1, tip_, light, head, false);
  EXPECT_TRUE(store_body(1, light, 1'000'000)) << "it leads to a heavy head";
  EXPECT_NE(store(1, 20), kNoBlock) << "none of it was counted";
}

// Anybody can make them where a block costs nothing.
TEST_F(Accounts, SiblingsOfTheTipAreCounted) {
  accounts_.begin(tip_);
  const BlockId parent = tree_.parent(tip_);
  std::uint32_t taken = 0;
  while (admits(1, parent, 1, tree_.work(tip_) - tree_.work(parent)) && taken < 1000) {
    accounts_.add_headers(1, tip_, parent, grow(parent, 1, kHeavy), false);
    ++taken;
  }
  EXPECT_EQ(taken, limits_.peer_branch_headers);
}

// Many tips that weigh as much as the own one displace no heavier branch.
TEST_F(Accounts, TheHeaviestBranchStaysExempt) {
  accounts_.begin(tip_);
  const BlockId light = grow(fork_, 400, 0), head = grow(light, 60, kHeavy);
  accounts_.add_headers(1, tip_, fork_, light, true);
  accounts_.add_headers(1, tip_, light, head, false);
  for (int i = 0; i < 200; ++i) {
    accounts_.add_headers(2, tip_, tree_.parent(tip_), grow(tree_.parent(tip_), 1, kHeavy), false);
  }
  EXPECT_TRUE(store_body(1, light, 1'000'000));
}

TEST_F(Accounts, WhatTheOwnChainTookIsNotCounted) {
  const BlockId branch = store(1, 20);
  EXPECT_TRUE(store_body(1, branch, 5000));
  EXPECT_EQ(store(1, 1), kNoBlock);
  tip_ = grow(branch, 1, 1'000'000);  // which the node follows now
  fork_ = tip_;
  tip_ = grow(tip_, 1, kHeavy);
  const BlockId next = store(1, 20);
  EXPECT_NE(next, kNoBlock);
  EXPECT_TRUE(store_body(1, next, 5000));
}

TEST_F(Accounts, AWithdrawnBodyIsNotCounted) {
  const BlockId branch = store(1, 2);
  EXPECT_TRUE(store_body(1, branch, 5000));
  tree_.remove_body(branch);
  tip_ = grow(tip_, 1, kHeavy);
  EXPECT_TRUE(store_body(1, branch, 5000));
}

TEST_F(Accounts, WhatIsStoredAlreadyCounts) {
  grow(fork_, 45, 0);
  const BlockId heavy = grow(grow(fork_, 400, 0), 51, kHeavy);
  EXPECT_NE(heavy, kNoBlock);
  accounts_.begin(tip_);
  EXPECT_EQ(store(1, 6), kNoBlock);
  EXPECT_NE(store(1, 5), kNoBlock) << "the heavy branch is exempt";
}

// --- Through the intake --------------------------------------------------------------------------

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr ChainRules kRules{
    .kind = RulesKind::work, .first_difficulty = 4, .retarget = 5, .block_interval = seconds(10)};

Block mined_on(const BlockTree& tree, BlockId parent, const std::string& text,
               std::int64_t step_ms) {
  const std::int64_t now = std::max(tree.header(parent).timestamp_ms, kNow) + step_ms;
  Block block{block_template(kRules, tree, parent, now), Texts{text}};
  block.header.merkle_root = *merkle_root(block.body);
  do {
    ++block.header.nonce;
    block.header.hash = hash_of(block.header, kRules.hash_order);
  } while (leading_zero_bits(block.header.hash) < block.header.difficulty);
  return block;
}

class BranchIntake : public testing::Test {
 protected:
  static constexpr std::uint32_t kFork = 10;  // the height below the branch

  BranchIntake() {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tip_ = tree_.add_root(genesis.block.header, genesis.text);
    for (int i = 0; i < 60; ++i) tip_ = intake_.add_own(mined_on(tree_, tip_, "own", 10'000));
    // Slow blocks from height 10 on, until they cost nothing: 2^0 hashes.
    other_.add_root(genesis.block.header, genesis.text);
    for (std::uint32_t height = 1; height <= kFork; ++height) {
      const Header& header = tree_.header(tree_.ancestor(tip_, height));
      last_ = other_.add_header(header, height - 1, work_of(kRules, header));
    }
    do {
      spine_.push_back(next("spine", 30'000));
    } while (next_difficulty(kRules, other_, last_) > 0);
  }
  // The next block of the branch.
  Block next(const std::string& text, std::int64_t step_ms) {
    const Block block = mined_on(other_, last_, text, step_ms);
    last_ = other_.add_header(block.header, last_, work_of(kRules, block.header));
    return block;
  }
  Message take(PeerId from, MessageType type, std::vector<Block> blocks) {
    WireMessage wire{.type = type};
    if (type == MessageType::headers) {
      for (const Block& block : blocks) wire.headers.push_back(block.header);
    } else {
      wire.blocks = std::move(blocks);
    }
    return intake_.take(from, wire, tip_, kNow + 100'000'000);
  }

  SyncLimits limits_;
  BlockTree tree_, other_;
  Intake intake_{tree_, kRules, true, {}, [](BlockId, const std::string&) {}, limits_};
  BlockId tip_ = kNoBlock, last_ = kNoBlock;
  std::vector<Block> spine_;
};

TEST_F(BranchIntake, CheapHeadersAreStoredUpToTheAllowanceOnly) {
  limits_.branch_headers = static_cast<std::uint32_t>(spine_.size()) + 30;
  EXPECT_EQ(take(1, MessageType::headers, spine_).staged, Staged::no);
  std::size_t stored = 0;
  for (int i = 0; i < 200; ++i) {
    if (take(1, MessageType::headers, {next("cheap", 5'100)}).staged != Staged::no) break;
    ++stored;
  }
  EXPECT_GE(stored, 30u);
  EXPECT_LT(stored, 30u + 20) << "one more for each tip block's work";
}

// A branch that is short for its work in the end alone: its first page is stored in the second
// pass.
TEST_F(BranchIntake, APageOfABranchThatTheFirstPassAdmittedIsStored) {
  limits_.branch_headers = 1;
  for (int i = 0; i < 30; ++i) tip_ = intake_.add_own(mined_on(tree_, tip_, "own", 10'000));
  const std::uint64_t before = other_.work(kFork);
  std::vector<Block> rise;
  const auto is_short = [&] {
    return is_short_branch(tree_, tip_, spine_.size() + rise.size(), other_.work(last_) - before,
                           limits_.branch_headers);
  };
  ASSERT_FALSE(is_short());
  while (!is_short()) rise.push_back(next("rise", 100));
  ASSERT_LT(other_.work(last_), tree_.work(tip_));
  EXPECT_EQ(take(1, MessageType::headers, spine_).staged, Staged::low_work);
  EXPECT_EQ(take(1, MessageType::headers, rise).staged, Staged::low_work);
  EXPECT_EQ(take(1, MessageType::headers, spine_).staged, Staged::no);
  EXPECT_EQ(take(1, MessageType::headers, rise).staged, Staged::no);
  EXPECT_NE(tree_.find(rise.back().header.hash), kNoBlock);
}

// One block of the attacker's takes one hash; a limit on each branch alone would let 144 more pass
// for each of many short ones.
TEST_F(BranchIntake, ManyShortBranchesHaveALimitTogether) {
  limits_.peer_branch_headers = static_cast<std::uint32_t>(spine_.size()) + 25;
  EXPECT_EQ(take(1, MessageType::headers, spine_).staged, Staged::no);
  const BlockId end = last_;
  std::size_t stored = 0;
  for (int i = 0; i < 50; ++i) {
    last_ = end;
    const std::vector<Block> branch{next("a" + std::to_string(i), 5'100),
                                    next("b" + std::to_string(i), 5'100)};
    if (take(1, MessageType::headers, branch).staged == Staged::no) stored += 2;
  }
  EXPECT_EQ(stored, 24u);
  intake_.forget(1);
  last_ = end;
  EXPECT_EQ(take(1, MessageType::headers, {next("again", 5'100)}).staged, Staged::no)
      << "the account ended with the connection";
}

TEST_F(BranchIntake, BodiesHaveALimitInEachProtocol) {
  for (const MessageType type : {MessageType::blocks, MessageType::latest_block}) {
    limits_.peer_branch_bytes = 30'000;
    const PeerId peer = type == MessageType::blocks ? 1 : 2;
    EXPECT_EQ(take(peer, MessageType::headers, spine_).staged, Staged::no);
    const BlockId end = last_;
    std::size_t stored = 0;
    for (int i = 0; i < 40; ++i) {
      last_ = end;
      const std::string text = std::to_string(peer) + std::to_string(i);
      const Block block = next(text + std::string(2'000, 'x'), 5'100);
      if (take(peer, type, {block}).staged == Staged::no) ++stored;
    }
    EXPECT_GE(stored, 10u) << name_of(type);
    EXPECT_LE(stored, 15u) << name_of(type);
    last_ = end;
  }
}

// A peer of the original sends bodies for headers that another protocol brought: of a chain that is
// known and shorter than the own one.
TEST(OriginalsBodies, OfKnownHeadersHaveALimit) {
  constexpr ChainRules kTutorial{};
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  const auto chain_of = [&](int blocks, const std::string& text) {
    std::vector<Block> chain{genesis.block};
    for (int i = 0; i < blocks; ++i) {
      const Header& parent = chain.back().header;
      Block block{.header = {}, .body = Texts{text}};
      block.header.height = parent.height + 1;
      block.header.timestamp_ms = kNow + i;
      block.header.previous_hash = parent.hash;
      block.header.merkle_root = *merkle_root(block.body);
      block.header.hash = hash_of(block.header, kTutorial.hash_order);
      chain.push_back(std::move(block));
    }
    return chain;
  };
  const std::vector<Block> own = chain_of(30, "own");
  const std::vector<Block> other = chain_of(20, std::string(1'000, 'x'));
  WireMessage headers{.type = MessageType::headers};
  for (std::size_t i = 1; i < other.size(); ++i) headers.headers.push_back(other[i].header);
  for (const std::uint64_t limit : {0u, 5'000u, 100'000u}) {
    SyncLimits limits;
    limits.peer_branch_bytes = limit;
    BlockTree tree;
    BlockId tip = tree.add_root(genesis.block.header, genesis.text);
    Intake intake(
        tree, kTutorial, true, {}, [](BlockId, const std::string&) {}, limits);
    for (std::size_t i = 1; i < own.size(); ++i) tip = intake.add_own(own[i]);
    EXPECT_EQ(intake.take(1, headers, tip, kNow).staged, Staged::no);
    const WireMessage whole{.type = MessageType::whole_chain, .blocks = other};
    EXPECT_EQ(intake.take(2, whole, tip, kNow).staged, Staged::no);
    std::uint64_t bytes = 0;
    for (std::size_t i = 1; i < other.size(); ++i) {
      const BlockId block = tree.find(other[i].header.hash);
      if (tree.has_body(block)) bytes += tree.block_bytes(block);
    }
    EXPECT_LE(bytes, limit);
    EXPECT_GE(bytes + 2'000, std::min<std::uint64_t>(limit, 20'000));
  }
}

// More headers than any account holds, in pages: shown first, and stored then.
TEST_F(BranchIntake, ABranchThatOutweighsIsStoredBeyondEveryLimit) {
  limits_.branch_headers = 0;
  limits_.peer_branch_headers = limits_.total_branch_headers = 0;
  limits_.peer_branch_bytes = limits_.total_branch_bytes = 0;
  std::vector<Block> branch;
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  BlockTree other;
  BlockId last = other.add_root(genesis.block.header, genesis.text);
  while (other.work(last) <= tree_.work(tip_) + 100) {
    branch.push_back(mined_on(other, last, "better", 10'000));
    last = other.add_header(branch.back().header, last, work_of(kRules, branch.back().header));
  }
  const auto page = [&](std::size_t first) {
    const auto begin = branch.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = std::min(first + 20, branch.size());
    return take(1, MessageType::headers,
                {begin, branch.begin() + static_cast<std::ptrdiff_t>(end)});
  };
  ASSERT_GT(branch.size(), 60u);  // the first 60 weigh as much as the own chain
  for (const std::size_t first : {0u, 20u, 40u, 60u}) {
    EXPECT_EQ(page(first).staged, Staged::low_work) << first;
    EXPECT_EQ(tree_.find(branch[first].header.hash), kNoBlock);
  }
  for (std::size_t first = 0; first < branch.size(); first += 20) {
    EXPECT_EQ(page(first).staged, Staged::no) << first;
  }
  EXPECT_NE(tree_.find(branch.back().header.hash), kNoBlock);
  for (const Block& block : branch) {
    EXPECT_EQ(take(1, MessageType::blocks, {block}).staged, Staged::no) << block.header.height;
  }
}

}  // namespace
