// The merkle root of a block's data, as the original's `merkle` package computes it.
//
// A leaf is SHA-256 of the text, but a text that already looks like an upper-case hash stands as it
// is; a parent is SHA-256 over the 128 hex characters of its children, not over 64 bytes; an odd
// last node moves up unhashed. That a text may pose as a hash is a hole (two bodies with one root);
// rules `work` close it by refusing such texts.
#pragma once

#include <optional>

#include "core/block.h"

namespace chain {

// Nothing for no data at all: the key is then absent from the block.
std::optional<Hash> merkle_root(const Body& body);

// A text that a merkle tree could mistake for a node of its own: exactly 64 or 128 of [0-9A-F].
bool poses_as_merkle_node(std::string_view text);

}  // namespace chain
