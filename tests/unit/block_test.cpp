#include "core/block.h"

#include <gtest/gtest.h>

#include "core/merkle.h"

namespace {

using namespace chain;

Header header_of_a() {
  Header header;
  header.height = 1;
  header.timestamp_ms = 1'700'000'000'000;
  header.merkle_root = *merkle_root(Texts{"a"});
  header.nonce = 1;
  return header;
}

// The expected hashes were computed with Python's hashlib over the texts.
TEST(BlockHash, StandardOrder) {
  EXPECT_EQ(hash_prefix(header_of_a(), HashOrder::standard) + "1",
            "1.0.0"
            "1700000000000"
            "1"
            "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB" +
                std::string(64, '0') +
                "0"
                "1");
  EXPECT_EQ(lower_hex(hash_of(header_of_a(), HashOrder::standard)),
            "00670d245bf13f936feeba17ef5830b8069be8ed571e60383112258814cc108c");
}

TEST(BlockHash, VariantOrderHasTheHeightAfterThePreviousHash) {
  EXPECT_EQ(lower_hex(hash_of(header_of_a(), HashOrder::variant)),
            "90900762d7093b86c87e1654a4a997ba637222b855c392b0a304d207eb9c2219");
}

TEST(BlockHash, AnAbsentMerkleRootIsTheTextUndefined) {
  Header header = header_of_a();
  header.has_merkle_root = false;
  header.difficulty = -3;
  header.nonce = -7;
  EXPECT_EQ(lower_hex(hash_of(header, HashOrder::standard)),
            "d2cecc6230cc102b395effba5348817f2507bd4b7835330da8c20ddf101638f1");
}

TEST(BlockHash, NeitherKeyOrderNorTheClaimedHashEnter) {
  Header header = header_of_a();
  const Hash hash = hash_of(header, HashOrder::standard);
  std::swap(header.order.keys[0], header.order.keys[8]);
  header.hash = sha256("other");
  EXPECT_EQ(hash_of(header, HashOrder::standard), hash);
}

TEST(BlockHash, TwoBlocksCanShareOne) {
  Header a = header_of_a();
  Header b = a;
  a.difficulty = 1;
  a.nonce = 23;
  b.difficulty = 12;
  b.nonce = 3;
  EXPECT_EQ(hash_of(a, HashOrder::standard), hash_of(b, HashOrder::standard));
}

TEST(LeadingZeroBits, AreCountedInBits) {
  Hash hash;
  EXPECT_EQ(leading_zero_bits(hash), 256);
  hash.bytes[31] = 1;
  EXPECT_EQ(leading_zero_bits(hash), 255);
  hash.bytes[2] = 0x10;
  EXPECT_EQ(leading_zero_bits(hash), 19);
  hash.bytes[0] = 0xff;
  EXPECT_EQ(leading_zero_bits(hash), 0);
}

}  // namespace
