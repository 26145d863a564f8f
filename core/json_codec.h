// Frames of both protocols: JSON text to blocks and numbers, and back. The only place where text
// from a peer is read; behind it nothing malformed can be spelled.
//
// Strict where the original is careless: depth, sizes, duplicate keys, integer ranges, hash length
// and case. Lenient where it must be to interoperate: any key order (kept, and carried through
// relays) and unknown block keys (dropped). What is written is what JavaScript's JSON.stringify
// would write, byte for byte. Never throws, whatever the bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_block.h"
#include "core/message.h"
#include "core/result.h"
#include "core/wire_size.h"

namespace chain {

struct CodecLimits {
  std::uint64_t max_frame = 1 << 20;  // bytes of a frame
  std::uint64_t max_block = 0;        // bytes of a block's JSON text; 0: no limit of its own
  int max_depth = 16;                 // nested arrays and objects
  bool original_only = false;         // types from hello on are unknown
};

inline constexpr std::int64_t kSyncVersion = 1;  // of the messages from hello on
inline constexpr std::size_t kMaxHashes = 64;    // of a locator: enough for 2^50 blocks
inline constexpr std::size_t kMaxWords = 500;    // bytes of a text that is no data

// A frame as it was read; what its type has not is empty. `blocks`: one for LatestBlock, a chain
// from its genesis for WholeChain, a path for Blocks. `hashes`: a locator, or the one that is
// named. `texts`: addresses.
struct WireMessage {
  MessageType type = MessageType::query_latest;
  std::vector<Block> blocks = {};
  std::vector<Header> headers = {};
  std::vector<Hash> hashes = {};
  std::uint32_t number = 0;  // a height, or how many
  std::uint64_t work = 0;
  Hash network = {};
  std::uint64_t nonce = 0;
  bool speaks_version = false;
  Relay relay = Relay::headers;
  Offence offence = Offence::none;
  std::vector<std::string> texts = {};
};

// Nothing in the optional: a well-formed frame of a type that this version does not know, to be
// ignored.
Result<std::optional<WireMessage>, Malformed> decode(std::string_view frame,
                                                     const CodecLimits& limits);

// One block's JSON text, as it stands in a frame; keys in the block's own order.
std::string encode_block(const Block& block);
Result<Block, Malformed> decode_block(std::string_view text, const CodecLimits& limits);
// The data array alone, as `POST /mineBlock` and the store have it.
Result<Texts, Malformed> decode_data(std::string_view text, const CodecLimits& limits);

// The exact text of the first block of a WholeChain or LatestBlock frame: a genesis to be kept as
// it was written.  REQUIRES: decode(frame) gave at least one block.
std::string_view first_block_text(std::string_view frame);

// A genesis given as text: any well-formed block at height 0.
struct Genesis {
  std::string text;
  Block block;
};
Result<Genesis, std::string> parse_genesis(std::string_view text);

// The offence of which this is the code, or none.
Offence offence_named(std::string_view code);

// REQUIRES: every block that the message names is in the tree or named, and has a body where the
// message carries it.
std::string encode(const Message& message, const BlockTree& tree, const FrameFacts& facts);

}  // namespace chain
