// The miner's threads: they solve, they stop, they change jobs.
#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "net-real/mine_answer.h"
#include "net-real/mine_queue.h"
#include "net-real/miner.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

constexpr std::int64_t kHopeless = 200;  // leading zero bits that nobody will find

MineJob job(std::uint64_t id, std::int64_t difficulty) {
  MineJob made{.id = id, .header = {}, .order = chain::HashOrder::standard};
  made.header.difficulty = difficulty;
  return made;
}

struct Solution {
  std::uint64_t id;
  chain::Header header;
};

// Solutions, one after the other, waited for.
class Solutions {
 public:
  Miner::Found taker() {
    return [this](std::uint64_t id, const chain::Header& header) {
      const std::lock_guard lock(mutex_);
      found_.push_back({id, header});
      changed_.notify_all();
    };
  }
  std::optional<Solution> next() {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(30), [this] { return !found_.empty(); });
    if (!came) return std::nullopt;
    Solution first = found_.front();
    found_.pop_front();
    return first;
  }
  bool empty() {
    const std::lock_guard lock(mutex_);
    return found_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Solution> found_;
};

TEST(Miner, FindsANonceThatMeetsTheDifficulty) {
  for (const unsigned threads : {1u, 3u}) {
    Solutions solutions;
    Miner miner(threads, solutions.taker());
    miner.start(job(7, 12));
    const auto found = solutions.next();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, 7u);
    EXPECT_EQ(found->header.hash, chain::hash_of(found->header, chain::HashOrder::standard));
    EXPECT_GE(chain::leading_zero_bits(found->header.hash), 12);
  }
}

TEST(Miner, OneThreadFindsTheFirstNonceFromOneOn) {
  Solutions solutions;
  Miner miner(1, solutions.taker());
  miner.start(job(1, 8));
  const auto found = solutions.next();
  ASSERT_TRUE(found);
  for (chain::Header header = found->header; --header.nonce >= 1;) {
    const chain::Hash hash = chain::hash_of(header, chain::HashOrder::standard);
    EXPECT_LT(chain::leading_zero_bits(hash), 8);
  }
}

TEST(Miner, CountsTheNoncesThatItTried) {
  Solutions solutions;
  Miner miner(1, solutions.taker());
  EXPECT_EQ(miner.hashes(), 0u);
  miner.start(job(1, 14));  // some 16,000: more than between two looks
  const auto first = solutions.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(miner.hashes(), static_cast<std::uint64_t>(first->header.nonce));
  miner.start(job(2, 3));
  const auto second = solutions.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(miner.hashes(), static_cast<std::uint64_t>(first->header.nonce + second->header.nonce));
}

TEST(Miner, ANegativeDifficultyIsMetByTheFirstNonce) {
  Solutions solutions;
  Miner miner(1, solutions.taker());
  miner.start(job(1, -5));
  EXPECT_EQ(solutions.next()->header.nonce, 1);
}

TEST(Miner, AJobIsGivenUpForTheNextAndAfterACancel) {
  Solutions solutions;
  Miner miner(2, solutions.taker());
  miner.start(job(1, kHopeless));
  miner.start(job(2, 4));
  EXPECT_EQ(solutions.next()->id, 2u);
  miner.start(job(3, kHopeless));
  miner.cancel();
  miner.start(job(4, 4));
  EXPECT_EQ(solutions.next()->id, 4u);
  EXPECT_TRUE(solutions.empty());
  miner.start(job(5, kHopeless));  // and the destructor does not wait for it
}

class Queue : public testing::Test {
 protected:
  Queue() : node_(directory_.path()) {}

  // The outcome of one request.
  MineEnd ended(std::optional<MineEnd>& end) {
    EXPECT_TRUE(node_.loop.run_until([&] { return end.has_value(); }, chain::seconds(30)));
    return end.value_or(MineEnd::stopping);
  }
  // The tip gets a difficulty, which the next block inherits.
  void make_difficult() {
    chain::Block block = block_after(node_.tip(), "hard");
    block.header.difficulty = kHopeless;
    block.header.hash = chain::hash_of(block.header, chain::HashOrder::standard);
    EXPECT_EQ(node_.host.mined(block), Host::Mining::taken);
  }

  TemporaryDirectory directory_;
  HostUnderTest node_;
};

