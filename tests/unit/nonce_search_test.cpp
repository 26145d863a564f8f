// The search for nonces against its slow oracle, hash_of(), with every compression of this machine.
#include "core/nonce_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/block.h"

namespace {

using namespace chain;

constexpr std::int64_t kAlways = 0;  // leading zero bits: every nonce is found, after a fresh start
constexpr std::int64_t kOften = 3;   // one in 8; the digits of those between are counted in place
constexpr std::int64_t kSeldom = 7;  // one in 128
constexpr int kPlenty = 1000;        // rounds

// Its hashed text is `version_size` bytes longer than the shortest.
Header header_of(std::size_t version_size, std::int64_t difficulty) {
  Header header;
  header.version = std::string(version_size, 'v');
  header.height = 77;
  header.timestamp_ms = 1'700'000'000'000;
  header.merkle_root = sha256("root");
  header.previous_hash = sha256("previous");
  header.difficulty = difficulty;
  return header;
}

struct Case {
  Header header;
  HashOrder order = HashOrder::standard;
  std::int64_t first = 1;
  std::int64_t stride = 1;
  CompressTwo compress = nullptr;
};

// All that is found among `tries` nonces is what the oracle finds, in its order.
void expect_as_the_oracle(const Case& c, int tries) {
  NonceSearch search(hash_prefix(c.header, c.order), c.header.difficulty, c.first, c.stride,
                     c.compress);
  Header header = c.header;
  header.nonce = c.first;
  for (int i = 0; i < tries; ++i, header.nonce += c.stride) {
    const Hash hash = hash_of(header, c.order);
    if (leading_zero_bits(hash) < c.header.difficulty) continue;
    const auto found = search.next(kPlenty);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->nonce, header.nonce) << "prefix of " << hash_prefix(c.header, c.order).size()
                                          << " bytes, from " << c.first << " by " << c.stride;
    ASSERT_EQ(found->hash, hash) << found->nonce;
  }
}

class Compressions : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    if (GetParam() >= compressions().size()) GTEST_SKIP() << "this machine has no second one";
  }
  CompressTwo compress_two() const { return compressions()[GetParam()]; }
};
INSTANTIATE_TEST_SUITE_P(All, Compressions, testing::Values(0u, 1u));

