#include "core/refusal.h"

#include <gtest/gtest.h>

#include <set>

#include "core/io.h"
#include "core/message.h"

namespace {

using namespace chain;

// The original's own texts, byte for byte: spaces at the end and missing full stops included.
TEST(RefusalText, KoreanIsTheOriginals) {
  EXPECT_EQ(text_of(Refusal::height).korean, "블록 높이가 맞지않습니다.");
  EXPECT_EQ(text_of(Refusal::previous_hash).korean, "이전 블록 해시가 맞지않습니다");
  EXPECT_EQ(text_of(Refusal::hash).korean, "블록해시가 올바르지 않습니다");
  EXPECT_EQ(text_of(Refusal::genesis_tip).korean, "받은 최신블록이 제네시스 블록입니다. ");
  EXPECT_EQ(text_of(Refusal::not_longer).korean, "자신의 체인이 더 길거나 같습니다. ");
  EXPECT_EQ(text_of(Refusal::one_block_short).korean, "블록이 하나 모자랍니다. ");
}

TEST(RefusalText, EachHasACodeAndASentenceOfItsOwn) {
  std::set<std::string_view> codes;
  std::set<std::string_view> sentences;
  for (std::size_t i = 0; i < kRefusals; ++i) {
    codes.insert(text_of(static_cast<Refusal>(i)).code);
    sentences.insert(text_of(static_cast<Refusal>(i)).english);
  }
  EXPECT_EQ(codes.size(), kRefusals);
  EXPECT_EQ(sentences.size(), kRefusals);
  EXPECT_EQ(codes.count(""), 0u);
  EXPECT_EQ(text_of(Refusal::one_block_short).code, "one_block_short");
  EXPECT_EQ(text_of(Refusal::wrong_genesis).code, "wrong_genesis");
}

TEST(Names, OfMessagesAndOffences) {
  EXPECT_EQ(name_of(MessageType::query_latest), "QueryLatest");
  EXPECT_EQ(name_of(MessageType::latest_block), "LatestBlock");
  EXPECT_EQ(name_of(MessageType::whole_chain), "WholeChain");
  EXPECT_EQ(name_of(Offence::malformed), "malformed");
  EXPECT_EQ(name_of(Offence::oversized), "oversized");
}

}  // namespace
