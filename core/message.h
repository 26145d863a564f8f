// What nodes say to each other: a kind and a few block ids, trivially copyable.
//
// A message never owns a list. Lists of blocks are paths in the tree, so a chain of 100,000 blocks
// costs no more to send in the simulator than one, and its size on the wire is a subtraction
// (wire_size.h). Text exists only at the edge (json_codec.h). A block that the host could not or
// would not store has a staged id, and the message says why.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "core/block_tree.h"
#include "core/refusal.h"

namespace chain {

enum class MessageType : std::uint8_t {
  query_latest,  // wire type 0: send me your tip
  latest_block,  // wire type 1: `last` is my tip
  whole_chain,   // wire type 2: my whole chain, from the genesis to `last`
};
inline constexpr std::size_t kMessageTypes = 3;

// "QueryLatest", ...: the names of reports and of JSON keys.
std::string_view name_of(MessageType type);

// Why a block stands staged instead of in the tree.
enum class Staged : std::uint8_t { no, unlinked, wrong_genesis, invalid, low_work, early };

struct Message {
  MessageType type = MessageType::query_latest;
  Staged staged = Staged::no;       // of `last`
  Refusal refusal = Refusal::none;  // what is wrong with `last`, where it is staged
  BlockId last = kNoBlock;

  bool operator==(const Message&) const = default;
};
static_assert(std::is_trivially_copyable_v<Message>);

inline Message query_latest() { return {}; }
inline Message latest_block(BlockId tip) {
  return {MessageType::latest_block, Staged::no, Refusal::none, tip};
}
inline Message whole_chain(BlockId tip) {
  return {MessageType::whole_chain, Staged::no, Refusal::none, tip};
}

}  // namespace chain
