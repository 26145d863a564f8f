// Lengths at the edges; that they are those of the codec on random blocks is a property test.
#include "core/block_size.h"

#include <gtest/gtest.h>

#include "core/json_codec.h"

namespace {

using namespace chain;

TEST(DecimalLength, CountsDigitsAndSign) {
  EXPECT_EQ(decimal_length(0), 1u);
  EXPECT_EQ(decimal_length(9), 1u);
  EXPECT_EQ(decimal_length(10), 2u);
  EXPECT_EQ(decimal_length(-1), 2u);
  EXPECT_EQ(decimal_length(-10), 3u);
  EXPECT_EQ(decimal_length(INT64_MAX), 19u);
  EXPECT_EQ(decimal_length(INT64_MIN), 20u);
}

TEST(JsonStringLength, CountsEscapes) {
  EXPECT_EQ(json_string_length(""), 2u);
  EXPECT_EQ(json_string_length("abc"), 5u);
  EXPECT_EQ(json_string_length("한글"), 8u);
  for (int c = 0; c < 128; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(json_string_length(text) + 2, encode_data(Texts{text}).size()) << c;
  }
}

TEST(DataJsonLength, OfNoneOneAndSeveralTexts) {
  EXPECT_EQ(data_json_length(Texts{}), 2u);
  EXPECT_EQ(data_json_length(Texts{""}), 4u);
  EXPECT_EQ(data_json_length(Texts{"a", "b"}), 9u);
  EXPECT_EQ(data_json_length(Filler{0}), 4u);
  EXPECT_EQ(data_json_length(Filler{100}), 104u);
}

TEST(FillerFor, MakesABlockOfExactlyThatSize) {
  Header header;
  header.height = 123;
  const std::size_t shortest = encode_block({header, Filler{0}}).size();
  for (const std::uint64_t size :
       {shortest, shortest + 1, std::size_t{1000}, std::size_t{100'000}}) {
    EXPECT_EQ(encode_block({header, filler_for(header, size)}).size(), size);
  }
  EXPECT_EQ(filler_for(header, shortest - 1), Filler{0});
  EXPECT_EQ(filler_for(header, 0), Filler{0});
}

}  // namespace