TEST_F(Queue, AnswersWithTheBlockOnceItIsTheTip) {
  MineQueue queue(node_.loop, node_.host, node_.log.log, {});
  std::optional<MineEnd> end;
  std::string block;
  queue.mine({"x"}, [&](const MineResult& result) {
    end = result.end;
    block = result.block_json;
  });
  EXPECT_EQ(ended(end), MineEnd::mined);
  EXPECT_EQ(chain::decode_block(block, {})->header, node_.tip());
}

TEST_F(Queue, StartsAgainWhenTheTipMoves) {
  make_difficult();
  MineQueue queue(node_.loop, node_.host, node_.log.log, {});
  node_.host.on_tip([&] { queue.tip_moved(); });
  std::optional<MineEnd> end;
  queue.mine({"x"}, [&](const MineResult& result) { end = result.end; });
  const chain::Block easy = block_after(node_.tip(), "difficulty 0 again");
  EXPECT_EQ(node_.host.mined(easy), Host::Mining::taken);
  EXPECT_EQ(ended(end), MineEnd::mined);
  EXPECT_EQ(node_.tip().previous_hash, easy.header.hash);
}

// Nobody tells the queue that the tip moved, so both tries are for an old one. Without a seal the
// loop itself finds the blocks: one task for each try.
TEST(StaleBlock, EndsWithTheReasonThatTheOriginalGives) {
  const TemporaryDirectory directory;
  HostUnderTest node(directory.path(), {.genesis = widespread_genesis(),
                                        .rules = {.seal = chain::Seal::simulated},
                                        .protocol = chain::ProtocolKind::push_chain});
  MineQueue queue(node.loop, node.host, node.log.log, {});
  std::optional<MineResult> result;
  queue.mine({"x"}, [&](const MineResult& end) { result = end; });
  for (const char* word : {"faster", "faster again"}) {
    EXPECT_FALSE(result);
    EXPECT_EQ(node.host.mined(block_after(node.tip(), word)), Host::Mining::taken);
    bool tried = false;
    node.loop.post([&] { tried = true; });
    EXPECT_TRUE(node.loop.run_until([&] { return tried; }, chain::seconds(30)));
  }
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, MineEnd::stale);
  EXPECT_EQ(result->refusal, chain::Refusal::height);
}

TEST(MineAnswer, WhereTheOriginalAnswers500APushChainNodeDoesWithItsText) {
  const MineResult stale{.end = MineEnd::stale, .refusal = chain::Refusal::height};
  const HttpResponse original = mine_answer(stale, chain::ProtocolKind::push_chain);
  EXPECT_EQ(original.status, 500u);
  EXPECT_NE(original.body.find("\"ko\":\"블록 높이가 맞지않습니다.\""), std::string::npos);
  const HttpResponse ours = mine_answer(stale, chain::ProtocolKind::header_first);
  EXPECT_EQ(ours.status, 409u);
  EXPECT_EQ(ours.body, original.body);
  const MineResult full{.end = MineEnd::no_space};
  EXPECT_EQ(mine_answer(full, chain::ProtocolKind::push_chain).status, 507u);
}

TEST_F(Queue, GivesUpAfterTheTimeout) {
  make_difficult();
  MineQueue queue(node_.loop, node_.host, node_.log.log, {.timeout = chain::milliseconds(20)});
  std::optional<MineEnd> first, second;
  queue.mine({"x"}, [&](const MineResult& result) { first = result.end; });
  queue.mine({"y"}, [&](const MineResult& result) { second = result.end; });
  EXPECT_EQ(ended(first), MineEnd::timeout);
  EXPECT_EQ(ended(second), MineEnd::timeout);
}

TEST_F(Queue, PeopleComeBeforeBlocksOfItsOwn) {
  make_difficult();
  MineQueue queue(
      node_.loop, node_.host, node_.log.log,
      {.timeout = chain::milliseconds(20), .continuous = true, .interval = chain::nanoseconds(1)});
  node_.loop.run_until([] { return false; }, chain::milliseconds(1));  // its own is under way
  std::optional<MineEnd> end;
  queue.mine({"x"}, [&](const MineResult& result) { end = result.end; });
  EXPECT_EQ(ended(end), MineEnd::timeout);
}

TEST_F(Queue, MinesByItselfWhereAsked) {
  MineQueue queue(node_.loop, node_.host, node_.log.log,
                  {.continuous = true, .interval = chain::milliseconds(1)});
  EXPECT_TRUE(node_.loop.run_until([&] { return node_.tip().height >= 5; }, chain::seconds(30)));
}

}  // namespace
}  // namespace net