// 64 lengths in a row: the digits, the padding and the length each come to lie on every border.
TEST_P(Compressions, FindWhatTheOracleFindsForEveryLengthOfThePrefix) {
  for (std::size_t size = 0; size < kSha256Block; ++size) {
    for (const HashOrder order : {HashOrder::standard, HashOrder::variant}) {
      for (const std::int64_t difficulty : {kAlways, kOften}) {
        const Header header = header_of(size, difficulty);
        expect_as_the_oracle({header, order, 1, 1, compress_two()}, 25);
        expect_as_the_oracle({header, order, 99'980, 1, compress_two()}, 40);
      }
    }
  }
}

TEST_P(Compressions, FindWhatTheOracleFindsAtEveryStride) {
  for (std::int64_t stride = 1; stride <= 7; ++stride) {
    for (std::int64_t first = 1; first <= stride; ++first) {
      expect_as_the_oracle({header_of(first % 2 ? 5 : 50, kSeldom), HashOrder::standard, first,
                            stride, compress_two()},
                           3000);
    }
  }
  for (const std::int64_t stride : {std::int64_t{256}, NonceSearch::kMaxStride}) {
    expect_as_the_oracle({header_of(5, kSeldom), HashOrder::variant, 3, stride, compress_two()},
                         3000);
  }
}

// Lanes have one digit more than their neighbours for a while, and at 55 bytes one block more.
TEST_P(Compressions, FindWhatTheOracleFindsWhereANonceGetsADigitMore) {
  for (std::int64_t power = 10; power < NonceSearch::kMaxNonce / 10; power *= 10) {
    for (std::size_t size = 20; size < kSha256Block; ++size) {
      for (const std::int64_t stride : {1, 3}) {
        expect_as_the_oracle({header_of(size, kOften), HashOrder::standard,
                              std::max<std::int64_t>(1, power - 20), stride, compress_two()},
                             30);
      }
    }
  }
}

TEST_P(Compressions, EndAtTheLastNonce) {
  for (std::int64_t tries = 1; tries <= 2 * NonceSearch::kLanes; ++tries) {
    for (std::size_t size = 0; size < 20; ++size) {
      Header header = header_of(size, 1);
      const std::int64_t first = NonceSearch::kMaxNonce - tries + 1;
      NonceSearch search(hash_prefix(header, HashOrder::standard), 1, first, 1, compress_two());
      for (header.nonce = first; header.nonce <= NonceSearch::kMaxNonce; ++header.nonce) {
        const Hash hash = hash_of(header, HashOrder::standard);
        if (leading_zero_bits(hash) < 1) continue;
        const auto found = search.next(kPlenty);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->nonce, header.nonce);
      }
      EXPECT_FALSE(search.next(kPlenty)) << "beyond the last";
      EXPECT_TRUE(search.exhausted());
    }
  }
}

TEST_P(Compressions, TakeTwoDifferentBlocksIntoTwoDifferentStates) {
  Sha256State a = kSha256Start, b = kSha256Start;
  const std::string text = std::string(32, 'a') + std::string(32, 'b') + std::string(64, 'c');
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  Sha256State want_a = a, want_b = b;
  for (int i = 0; i < 100; ++i) {
    compress_two()(a, bytes + i % 64, b, bytes + (i * 7 + 1) % 64);
    compress(want_a, bytes + i % 64);
    compress(want_b, bytes + (i * 7 + 1) % 64);
    ASSERT_EQ(a, want_a) << i;
    ASSERT_EQ(b, want_b) << i;
  }
}

TEST(NonceSearch, TriesNoMoreThanItIsAskedTo) {
  const Header header = header_of(5, 8);
  const std::string prefix = hash_prefix(header, HashOrder::standard);
  const auto all_at_once = NonceSearch(prefix, 8, 1, 1).next(kPlenty);
  ASSERT_TRUE(all_at_once);
  NonceSearch search(prefix, 8, 1, 1);
  std::int64_t rounds = 1;
  auto found = search.next(1);
  for (; !found; ++rounds) found = search.next(1);
  EXPECT_EQ(found->nonce, all_at_once->nonce);
  EXPECT_EQ(rounds, (found->nonce + NonceSearch::kLanes - 1) / NonceSearch::kLanes);
}

// Hashes so good that nobody finds one: made up, 0 but for one bit.
TEST(NonceSearch, ComparesDifficultiesOfAnySizeExactly) {
  const CompressTwo seventy_zeros = [](Sha256State& a, const std::uint8_t*, Sha256State& b,
                                       const std::uint8_t*) {
    a = b = {0, 0, 0x0200'0000};
  };
  const CompressTwo all_zeros = [](Sha256State& a, const std::uint8_t*, Sha256State& b,
                                   const std::uint8_t*) { a = b = {}; };
  const auto meets = [](CompressTwo compress_two, std::int64_t difficulty) {
    return NonceSearch("", difficulty, 1, 1, compress_two).next(1).has_value();
  };
  for (const std::int64_t difficulty : {INT64_MIN, std::int64_t{-1}, kAlways, std::int64_t{63},
                                        std::int64_t{64}, std::int64_t{65}, std::int64_t{70}}) {
    EXPECT_TRUE(meets(seventy_zeros, difficulty)) << difficulty;
  }
  EXPECT_FALSE(meets(seventy_zeros, 71));
  EXPECT_FALSE(meets(seventy_zeros, INT64_MAX));
  EXPECT_TRUE(meets(all_zeros, 256));
  EXPECT_FALSE(meets(all_zeros, 257));
}

}  // namespace
