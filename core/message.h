// What nodes say to each other: a kind and a few numbers, trivially copyable.
//
// A message never owns a list. Lists of blocks are paths in the tree, so a chain of 100,000 blocks
// costs no more to send in the simulator than one, and its size on the wire is a subtraction
// (wire_size.h). Text exists only at the edge (json_codec.h). A block that is not stored here has a
// staged id, and the message says why.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/block_tree.h"
#include "core/refusal.h"
#include "core/sync_limits.h"

namespace chain {

enum class MessageType : std::uint8_t {
  // The original, push_chain.h.
  query_latest,  // wire type 0: send me your tip
  latest_block,  // wire type 1: `last` is my tip
  whole_chain,   // wire type 2: my whole chain, from the genesis to `last`
  // The replacement, header_first.h: wire types from 100 on, in this order.
  hello,        // who I am: `last` is my tip, `relay` my wish, `pair` my nonce
  get_headers,  // what follows in your chain on the first entry of the locator of `last` you have?
                // `count` 1: `last` is its only entry
  headers,      // `count` headers on one path, up to `last`; low_work: what to ask for next
  inv,          // `last` is my tip, at height `height`
  get_blocks,   // the bodies of `count` blocks on one path, up to `last`
  blocks,       // `count` blocks on one path, up to `last`
  get_peers,    // whom else do you know?
  peers,        // up to three addresses
  ping,         // are you there? my tip is `last`
  pong,         // I am; mine is `last`
  reject,       // why the connection ends, before it ends: `offence`
};
inline constexpr std::size_t kMessageTypes = 14;
inline constexpr int kFirstSyncType = 100;       // the wire's number of `hello`
inline constexpr std::size_t kMaxPeersTold = 3;  // in one message

inline bool is_original(MessageType type) { return type < MessageType::hello; }
// Whether its text holds blocks or headers.
inline bool carries_blocks(MessageType type) {
  return type == MessageType::latest_block || type == MessageType::whole_chain ||
         type == MessageType::headers || type == MessageType::blocks;
}

// "QueryLatest", ...: the names of reports and of JSON keys.
std::string_view name_of(MessageType type);

// How a peer wishes to hear of new blocks.
enum class Relay : std::uint8_t {
  inv,      // by hash; it asks for the body
  headers,  // by header; it asks for the body
  block,    // the body at once
};
inline constexpr std::array<std::string_view, 3> kRelayWords{"inv", "headers", "block"};

// What a peer did to be dropped: certain faults only, never a stale, late, early or doubled block.
enum class Offence : std::uint8_t {
  none,           // dropped for no fault: no longer wished for
  malformed,      // bytes that are no message
  oversized,      // a frame over the limit
  invalid_block,  // a block or header that no rule lets pass
  wrong_network,  // another genesis or other rules
  own_address,    // this node itself
  duplicate,      // a second connection to one node
  silent,         // nothing was heard for too long, not even the answer to a ping
};
inline constexpr std::size_t kOffences = 8;
std::string_view name_of(Offence offence);
std::string_view words_of(Offence offence);
// Whether the peer is at fault, and its address to be avoided for a while.
inline bool is_fault(Offence offence) {
  return offence == Offence::malformed || offence == Offence::oversized ||
         offence == Offence::invalid_block;
}

// Why a block stands staged instead of in the tree.
enum class Staged : std::uint8_t {
  no,
  unlinked,
  wrong_genesis,
  invalid,
  low_work,
  early,
  no_room,
  other_body,  // tutorial: the merkle root is another; a clone may compute it otherwise
};

struct Message {
  MessageType type = MessageType::query_latest;
  Staged staged = Staged::no;       // of `last`
  Refusal refusal = Refusal::none;  // what is wrong with `last`, where it is staged
  std::uint8_t detail = 0;          // hello: Relay; reject: Offence; peers: how many
  BlockId last = kNoBlock;
  std::array<std::uint32_t, 2> pair{};  // see the functions below

  // headers, get_blocks, blocks: how many end with `last`. get_headers: 1, or 0 for a locator.
  std::uint32_t count() const { return pair[0]; }
  // inv, ping, pong: of the sender's tip, as it says.
  std::uint32_t height() const { return pair[0]; }
  // hello: the node's own, drawn when it starts.
  std::uint64_t nonce() const { return std::uint64_t{pair[1]} << 32 | pair[0]; }
  // peers: the first `detail` of them.
  std::array<std::uint32_t, kMaxPeersTold> addresses() const { return {last, pair[0], pair[1]}; }
  Relay relay() const { return static_cast<Relay>(detail); }
  Offence offence() const { return static_cast<Offence>(detail); }

  bool operator==(const Message&) const = default;
};
static_assert(std::is_trivially_copyable_v<Message> && sizeof(Message) == 16);

// Whether `last` is a block of the tree, and nobody's secret.
inline bool names_block(const Message& message) {
  const bool never = message.type == MessageType::query_latest ||
                     message.type == MessageType::get_peers || message.type == MessageType::peers ||
                     message.type == MessageType::reject;
  return !never && !is_staged(message.last);
}

inline Message make(MessageType type, BlockId last, std::uint32_t number = 0) {
  return {type, Staged::no, Refusal::none, 0, last, {number, 0}};
}
// What a GetHeaders asks by.
std::vector<BlockId> locator_of(const BlockTree& tree, const Message& message);

inline Message query_latest() { return {}; }
inline Message latest_block(BlockId tip) { return make(MessageType::latest_block, tip); }
inline Message whole_chain(BlockId tip) { return make(MessageType::whole_chain, tip); }
inline Message hello(BlockId tip, Relay wish, std::uint64_t nonce) {
  return {MessageType::hello,
          Staged::no,
          Refusal::none,
          static_cast<std::uint8_t>(wish),
          tip,
          {static_cast<std::uint32_t>(nonce), static_cast<std::uint32_t>(nonce >> 32)}};
}
inline Message reject(Offence why) {
  return {
      MessageType::reject, Staged::no, Refusal::none, static_cast<std::uint8_t>(why), kNoBlock, {}};
}
// The first `count` of `addresses`.
inline Message peers(std::uint8_t count,
                     const std::array<std::uint32_t, kMaxPeersTold>& addresses) {
  return {MessageType::peers,          Staged::no, Refusal::none, count, addresses[0],
          {addresses[1], addresses[2]}};
}

}  // namespace chain
