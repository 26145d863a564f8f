#include "core/sha256.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

// The examples of FIPS 180-4.
TEST(Sha256, PublishedExamples) {
  EXPECT_EQ(lower_hex(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(lower_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(lower_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(lower_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AMidstateGoesOnWhereItWasCopied) {
  const std::string text(1000, 'y');
  for (std::size_t cut = 0; cut <= text.size(); cut += 37) {
    Sha256 first;
    first.update(std::string_view(text).substr(0, cut));
    Sha256 copy = first;
    EXPECT_EQ(copy.finish_with(std::string_view(text).substr(cut)), sha256(text)) << cut;
    EXPECT_EQ(first.finish(), sha256(std::string_view(text).substr(0, cut))) << cut;
    copy.update(std::string_view(text).substr(cut));
    EXPECT_EQ(copy.finish(), sha256(text)) << cut;
    EXPECT_EQ(copy.finish(), sha256(text)) << "finishing changes nothing";
  }
}

TEST(Hex, IsWrittenAndReadInItsCaseOnly) {
  const Hash hash = sha256("abc");
  const std::string lower = lower_hex(hash);
  const std::string upper = upper_hex(hash);
  EXPECT_EQ(from_lower_hex(lower), hash);
  EXPECT_EQ(from_upper_hex(upper), hash);
  EXPECT_EQ(from_lower_hex(upper), std::nullopt);
  EXPECT_EQ(from_upper_hex(lower), std::nullopt);
  std::string appended = "x";
  append_lower_hex(appended, hash);
  append_upper_hex(appended, hash);
  EXPECT_EQ(appended, "x" + lower + upper);
}

// Digit by digit, as the fast way is to be read.
std::optional<Hash> read_slowly(const std::string& text, char first_letter) {
  Hash hash;
  for (std::size_t i = 0; i < 64; ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    const bool is_letter = text[i] >= first_letter && text[i] < first_letter + 6;
    if (!is_digit && !is_letter) return std::nullopt;
    const int value = is_digit ? text[i] - '0' : text[i] - first_letter + 10;
    hash.bytes[i / 2] = static_cast<std::uint8_t>(hash.bytes[i / 2] << 4 | value);
  }
  return hash;
}

void expect_read(const std::string& text) {
  EXPECT_EQ(from_lower_hex(text), read_slowly(text, 'a')) << text;
  EXPECT_EQ(from_upper_hex(text), read_slowly(text, 'A')) << text;
}

TEST(Hex, IsReadAsDigitByDigit) {
  Hash hash = sha256("abc");
  for (int i = 0; i < 1000; ++i) {
    hash = sha256(lower_hex(hash));
    expect_read(lower_hex(hash));
    expect_read(upper_hex(hash));
  }
}

TEST(Hex, NothingButSixtyFourDigitsIsAHash) {
  const std::string digits(64, '0');
  EXPECT_EQ(from_lower_hex(digits), Hash{});
  EXPECT_EQ(from_upper_hex(digits), Hash{});
  EXPECT_EQ(from_lower_hex(digits.substr(1)), std::nullopt);
  EXPECT_EQ(from_lower_hex(digits + "0"), std::nullopt);
  // Each character at each of the eight places that are read at once, and two side by side.
  for (int c = 0; c < 256 * 8 * 2; ++c) {
    std::string text = digits;
    const auto place = static_cast<std::size_t>(16 + c / 256 % 8);
    text[place] = static_cast<char>(c % 256);
    if (c >= 256 * 8) text[place + 1] = text[place];
    expect_read(text);
  }
}

TEST(Hash, PrefixIsTheFirstEightBytes) { EXPECT_EQ(sha256("abc").prefix(), 0xba7816bf8f01cfeau); }

}  // namespace
