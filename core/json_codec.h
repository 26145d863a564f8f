// Frames of the original protocol: JSON text to blocks and back. The only place where text from a
// peer is read; behind it nothing malformed can be spelled.
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

#include "core/json_scanner.h"
#include "core/message.h"
#include "core/result.h"

namespace chain {

// Bytes of a block's version. Unlike data, which lies on a disk, it is in memory for every block.
inline constexpr std::size_t kMaxVersion = 64;

struct CodecLimits {
  std::uint64_t max_frame = 1 << 20;  // bytes of a frame
  std::uint64_t max_block = 0;        // bytes of a block's JSON text; 0: no limit of its own
  int max_depth = 16;                 // nested arrays and objects
};

// A frame as it was read. `blocks` is empty for QueryLatest, one block for LatestBlock, a chain
// from its genesis for WholeChain.
struct WireMessage {
  MessageType type = MessageType::query_latest;
  std::vector<Block> blocks;
};

// Nothing in the optional: a well-formed frame of a type that this version does not know, to be
// ignored.
Result<std::optional<WireMessage>, Malformed> decode(std::string_view frame,
                                                     const CodecLimits& limits);

// One block's JSON text, as it stands in a frame; keys in the block's own order.
std::string encode_block(const Block& block);
// The same from parts: `data_json` is the text of the data array.
void append_block(std::string& out, const Header& header, std::string_view data_json);
std::string encode_data(const Body& body);
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

// Where bodies are: the host's store, or a simulation's fillers.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Appends the JSON text of the block's data array.  REQUIRES: the body was accepted.
  virtual void append_data_json(BlockId id, std::string& out) const = 0;
};

// REQUIRES: every block that the message names is in the tree, with a body in `bodies`.
std::string encode(const Message& message, const BlockTree& tree, const BodySource& bodies);

}  // namespace chain
