// How long a block's JSON text is, without writing it.
//
// The simulator pays for bytes that it never makes, so these lengths must equal the codec's
// (json_codec.h) to the byte; a property test holds the two together.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/block.h"

namespace chain {

// Decimal digits, and the sign.
std::uint32_t decimal_length(std::int64_t number);

// Whether the three bytes at `at` are half of a surrogate pair (json_scanner.h). REQUIRES: `text`
// is what a scanner gave, or valid UTF-8.
bool is_half_surrogate(std::string_view text, std::size_t at);

// A JSON string with its quotes and escapes, as JavaScript's JSON.stringify writes it.
std::uint64_t json_string_length(std::string_view text);

// `{...}` with all keys but "data".
std::uint32_t header_json_length(const Header& header);

// The array of data texts, brackets included.
std::uint64_t data_json_length(const Body& body);

// `,"data":` and nothing else: what a block's text has over its header's and its data's.
inline constexpr std::uint32_t kDataKeyLength = 8;

// The filler that makes a block's JSON text `block_bytes` long, or an empty one if that is less
// than the shortest.
Filler filler_for(const Header& header, std::uint64_t block_bytes);

}  // namespace chain
