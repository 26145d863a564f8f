#include "core/block_size.h"

namespace chain {
namespace {

// {"version":,"height":,"timestamp":,"previousHash":"","hash":"","difficulty":,"nonce":} with the
// two hashes' 128 characters.
constexpr std::string_view kFixedKeys =
    R"({"version":,"height":,"timestamp":,"previousHash":"","hash":"",)"
    R"("difficulty":,"nonce":})";
constexpr std::uint32_t kFixedLength = kFixedKeys.size() + 128;
constexpr std::uint32_t kMerkleLength = sizeof(R"(,"merkleRoot":"")") - 1 + 64;

}  // namespace

std::uint32_t decimal_length(std::int64_t number) {
  std::uint32_t length = number < 0 ? 2 : 1;
  for (number /= 10; number != 0; number /= 10) ++length;
  return length;
}

bool is_half_surrogate(std::string_view text, std::size_t at) {
  return text[at] == '\xed' && at + 2 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) >= 0xa0;
}

std::uint64_t json_string_length(std::string_view text) {
  std::uint64_t length = 2 + text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || (byte >= 8 && byte <= 13 && byte != 11)) {
      length += 1;  // a backslash before it
    } else if (byte < 0x20) {
      length += 5;  // \u00xx
    } else if (is_half_surrogate(text, i)) {
      length += 3;  // \udxxx for three bytes
    }
  }
  return length;
}

std::uint32_t header_json_length(const Header& header) {
  return kFixedLength + static_cast<std::uint32_t>(json_string_length(header.version)) +
         decimal_length(header.height) + decimal_length(header.timestamp_ms) +
         decimal_length(header.difficulty) + decimal_length(header.nonce) +
         (header.has_merkle_root ? kMerkleLength : 0);
}

std::uint64_t data_json_length(const Body& body) {
  if (const Filler* filler = std::get_if<Filler>(&body)) return filler->length + 4;
  const Texts& texts = std::get<Texts>(body);
  std::uint64_t length = 2;
  for (const std::string& text : texts) length += json_string_length(text) + 1;
  return texts.empty() ? length : length - 1;
}

Filler filler_for(const Header& header, std::uint64_t block_bytes) {
  const std::uint64_t empty = header_json_length(header) + kDataKeyLength + 4;
  return {block_bytes > empty ? block_bytes - empty : 0};
}

}  // namespace chain
