#include "core/json_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/block_size.h"
#include "core/check.h"
#include "core/wire_size.h"

namespace chain {
namespace {

constexpr std::array<std::string_view, kBlockKeys> kKeyNames{
    "version", "height",     "timestamp", "merkleRoot", "previousHash",
    "hash",    "difficulty", "nonce",     "data"};
constexpr std::uint32_t bit_of(BlockKey key) { return 1u << static_cast<unsigned>(key); }
constexpr std::uint32_t kAllKeys = (1u << kBlockKeys) - 1;

enum MessageKey : int { type_key, payload_key };

int block_key(std::string_view name) {
  for (std::size_t i = 0; i < kBlockKeys; ++i) {
    if (name == kKeyNames[i]) return static_cast<int>(i);
  }
  return -1;
}

int message_key(std::string_view name) {
  return name == "type" ? type_key : name == "payload" ? payload_key : -1;
}

// --- Reading -------------------------------------------------------------------------------------

bool read_integer(JsonScanner& scan, std::int64_t& out, bool may_be_negative) {
  const std::size_t start = scan.offset();
  if (!scan.integer(out)) return false;
  return may_be_negative || out >= 0 || scan.fail("out_of_range", start);
}

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

bool read_block(JsonScanner& scan, const CodecLimits& limits, Block& block) {
  const std::size_t start = scan.offset();
  Header& header = block.header;
  Texts data;
  std::size_t count = 0;
  std::uint32_t seen = 0;
  const auto member = [&](int index) {
    const auto key = static_cast<BlockKey>(index);
    header.order.keys[count++] = key;
    return read_member(scan, key, header, data);
  };
  if (!scan.object(block_key, member, seen)) return false;
  header.has_merkle_root = (seen & bit_of(BlockKey::merkle_root)) != 0;
  if ((seen | bit_of(BlockKey::merkle_root)) != kAllKeys) return scan.fail("missing_key", start);
  if (!header.has_merkle_root) place_merkle_root(header.order);
  if (limits.max_block != 0 && scan.end_offset() - start > limits.max_block) {
    return scan.fail("block_too_big", start);
  }
  block.body = std::move(data);
  return true;
}

bool read_blocks(JsonScanner& scan, const CodecLimits& limits, std::vector<Block>& blocks) {
  return scan.array([&] { return read_block(scan, limits, blocks.emplace_back()); });
}

// The payload of a block message, which stands at `start`.
bool read_payload(JsonScanner& scan, const CodecLimits& limits, std::size_t start,
                  WireMessage& message) {
  if (!read_blocks(scan, limits, message.blocks)) return false;
  if (message.blocks.empty()) return scan.fail("no_block", start);
  if (message.type == MessageType::latest_block && message.blocks.size() > 1) {
    return scan.fail("more_than_one_block", start);
  }
  return true;
}

// A message object, with its block payload left for later: where it stands, or 0.
struct Envelope {
  std::int64_t type = -1;
  std::size_t payload_at = 0;
};

bool carries_blocks(std::int64_t type) {
  return type == static_cast<int>(MessageType::latest_block) ||
         type == static_cast<int>(MessageType::whole_chain);
}

template <typename T>
Result<T, Malformed> decode_one(std::string_view text, const CodecLimits& limits,
                                bool (*read)(JsonScanner&, const CodecLimits&, T&)) {
  if (text.size() > limits.max_frame) {
    return Error{Malformed{"oversized", static_cast<std::size_t>(limits.max_frame)}};
  }
  JsonScanner scan(text, limits.max_depth);
  T value;
  if (!read(scan, limits, value) || !scan.end()) return Error{scan.fault()};
  return value;
}

// --- Writing -------------------------------------------------------------------------------------

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

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

void append_stored_block(std::string& out, BlockId id, const BlockTree& tree,
                         const BodySource& bodies, std::string& data_json) {
  if (tree.is_root(id)) {
    out += tree.root_text(id);
    return;
  }
  data_json.clear();
  bodies.append_data_json(id, data_json);
  append_block(out, tree.header(id), data_json);
}

}  // namespace

Result<std::optional<WireMessage>, Malformed> decode(std::string_view frame,
                                                     const CodecLimits& limits) {
  if (frame.size() > limits.max_frame) {
    return Error{Malformed{"oversized", static_cast<std::size_t>(limits.max_frame)}};
  }
  JsonScanner scan(frame, limits.max_depth);
  WireMessage message;
  Envelope envelope;
  std::uint32_t seen = 0;
  bool read = false;  // the blocks: at once where the type comes first, as it does
  const auto member = [&](int key) {
    if (key == type_key) return scan.integer(envelope.type);
    envelope.payload_at = scan.offset();
    if (!carries_blocks(envelope.type)) return scan.skip_value();
    message.type = static_cast<MessageType>(envelope.type);
    read = true;
    return read_payload(scan, limits, envelope.payload_at, message);
  };
  if (!scan.object(message_key, member, seen) || !scan.end()) return Error{scan.fault()};
  if ((seen & (1u << type_key)) == 0) return Error{Malformed{"no_type", 0}};
  if (envelope.type == static_cast<int>(MessageType::query_latest)) return {std::move(message)};
  if (!carries_blocks(envelope.type)) return std::optional<WireMessage>{};
  if (!read) {
    message.type = static_cast<MessageType>(envelope.type);
    if (envelope.payload_at == 0) return Error{Malformed{"no_payload", 0}};
    JsonScanner again(frame, limits.max_depth - 1, envelope.payload_at);
    if (!read_payload(again, limits, envelope.payload_at, message)) return Error{again.fault()};
  }
  return {std::move(message)};
}

std::string encode_block(const Block& block) {
  std::string out;
  append_block(out, block.header, encode_data(block.body));
  return out;
}

void append_block(std::string& out, const Header& header, std::string_view data_json) {
  char separator = '{';
  for (const BlockKey key : header.order.keys) {
    if (key == BlockKey::merkle_root && !header.has_merkle_root) continue;
    out += separator;
    out += '"';
    out += kKeyNames[static_cast<std::size_t>(key)];
    out += "\":";
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

Result<Block, Malformed> decode_block(std::string_view text, const CodecLimits& limits) {
  return decode_one<Block>(text, limits, read_block);
}

Result<Texts, Malformed> decode_data(std::string_view text, const CodecLimits& limits) {
  return decode_one<Texts>(text, limits, [](JsonScanner& scan, const CodecLimits&, Texts& out) {
    return read_data(scan, out);
  });
}

std::string_view first_block_text(std::string_view frame) {
  JsonScanner scan(frame, std::numeric_limits<int>::max());
  std::string_view first;
  std::uint32_t seen = 0;
  const auto element = [&] {
    const std::size_t start = scan.offset();
    if (!scan.skip_value()) return false;
    if (first.empty()) first = frame.substr(start, scan.end_offset() - start);
    return true;
  };
  const auto member = [&](int key) {
    return key == payload_key ? scan.array(element) : scan.skip_value();
  };
  CHECK(scan.object(message_key, member, seen));
  return first;
}

Result<Genesis, std::string> parse_genesis(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = std::min(text.find_first_not_of(kSpace), text.size());
  text = text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
  auto block = decode_block(text, CodecLimits{});
  if (!block) {
    return Error{"found " + std::string(block.error().code) + " at byte " +
                 std::to_string(first + block.error().offset) +
                 " of the genesis; expected the JSON text of a block"};
  }
  if (block->header.height != 0) {
    return Error{"found a genesis of height " + std::to_string(block->header.height) +
                 "; expected height 0"};
  }
  return Genesis{std::string(text), std::move(*block)};
}

std::string encode(const Message& message, const BlockTree& tree, const BodySource& bodies) {
  if (message.type == MessageType::query_latest) return R"({"type":0,"payload":{}})";
  std::vector<BlockId> path{message.last};
  if (message.type == MessageType::whole_chain) {
    while (!tree.is_root(path.back())) path.push_back(tree.parent(path.back()));
  }
  std::string out;
  std::string data_json;
  out.reserve(static_cast<std::size_t>(wire_size(message, tree)));
  out += message.type == MessageType::latest_block ? R"({"type":1,"payload":)"
                                                   : R"({"type":2,"payload":)";
  char separator = '[';
  for (auto id = path.rbegin(); id != path.rend(); ++id) {
    out += separator;
    append_stored_block(out, *id, tree, bodies, data_json);
    separator = ',';
  }
  return out += "]}";
}

}  // namespace chain
