// How many bytes a message takes on the wire: the length of its JSON frame, without writing it.
//
// Equal to the length of encode(message) (json_codec.h) to the byte; a property test holds the two
// together on random messages. WebSocket's own framing is not counted, in either world.
#pragma once

#include <cstdint>

#include "core/message.h"

namespace chain {

// REQUIRES: the blocks named are in the tree, with bodies.
std::uint64_t wire_size(const Message& message, const BlockTree& tree);

}  // namespace chain
