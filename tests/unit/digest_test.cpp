// What a digest sees of a step, and what it must not see.
#include "core/digest.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <functional>
#include <set>
#include <vector>

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
  return step_hash(now, node, 0, input, effects, tree);
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

// A step of a node, less its number, which is its place among those of the node.
struct Taken {
  Time now;
  std::uint32_t node;
  Input input;
};

std::uint64_t digest_of_all(const std::vector<Taken>& steps, const BlockTree& tree) {
  Digest digest;
  std::array<std::uint64_t, 2> numbers{};
  for (const Taken& step : steps) {
    digest.add(step_hash(step.now, step.node, numbers[step.node]++, step.input, {}, tree));
  }
  return digest.value();
}

TEST(Digest, DoesNotSeeTheOrderBetweenNodes) {
  const BlockTree tree = two_blocks("a", "b");
  const std::vector<Taken> zero{{{1}, 0, Wake{}}, {{1}, 0, Mined{1}}, {{3}, 0, Wake{}}};
  const std::vector<Taken> one{{{1}, 1, Mined{1}}, {{2}, 1, Wake{}}, {{2}, 1, Wake{}}};
  std::set<std::uint64_t> digests;
  for (std::uint32_t turns = 0; turns < 64; ++turns) {  // bit i: whose step is the i-th
    if (std::popcount(turns) != 3) continue;
    std::vector<Taken> steps;
    std::size_t next_zero = 0, next_one = 0;
    for (std::uint32_t i = 0; i < 6; ++i) {
      steps.push_back((turns >> i & 1) != 0 ? one[next_one++] : zero[next_zero++]);
    }
    digests.insert(digest_of_all(steps, tree));
  }
  EXPECT_EQ(digests.size(), 1u);
}

TEST(Digest, SeesTheOrderOfTheStepsOfANode) {
  const BlockTree tree = two_blocks("a", "b");
  const Taken a{kTimeZero, 0, Mined{1}}, b{kTimeZero, 0, Mined{2}};
  EXPECT_NE(digest_of_all({a, b}, tree), digest_of_all({b, a}, tree));
  EXPECT_NE(digest_of_all({a, a}, tree), digest_of_all({a}, tree));
}

TEST(Digest, IsTheSumOfItsParts) {
  Digest whole, first(0xfffffffffffffff0u);
  whole.add(0xfffffffffffffff0u);
  for (const std::uint64_t hash : {5u, 77u}) {
    whole.add(hash);
    first.add(hash);
  }
  EXPECT_EQ(first.value(), whole.value());
  EXPECT_EQ(whole.value(), 66u) << "modulo 2^64";
}

// One field at a time.
TEST(Digest, SeesEachFieldOfAStep) {
  const BlockTree tree = two_blocks("a", "b");
  std::set<std::uint64_t> hashes;
  std::size_t made = 0;
  const auto add = [&](Time now, std::uint32_t node, std::uint64_t number, const Input& input,
                       const std::function<void(Effects&)>& act) {
    Effects effects;
    act(effects);
    hashes.insert(step_hash(now, node, number, input, effects, tree));
    EXPECT_EQ(hashes.size(), ++made) << "step " << made;
  };
  const auto nothing = [](Effects&) {};
  const Received received{3, latest_block(1), 4};
  add({1}, 2, 3, received, nothing);
  add({2}, 2, 3, received, nothing);
  add({1}, 3, 3, received, nothing);
  add({1}, 2, 4, received, nothing);
  add({1}, 2, 3, Received{4, latest_block(1), 4}, nothing);
  add({1}, 2, 3, Received{3, latest_block(2), 4}, nothing);
  add({1}, 2, 3, Received{3, latest_block(1), 5}, nothing);
  add({1}, 2, 3, Received{3, whole_chain(1), 4}, nothing);
  add({1}, 2, 3, Received{3, make(MessageType::headers, 1, 1), 4}, nothing);
  add({1}, 2, 3, Received{3, make(MessageType::headers, 1, 2), 4}, nothing);
  add({1}, 2, 3, received, [](Effects& out) { out.wake_at({9}); });
  for (const BlockId block : {1u, 2u}) {
    add({1}, 2, 3, received, [&](Effects& out) { out.accept(block); });
    add({1}, 2, 3, received, [&](Effects& out) { out.learn(block); });
    add({1}, 2, 3, received, [&](Effects& out) { out.change_tip(0, block); });
    add({1}, 2, 3, received, [&](Effects& out) { out.change_tip(block, 0); });
    add({1}, 2, 3, received, [&](Effects& out) { out.send(block, query_latest()); });
    add({1}, 2, 3, received, [&](Effects& out) { out.send(1, latest_block(block)); });
    add({1}, 2, 3, received, [&](Effects& out) { out.drop(block, Offence::none); });
    add({1}, 2, 3, received, [&](Effects& out) { out.drop(block, Offence::silent); });
    add({1}, 2, 3, received, [&](Effects& out) { out.dial(block); });
    add({1}, 2, 3, received, [&](Effects& out) { out.refuse(block, Refusal::hash); });
    add({1}, 2, 3, received, [&](Effects& out) { out.refuse(block, Refusal::height); });
  }
  // The same blocks in other lists.
  add({1}, 2, 3, received, [](Effects& out) { out.accept(1), out.accept(2); });
  add({1}, 2, 3, received, [](Effects& out) { out.accept(1), out.learn(2); });
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
