#include "core/block.h"

#include <bit>

namespace chain {

const std::string_view kWidespreadGenesis =
    R"({"version":"1.0.0","height":0,)"
    R"("hash":"0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("timestamp":1231006506,)"
    R"("previousHash":"0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("merkleRoot":"0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("difficulty":0,"nonce":0,"data":["GENESIS BLOCK"]})";

std::string hash_prefix(const Header& header, HashOrder order) {
  std::string text;
  text.reserve(header.version.size() + 200);
  text += header.version;
  text += std::to_string(header.timestamp_ms);
  if (order == HashOrder::standard) text += std::to_string(header.height);
  if (header.has_merkle_root) {
    append_upper_hex(text, header.merkle_root);
  } else {
    text += "undefined";  // what JavaScript's concatenation makes of an absent key
  }
  append_lower_hex(text, header.previous_hash);
  if (order == HashOrder::variant) text += std::to_string(header.height);
  text += std::to_string(header.difficulty);
  return text;
}

Hash hash_of(const Header& header, HashOrder order) {
  std::string text = hash_prefix(header, order);
  text += std::to_string(header.nonce);
  return sha256(text);
}

int leading_zero_bits(const Hash& hash) {
  int bits = 0;
  for (const std::uint8_t byte : hash.bytes) {
    if (byte != 0) return bits + std::countl_zero(byte);
    bits += 8;
  }
  return bits;
}

}  // namespace chain
