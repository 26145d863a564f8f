// A block as the original tutorial's network writes it, and the text that its hash covers.
//
// `hash` and `merkle_root` are what the block claims; whether they are true is for chain_rules.h to
// say. Key order differs between implementations, is carried through relays and never enters the
// hash. The data may be a filler, one text of n equal letters, so that a simulated block of a
// megabyte costs eight bytes. JSON text is the codec's business (json_codec.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/sha256.h"

namespace chain {

enum class BlockKey : std::uint8_t {
  version,
  height,
  timestamp,
  merkle_root,
  previous_hash,
  hash,
  difficulty,
  nonce,
  data,
};
inline constexpr std::size_t kBlockKeys = 9;

// The order in which a block's keys stand in its JSON text; merkleRoot's place is kept even where
// the key is absent.
struct KeyOrder {
  std::array<BlockKey, kBlockKeys> keys{
      BlockKey::version,     BlockKey::height,        BlockKey::timestamp,
      BlockKey::merkle_root, BlockKey::previous_hash, BlockKey::hash,
      BlockKey::difficulty,  BlockKey::nonce,         BlockKey::data};
  bool operator==(const KeyOrder&) const = default;
};

// Everything of a block but its data.
struct Header {
  std::string version = "1.0.0";
  std::int64_t height = 0;
  std::int64_t timestamp_ms = 0;  // Unix milliseconds
  bool has_merkle_root = true;    // the key is absent where data is []
  Hash merkle_root;
  Hash previous_hash;
  Hash hash;
  std::int64_t difficulty = 0;  // leading zero bits
  std::int64_t nonce = 0;
  KeyOrder order;

  bool operator==(const Header&) const = default;
};

// A single text of `length` letters 'x'.
struct Filler {
  std::uint64_t length = 0;
  bool operator==(const Filler&) const = default;
};
using Texts = std::vector<std::string>;
using Body = std::variant<Texts, Filler>;

struct Block {
  Header header;
  Body body;
  bool has_other_keys = false;  // as it came: keys that no block has, dropped

  bool operator==(const Block& other) const { return header == other.header && body == other.body; }
};

// Which texts enter the hash in which order; implementations of the tutorial differ.
enum class HashOrder : std::uint8_t {
  standard,  // version timestamp height merkleRoot previousHash difficulty nonce
  variant,   // version timestamp merkleRoot previousHash height difficulty nonce
};

// The hashed text up to, and without, the nonce: constant while a miner tries nonces.
std::string hash_prefix(const Header& header, HashOrder order);
Hash hash_of(const Header& header, HashOrder order);

// Leading zero bits of a hash: what a difficulty asks for.
int leading_zero_bits(const Hash& hash);

// A widespread genesis literal of the tutorial's clones, as text, because peers compare it as text.
extern const std::string_view kWidespreadGenesis;

}  // namespace chain
