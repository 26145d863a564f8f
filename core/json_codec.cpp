#include "core/json_codec.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/check.h"
#include "core/digest.h"
#include "core/wire_size.h"

namespace chain {
namespace {

enum MessageKey : int { type_key, payload_key };

int message_key(std::string_view name) {
  return name == "type" ? type_key : name == "payload" ? payload_key : -1;
}

// --- Reading -------------------------------------------------------------------------------------

bool read_block_of(JsonScanner& scan, const CodecLimits& limits, Block& block) {
  return read_block(scan, limits.max_block, block);
}

bool read_blocks(JsonScanner& scan, const CodecLimits& limits, std::vector<Block>& blocks) {
  return scan.array([&] { return read_block_of(scan, limits, blocks.emplace_back()); });
}

template <typename T, typename Read>
bool read_list(JsonScanner& scan, std::vector<T>& out, std::size_t most, Read read) {
  const std::size_t start = scan.offset();
  return scan.array([&] {
    if (out.size() == most) return scan.fail("too_many", start);
    return read(scan, out.emplace_back());
  });
}

bool read_hex16(JsonScanner& scan, std::uint64_t& out) {
  const std::size_t start = scan.offset();
  JsonText text;
  if (!scan.string(text)) return false;
  const auto number = from_hex16(text.raw);
  if (!number) return scan.fail("not_16_hex_digits", start);
  out = *number;
  return true;
}

bool read_number(JsonScanner& scan, std::uint32_t& out) {
  const std::size_t start = scan.offset();
  std::int64_t number = 0;
  if (!read_integer(scan, number, false)) return false;
  if (number > std::numeric_limits<std::uint32_t>::max()) return scan.fail("out_of_range", start);
  out = static_cast<std::uint32_t>(number);
  return true;
}

bool read_words(JsonScanner& scan, std::string& out) {
  const std::size_t start = scan.offset();
  JsonText text;
  if (!scan.string(text)) return false;
  out = text.text();
  return out.size() <= kMaxWords || scan.fail("text_too_long", start);
}

// The place of a word in a table; -1: not in it.
template <typename Table>
int index_in(const Table& table, std::string_view word) {
  const auto found = std::find(std::begin(table), std::end(table), word);
  return found == std::end(table) ? -1 : static_cast<int>(found - std::begin(table));
}

bool read_relay(JsonScanner& scan, Relay& out) {
  const std::size_t start = scan.offset();
  std::string word;
  if (!read_words(scan, word)) return false;
  const int index = index_in(kRelayWords, word);
  if (index < 0) return scan.fail("unknown_relay", start);
  out = static_cast<Relay>(index);
  return true;
}

bool read_versions(JsonScanner& scan, bool& speaks) {
  std::size_t count = 0;
  const std::size_t start = scan.offset();
  return scan.array([&] {
    std::int64_t version = 0;
    if (++count > kMaxHashes) return scan.fail("too_many", start);
    if (!scan.integer(version)) return false;
    speaks = speaks || version == kSyncVersion;
    return true;
  });
}

// The objects of the new messages: a table of keys, all required where the message has them; keys
// of later versions are skipped.
enum ObjectKey : int {
  tip_key,
  height_key,
  work_key,
  versions_key,
  network_key,
  node_key,
  listen_key,
  relay_key,
  last_key,
  count_key,
  code_key,
  reason_key
};
constexpr std::array<std::string_view, 12> kObjectKeys{"tip",     "height", "work",   "versions",
                                                       "network", "node",   "listen", "relay",
                                                       "last",    "count",  "code",   "reason"};

constexpr std::uint32_t bits(std::initializer_list<int> keys) {
  std::uint32_t all = 0;
  for (const int key : keys) all |= 1u << key;
  return all;
}
constexpr std::uint32_t kTipKeys = bits({tip_key, height_key, work_key});
constexpr std::uint32_t kHelloKeys =
    kTipKeys | bits({versions_key, network_key, node_key, listen_key, relay_key});
constexpr std::uint32_t kRangeKeys = bits({last_key, count_key});
constexpr std::uint32_t kRejectKeys = bits({code_key, reason_key});

bool read_member(JsonScanner& scan, int key, WireMessage& message) {
  std::string words;
  switch (key) {
    case tip_key:
    case last_key:
      return read_block_hash(scan, message.hashes.emplace_back());
    case height_key:
    case count_key:
      return read_number(scan, message.number);
    case work_key:
      return read_hex16(scan, message.work);
    case versions_key:
      return read_versions(scan, message.speaks_version);
    case network_key:
      return read_block_hash(scan, message.network);
    case node_key:
      return read_hex16(scan, message.nonce);
    case listen_key:
      return read_words(scan, message.texts.emplace_back());
    case relay_key:
      return read_relay(scan, message.relay);
    case code_key:
      if (!read_words(scan, words)) return false;
      message.offence = offence_named(words);
      return true;
    case reason_key:
      return read_words(scan, words);
    default:
      return scan.skip_value();
  }
}

bool read_fields(JsonScanner& scan, std::uint32_t wanted, WireMessage& message) {
  const std::size_t start = scan.offset();
  std::uint32_t seen = 0;
  const auto index_of = [wanted](std::string_view name) {
    const int index = index_in(kObjectKeys, name);
    return index >= 0 && (wanted >> index & 1) != 0 ? index : -1;
  };
  const auto member = [&](int key) { return read_member(scan, key, message); };
  if (!scan.object(index_of, member, seen)) return false;
  return seen == wanted || scan.fail("missing_key", start);
}

// The payload of a message with one, which stands at `start`.
bool read_payload(JsonScanner& scan, const CodecLimits& limits, std::size_t start,
                  WireMessage& message) {
  switch (message.type) {
    case MessageType::latest_block:
    case MessageType::whole_chain:
    case MessageType::blocks:
      if (!read_blocks(scan, limits, message.blocks)) return false;
      if (message.blocks.empty()) return scan.fail("no_block", start);
      if (message.type == MessageType::latest_block && message.blocks.size() > 1) {
        return scan.fail("more_than_one_block", start);
      }
      return true;
    case MessageType::headers:
      if (!read_list(scan, message.headers, kMaxHeaders, read_header)) return false;
      return !message.headers.empty() || scan.fail("no_header", start);
    case MessageType::get_headers:
      if (!read_list(scan, message.hashes, kMaxHashes, read_block_hash)) return false;
      return !message.hashes.empty() || scan.fail("no_hash", start);
    case MessageType::hello:
      return read_fields(scan, kHelloKeys, message);
    case MessageType::inv:
    case MessageType::ping:
    case MessageType::pong:
      return read_fields(scan, kTipKeys, message);
    case MessageType::get_blocks:
      if (!read_fields(scan, kRangeKeys, message)) return false;
      return message.number > 0 || scan.fail("out_of_range", start);
    case MessageType::peers:
      return read_list(scan, message.texts, kMaxPeersTold, read_words);
    case MessageType::reject:
      return read_fields(scan, kRejectKeys, message);
    case MessageType::query_latest:
    case MessageType::get_peers:
      break;
  }
  return scan.skip_value();
}

// A message object, with its payload left for later: where it stands, or 0.
struct Envelope {
  std::int64_t type = -1;
  std::size_t payload_at = 0;
};

std::optional<MessageType> type_from(std::int64_t number, bool original_only) {
  constexpr auto kOriginals = static_cast<std::int64_t>(MessageType::hello);
  if (number >= 0 && number < kOriginals) return static_cast<MessageType>(number);
  const std::int64_t index = number - kFirstSyncType + kOriginals;
  if (original_only || number < kFirstSyncType ||
      index >= static_cast<std::int64_t>(kMessageTypes)) {
    return std::nullopt;
  }
  return static_cast<MessageType>(index);
}

bool has_payload(MessageType type) {
  return type != MessageType::query_latest && type != MessageType::get_peers;
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

}  // namespace

Offence offence_named(std::string_view code) {
  for (std::size_t i = 0; i < kOffences; ++i) {
    if (name_of(static_cast<Offence>(i)) == code) return static_cast<Offence>(i);
  }
  return Offence::none;
}

Result<std::optional<WireMessage>, Malformed> decode(std::string_view frame,
                                                     const CodecLimits& limits) {
  if (frame.size() > limits.max_frame) {
    return Error{Malformed{"oversized", static_cast<std::size_t>(limits.max_frame)}};
  }
  JsonScanner scan(frame, limits.max_depth);
  WireMessage message;
  Envelope envelope;
  std::optional<MessageType> type;
  std::uint32_t seen = 0;
  bool read = false;  // the payload: at once where the type comes first, as it does
  const auto member = [&](int key) {
    if (key == type_key) {
      if (!scan.integer(envelope.type)) return false;
      type = type_from(envelope.type, limits.original_only);
      return true;
    }
    envelope.payload_at = scan.offset();
    if (!type || !has_payload(*type)) return scan.skip_value();
    message.type = *type;
    read = true;
    return read_payload(scan, limits, envelope.payload_at, message);
  };
  if (!scan.object(message_key, member, seen) || !scan.end()) return Error{scan.fault()};
  if ((seen & (1u << type_key)) == 0) return Error{Malformed{"no_type", 0}};
  if (!type) return std::optional<WireMessage>{};
  message.type = *type;
  if (!read && has_payload(*type)) {
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

Result<Block, Malformed> decode_block(std::string_view text, const CodecLimits& limits) {
  return decode_one<Block>(text, limits, read_block_of);
}

Result<Texts, Malformed> decode_data(std::string_view text, const CodecLimits& limits) {
  return decode_one<Texts>(text, limits, [](JsonScanner& scan, const CodecLimits&, Texts& out) {
    return read_texts(scan, out);
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

}  // namespace chain
