#include "core/json_block.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/block_size.h"

namespace chain {
namespace {

constexpr std::array<std::string_view, kBlockKeys> kKeyNames{
    "version", "height",     "timestamp", "merkleRoot", "previousHash",
    "hash",    "difficulty", "nonce",     "data"};
constexpr std::uint32_t bit_of(BlockKey key) { return 1u << static_cast<unsigned>(key); }
constexpr std::uint32_t kAllKeys = (1u << kBlockKeys) - 1;

int block_key(std::string_view name) {
  for (std::size_t i = 0; i < kBlockKeys; ++i) {
    if (name == kKeyNames[i]) return static_cast<int>(i);
  }
  return -1;
}

// --- Reading -------------------------------------------------------------------------------------

template <typename FromHex>
bool read_hash(JsonScanner& scan, Hash& out, FromHex from_hex) {
  const std::size_t start = scan.offset();
  JsonText text;
  if (!scan.string(text)) return false;
  const std::optional<Hash> hash = from_hex(text.escaped ? text.text() : text.raw);
  if (!hash) return scan.fail("not_a_hash", start);
  out = *hash;
  return true;
}

bool read_data(JsonScanner& scan, Texts& out) {
  return scan.array([&] {
    JsonText text;
    if (!scan.string(text)) return false;
    out.push_back(text.text());
    return true;
  });
}

bool read_version(JsonScanner& scan, std::string& out) {
  const std::size_t start = scan.offset();
  JsonText text;
  if (!scan.string(text)) return false;
  out = text.text();
  return out.size() <= kMaxVersion || scan.fail("version_too_long", start);
}

bool read_member(JsonScanner& scan, BlockKey key, Header& header, Texts& data) {
  switch (key) {
    case BlockKey::version:
      return read_version(scan, header.version);
    case BlockKey::height:
      return read_integer(scan, header.height, false);
    case BlockKey::timestamp:
      return read_integer(scan, header.timestamp_ms, false);
    case BlockKey::merkle_root:
      return read_hash(scan, header.merkle_root, from_upper_hex);
    case BlockKey::previous_hash:
      return read_hash(scan, header.previous_hash, from_lower_hex);
    case BlockKey::hash:
      return read_hash(scan, header.hash, from_lower_hex);
    case BlockKey::difficulty:
      return read_integer(scan, header.difficulty, true);
    case BlockKey::nonce:
      return read_integer(scan, header.nonce, true);
    case BlockKey::data:
      return read_data(scan, data);
  }
  return false;
}

// An absent merkle root keeps a place, always the same: after the timestamp, as where it is usual.
// REQUIRES: the eight other keys stand first.
void place_merkle_root(KeyOrder& order) {
  const auto last = order.keys.end() - 1;
  const auto after = std::find(order.keys.begin(), last, BlockKey::timestamp) + 1;
  std::move_backward(after, last, order.keys.end());
  *after = BlockKey::merkle_root;
}

// One object of block keys; `with_data`: a whole block, else all but its data.
bool read_object(JsonScanner& scan, Header& header, Texts& data, bool with_data, bool& other_keys) {
  const std::size_t start = scan.offset();
  std::size_t count = 0;
  std::uint32_t seen = 0;
  const auto index_of = [&](std::string_view name) {
    const int index = block_key(name);
    other_keys = other_keys || index < 0;
    return index;
  };
  const auto member = [&](int index) {
    const auto key = static_cast<BlockKey>(index);
    header.order.keys[count++] = key;
    return read_member(scan, key, header, data);
  };
  if (!scan.object(index_of, member, seen)) return false;
  if (!with_data) {  // its place is the last, where it is usual
    if ((seen & bit_of(BlockKey::data)) != 0) return scan.fail("data_in_header", start);
    header.order.keys[count] = BlockKey::data;
    seen |= bit_of(BlockKey::data);
  }
  header.has_merkle_root = (seen & bit_of(BlockKey::merkle_root)) != 0;
  if ((seen | bit_of(BlockKey::merkle_root)) != kAllKeys) return scan.fail("missing_key", start);
  if (!header.has_merkle_root) place_merkle_root(header.order);
  return true;
}

// --- Writing -------------------------------------------------------------------------------------

void append_escape(std::string& out, char c) {
  static constexpr std::string_view kFrom = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kTo = "\"\\bfnrt";
  static constexpr char kDigits[] = "0123456789abcdef";
  const std::size_t found = kFrom.find(c);
  out += '\\';
  if (found != std::string_view::npos) {
    out += kTo[found];
  } else {
    out += "u00";
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
}

// Half of a surrogate pair, three bytes at `at`.
void append_surrogate(std::string& out, std::string_view text, std::size_t at) {
  const unsigned unit = 0xd000u | (static_cast<unsigned char>(text[at + 1]) & 0x3fu) << 6 |
                        (static_cast<unsigned char>(text[at + 2]) & 0x3fu);
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[unit >> shift & 15];
}

void append_data(std::string& out, const Body& body) {
  if (const Filler* filler = std::get_if<Filler>(&body)) {
    out += "[\"";
    out.append(static_cast<std::size_t>(filler->length), 'x');
    out += "\"]";
    return;
  }
  char separator = '[';
  for (const std::string& text : std::get<Texts>(body)) {
    out += separator;
    append_string(out, text);
    separator = ',';
  }
  out += separator == '[' ? "[]" : "]";
}

void append_quoted_hash(std::string& out, const Hash& hash,
                        void (*append)(std::string&, const Hash&)) {
  out += '"';
  append(out, hash);
  out += '"';
}

void append_member(std::string& out, BlockKey key, const Header& header,
                   std::string_view data_json) {
  switch (key) {
    case BlockKey::version:
      return append_string(out, header.version);
    case BlockKey::height:
      return append_integer(out, header.height);
    case BlockKey::timestamp:
      return append_integer(out, header.timestamp_ms);
    case BlockKey::merkle_root:
      return append_quoted_hash(out, header.merkle_root, append_upper_hex);
    case BlockKey::previous_hash:
      return append_quoted_hash(out, header.previous_hash, append_lower_hex);
    case BlockKey::hash:
      return append_quoted_hash(out, header.hash, append_lower_hex);
    case BlockKey::difficulty:
      return append_integer(out, header.difficulty);
    case BlockKey::nonce:
      return append_integer(out, header.nonce);
    case BlockKey::data:
      out += data_json;
      return;
  }
}

void append_key(std::string& out, char separator, BlockKey key) {
  out += separator;
  out += '"';
  out += kKeyNames[static_cast<std::size_t>(key)];
  out += "\":";
}

}  // namespace

bool read_integer(JsonScanner& scan, std::int64_t& out, bool may_be_negative) {
  const std::size_t start = scan.offset();
  if (!scan.integer(out)) return false;
  return may_be_negative || out >= 0 || scan.fail("out_of_range", start);
}

bool read_block(JsonScanner& scan, std::uint64_t max_block, Block& block) {
  const std::size_t start = scan.offset();
  Texts data;
  if (!read_object(scan, block.header, data, true, block.has_other_keys)) return false;
  if (max_block != 0 && scan.end_offset() - start > max_block) {
    return scan.fail("block_too_big", start);
  }
  block.body = std::move(data);
  return true;
}

bool read_header(JsonScanner& scan, Header& header) {
  const std::size_t start = scan.offset();
  Texts none;
  bool other_keys = false;
  if (!read_object(scan, header, none, false, other_keys)) return false;
  return !other_keys || scan.fail("unknown_key", start);
}

bool read_texts(JsonScanner& scan, Texts& out) { return read_data(scan, out); }

bool read_block_hash(JsonScanner& scan, Hash& out) { return read_hash(scan, out, from_lower_hex); }

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool surrogate = is_half_surrogate(text, i);
    if (byte >= 0x20 && c != '"' && c != '\\' && !surrogate) continue;
    out.append(text, done, i - done);
    if (surrogate) {
      append_surrogate(out, text, i);
      i += 2;
    } else {
      append_escape(out, c);
    }
    done = i + 1;
  }
  out.append(text, done);
  out += '"';
}

void append_header(std::string& out, const Header& header) {
  char separator = '{';
  for (const BlockKey key : header.order.keys) {
    if (key == BlockKey::data || (key == BlockKey::merkle_root && !header.has_merkle_root))
      continue;
    append_key(out, separator, key);
    append_member(out, key, header, {});
    separator = ',';
  }
  out += '}';
}

void append_block(std::string& out, const Header& header, std::string_view data_json) {
  char separator = '{';
  for (const BlockKey key : header.order.keys) {
    if (key == BlockKey::merkle_root && !header.has_merkle_root) continue;
    append_key(out, separator, key);
    append_member(out, key, header, data_json);
    separator = ',';
  }
  out += '}';
}

std::string encode_data(const Body& body) {
  std::string out;
  append_data(out, body);
  return out;
}

}  // namespace chain
