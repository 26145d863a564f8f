// A block's JSON text, read and written: what frames, the store and the HTTP API are made of.
//
// What is written is what JavaScript's JSON.stringify would write, byte for byte, keys in the
// block's own order. What is read is checked for shape, sizes and ranges; whether it is true is for
// chain_rules.h to say. A header is a block without its data. Each read_ function reads one value
// where the scanner stands, and is false where it left its fault.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/block.h"
#include "core/json_scanner.h"

namespace chain {

// Bytes of a block's version. Unlike data, which lies on a disk, it is in memory for every block.
inline constexpr std::size_t kMaxVersion = 64;

// `max_block`: bytes of its text; 0: no limit.
bool read_block(JsonScanner& scan, std::uint64_t max_block, Block& block);
bool read_header(JsonScanner& scan, Header& header);
bool read_texts(JsonScanner& scan, Texts& out);
bool read_block_hash(JsonScanner& scan, Hash& out);
bool read_integer(JsonScanner& scan, std::int64_t& out, bool may_be_negative);

void append_integer(std::string& out, std::int64_t number);
// With its quotes.
void append_string(std::string& out, std::string_view text);
void append_header(std::string& out, const Header& header);
// `data_json` is the text of the data array.
void append_block(std::string& out, const Header& header, std::string_view data_json);
std::string encode_data(const Body& body);

}  // namespace chain
