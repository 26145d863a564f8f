// What a digest sees of a step, and what it must not see.
#include "core/digest.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

// Two blocks on a root, added in either order: their ids are swapped, their hashes are not.
BlockTree two_blocks(const char* first, const char* second) {
  BlockTree tree;
  tree.add_root({}, "root");
  for (const char* name : {first, second}) {
    Header header;
    header.height = 1;
    header.hash = sha256(name);
    tree.add_body(tree.add_header(header, 0, 1), 2);
  }
  return tree;
}

std::uint64_t digest_of(Time now, std::uint32_t node, const Input& input, const Effects& effects,
                        const BlockTree& tree) {
  Digest digest;
  digest.mix_step(now, node, input, effects, tree);
  return digest.value();
}

Effects says(const Message& message) {
  Effects effects;
  effects.send(3, message);
  return effects;
}

TEST(Digest, NamesBlocksByHashAndNotById) {
  const BlockTree ab = two_blocks("a", "b");
  const BlockTree ba = two_blocks("b", "a");
  const auto step = [](const BlockTree& tree, BlockId block) {
    return digest_of(kTimeZero, 0, Received{3, latest_block(block)}, says(whole_chain(block)),
                     tree);
  };
  EXPECT_EQ(step(ab, 1), step(ba, 2));
  EXPECT_EQ(step(ab, 2), step(ba, 1));
  EXPECT_NE(step(ab, 1), step(ab, 2));
}

TEST(Digest, SeesTimeNodeInputAndEffects) {
  const BlockTree tree = two_blocks("a", "b");
  const Effects none;
  const Input mined = Mined{1};
  const std::uint64_t step = digest_of(kTimeZero, 0, mined, none, tree);
  EXPECT_EQ(digest_of(kTimeZero, 0, mined, none, tree), step);
  EXPECT_NE(digest_of({1}, 0, mined, none, tree), step);
  EXPECT_NE(digest_of(kTimeZero, 1, mined, none, tree), step);
  EXPECT_NE(digest_of(kTimeZero, 0, Mined{2}, none, tree), step);
  EXPECT_NE(digest_of(kTimeZero, 0, Wake{}, none, tree), step);
  EXPECT_NE(digest_of(kTimeZero, 0, mined, says(query_latest()), tree), step);
}

TEST(Digest, SeesTheOrderOfSteps) {
  const BlockTree tree = two_blocks("a", "b");
  Digest there;
  Digest back;
  for (const BlockId block : {1u, 2u}) there.mix_step(kTimeZero, 0, Mined{block}, {}, tree);
  for (const BlockId block : {2u, 1u}) back.mix_step(kTimeZero, 0, Mined{block}, {}, tree);
  EXPECT_NE(there.value(), back.value());
}

TEST(Digest, OfAStagedBlockIsItsReason) {
  const BlockTree tree = two_blocks("a", "b");
  const auto received = [&](Refusal refusal, BlockId id) {
    const Message message{MessageType::latest_block, Staged::invalid, refusal, 0, id, {}};
    return digest_of(kTimeZero, 0, Received{3, message}, {}, tree);
  };
  EXPECT_EQ(received(Refusal::hash, kStagedBit), received(Refusal::hash, kStagedBit + 5));
  EXPECT_NE(received(Refusal::hash, kStagedBit), received(Refusal::height, kStagedBit));
}

TEST(Hex16, HasAllSixteenDigits) {
  EXPECT_EQ(hex16(0), "0000000000000000");
  EXPECT_EQ(hex16(0x0123456789abcdefu), "0123456789abcdef");
  EXPECT_EQ(hex16(~std::uint64_t{0}), "ffffffffffffffff");
}

}  // namespace
