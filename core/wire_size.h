// How many bytes a message takes on the wire: the length of its JSON frame, without writing it.
//
// Equal to the length of encode(message) (json_codec.h) to the byte; a property test holds the two
// together on random messages. WebSocket's own framing is not counted, in either world. What a
// frame holds besides the tree's facts comes from FrameFacts, which each host has one of.
#pragma once

#include <cstdint>
#include <string>

#include "core/message.h"

namespace chain {

// What a host knows and its frames tell. The defaults suit a host that speaks the original only.
class FrameFacts {
 public:
  virtual ~FrameFacts() = default;
  // Appends the JSON text of the block's data array.  REQUIRES: the body was accepted.
  virtual void append_data_json(BlockId, std::string&) const {}
  // network_id() of the chain rules.
  virtual Hash network() const { return {}; }
  // Where this host takes connections: a URL, or nothing.
  virtual std::string listens() const { return {}; }
  // The URL of an address.
  virtual std::string address(std::uint32_t) const { return {}; }
};

// REQUIRES: the blocks named are in the tree (or staged, where only hashes are sent), with bodies
// where the message carries them.
std::uint64_t wire_size(const Message& message, const BlockTree& tree,
                        const FrameFacts& facts = FrameFacts{});

}  // namespace chain
