#include "core/merkle.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace {

using namespace chain;

std::string root_of(const Texts& texts) { return upper_hex(*merkle_root(texts)); }

TEST(MerkleRoot, IsThatOfTheOriginal) {
  EXPECT_EQ(root_of({"a"}), "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB");
  EXPECT_EQ(root_of({"a", "b"}),
            "6A20F2EE7789E6BB7F404CC2DD729FF308B724D904F6A455B74D4851ADE5AECB");
  EXPECT_EQ(root_of({"a", "b", "c"}),
            "FF36C95E778FE3AE472A287AD85D8F8B15EC0499B3DC08E9027A098CE3EB49BB");
  EXPECT_EQ(root_of({"a", "b", "c", "d", "e"}),
            "16E6BEB3E080910740A2923D6091618CAA9968AEAD8A52D187D725D199548E2C");
  EXPECT_EQ(root_of({"한글"}), "BD87F9BB68B67D2FA1CB82B6751820E946D5B1316D25D5FD96512FB4BE44A2A8");
  EXPECT_EQ(root_of({""}), "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
}

TEST(MerkleRoot, OfNoDataIsNothing) { EXPECT_EQ(merkle_root(Texts{}), std::nullopt); }

TEST(MerkleRoot, ATextThatLooksLikeANodeStandsAsItIs) {
  const std::string a = upper_hex(sha256("a"));
  EXPECT_EQ(root_of({a}), a);
  EXPECT_EQ(root_of({a, "b"}), root_of({"a", "b"}));
  const std::string lower = lower_hex(sha256("a"));
  EXPECT_EQ(root_of({lower}), upper_hex(sha256(lower)));
  EXPECT_TRUE(poses_as_merkle_node(a));
  EXPECT_TRUE(poses_as_merkle_node(a + a));
  EXPECT_FALSE(poses_as_merkle_node(lower));
  EXPECT_FALSE(poses_as_merkle_node(a.substr(1)));
  EXPECT_FALSE(poses_as_merkle_node(""));
}

// The description taken word for word, over texts instead of bytes.
std::string slow_root(std::vector<std::string> level) {
  if (level.size() == 1) return level[0];
  std::vector<std::string> parents;
  for (std::size_t i = 0; i < level.size(); i += 2) {
    const bool pair = i + 1 < level.size();
    parents.push_back(pair ? upper_hex(sha256(level[i] + level[i + 1])) : level[i]);
  }
  return slow_root(parents);
}

TEST(MerkleRoot, OfAnyNumberOfTextsIsThatOfTheDescription) {
  Texts texts;
  std::vector<std::string> leaves;
  for (int i = 0; i < 70; ++i) {
    texts.push_back("text " + std::to_string(i));
    leaves.push_back(upper_hex(sha256(texts.back())));
    EXPECT_EQ(root_of(texts), slow_root(leaves)) << texts.size();
  }
}

TEST(MerkleRoot, OfAFillerIsThatOfItsText) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t length = i < 10 ? 4091u + static_cast<unsigned>(i) : random.below(50'000);
    const Texts text{std::string(static_cast<std::size_t>(length), 'x')};
    EXPECT_EQ(merkle_root(Filler{length}), merkle_root(text)) << length;
  }
  EXPECT_EQ(merkle_root(Filler{0}), merkle_root(Texts{""}));
}

}  // namespace
