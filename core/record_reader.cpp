#include "core/record_reader.h"

#include <algorithm>
#include <limits>

namespace chain {
namespace {

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kAny32 = std::numeric_limits<std::uint32_t>::max();

}  // namespace

// --- Parts and frames ----------------------------------------------------------------------------

std::optional<RecordFault> RecordReader::begin_part(std::string_view bytes) {
  const std::string_view magic{kRecordMagic.data(), kRecordMagic.size()};
  const std::size_t start = std::min(bytes.size(), magic.size());
  if (bytes.substr(0, start) != magic.substr(0, start) || bytes.empty()) {
    return RecordFault{0, "no recording", "the header of one, `" + std::string(magic) + "`"};
  }
  if (bytes.size() < kPartHeader) {
    return RecordFault{bytes.size(), "the end of the file", "a header of 40 bytes"};
  }
  if (u64_at(bytes, kPartHeader - 8) != record_check(0, bytes.substr(0, kPartHeader - 8))) {
    return RecordFault{0, "a header that does not fit its check", "a recording without damage"};
  }
  const std::uint32_t version = u32_at(bytes, 8);
  if (version == 0 || version > kRecordVersion) {
    return RecordFault{8, "version " + std::to_string(version), "version 1 or 2"};
  }
  const RecordEnd here{u32_at(bytes, 12), u64_at(bytes, kPartHeader - 8), u64_at(bytes, 24)};
  if (some_part_ && (here.part != end_.part + 1 || u64_at(bytes, 16) != end_.check)) {
    return RecordFault{12, "part " + std::to_string(here.part) + " of a recording",
                       "the part that goes on after the end of part " + std::to_string(end_.part)};
  }
  some_part_ = true;
  version_ = version;
  end_ = here;
  bytes_ = bytes;
  at_ = records_end_ = frame_end_ = kPartHeader;
  return std::nullopt;
}

// False: none is left, or a fault is noted.
bool RecordReader::enter_frame() {
  at_ = records_end_ = frame_end_;
  const std::size_t left = bytes_.size() - frame_end_;
  if (left < kFrameHeader) return false;
  const std::uint32_t length = u32_at(bytes_, at_);
  const bool true_length = u32_at(bytes_, at_ + 4) == length_check(end_.check, length);
  if (!true_length || length < 8 || length > kMaxFramePayload) {
    fail(at_, "a length that does not fit its check", "a frame, or the end of the file");
    return false;
  }
  if (left < kFrameHeader + length + kFrameTrailer) return false;
  const std::string_view payload = bytes_.substr(at_ + kFrameHeader, length);
  const std::uint64_t check = record_check(end_.check, payload);
  if (check != u64_at(bytes_, at_ + kFrameHeader + length)) {
    fail(at_, "a frame of " + std::to_string(length) + " bytes that does not fit its check",
         "a recording without damage");
    return false;
  }
  end_.check = check;
  at_ += kFrameHeader;
  records_end_ = at_ + length - 8;
  frame_end_ = records_end_ + 8 + kFrameTrailer;
  end_.digest = u64_at(bytes_, records_end_);
  const bool begins = at_ < records_end_ && bytes_[at_] == static_cast<char>(RecordTag::world);
  some_world_ = some_world_ || begins;
  if (!some_world_) at_ = records_end_;
  return true;
}

std::optional<RecordFault> RecordReader::skip_frames() {
  while (enter_frame()) {
  }
  return fault_;
}

Result<std::optional<Record>, RecordFault> RecordReader::next() {
  if (fault_) return Error(*fault_);
  record_at_ = at_;
  if (at_ == records_end_ && at_ != frame_end_) {
    at_ = frame_end_;
    return std::optional<Record>(FrameEnds{end_.digest});
  }
  if (at_ == frame_end_) {
    const bool more = enter_frame();
    if (fault_) return Error(*fault_);
    if (!more) return std::optional<Record>();
    return next();
  }
  std::optional<Record> record = read_record();
  if (fault_) return Error(*fault_);
  return record;
}

// --- What records are made of --------------------------------------------------------------------

void RecordReader::fail(std::size_t at, std::string found, std::string expected) {
  if (!fault_) fault_ = RecordFault{at, std::move(found), std::move(expected)};
}

std::uint8_t RecordReader::byte() {
  if (at_ < records_end_ && !fault_) return static_cast<std::uint8_t>(bytes_[at_++]);
  fail(at_, "the end of a frame", "the rest of a record");
  return 0;
}

std::uint64_t RecordReader::number(std::string_view what, std::uint64_t most) {
  const std::size_t start = at_;
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const std::uint8_t next = byte();
    const std::uint64_t bits = next & 0x7f;
    if (shift > 63 || (shift == 63 && bits > 1)) {
      fail(start, std::string(what) + " of more than 64 bits", "a number");
      return 0;
    }
    number |= bits << shift;
    if (next < 0x80) break;
  }
  if (number <= most) return number;
  fail(start, std::string(what) + ' ' + std::to_string(number), "at most " + std::to_string(most));
  return 0;
}

Duration RecordReader::duration(std::string_view what) {
  return {static_cast<std::int64_t>(number(what, kMaxRecordedDuration))};
}

Hash RecordReader::hash() {
  Hash hash;
  for (std::uint8_t& each : hash.bytes) each = byte();
  return hash;
}

std::string RecordReader::text(std::string_view what) {
  const std::uint64_t length = number(what, records_end_ - at_);
  if (fault_ || length > records_end_ - at_) {
    fail(at_, std::string(what) + " of " + std::to_string(length) + " bytes", "a shorter one");
    return {};
  }
  std::string text(bytes_.substr(at_, length));
  at_ += length;
  return text;
}

BlockId RecordReader::block(std::string_view what) {
  const std::size_t start = at_;
  const std::uint64_t back = number(what, kAny32);
  if (back < blocks_.size()) return static_cast<BlockId>(blocks_.size() - 1 - back);
  fail(start, std::string(what) + ", block " + std::to_string(back) + " before the newest",
       "one of " + std::to_string(blocks_.size()) + " blocks");
  return kNoBlock;
}

// --- The world -----------------------------------------------------------------------------------

WorldBegins RecordReader::world() {
  last_ = {};
  blocks_.clear();
  WorldBegins world;
  world.kind = word("a world's kind", RecordedWorld::real);
  world.left_out = static_cast<std::uint32_t>(number("nodes left out", kAny32));
  world.title = text("a title");
  return world;
}

KeyOrder RecordReader::order() {
  const std::size_t start = at_;
  KeyOrder order;
  for (BlockKey& key : order.keys) key = static_cast<BlockKey>(byte() % kBlockKeys);
  std::uint32_t seen = 0;
  for (const BlockKey key : order.keys) seen |= 1u << static_cast<unsigned>(key);
  if (seen + 1 != 1u << kBlockKeys) fail(start, "an order with a key twice", "each key once");
  return order;
}

Header RecordReader::header(const Known* parent, std::uint64_t& work) {
  const std::size_t start = at_;
  const std::uint8_t odd = byte();
  if (odd >= 2 * kOddWork || (parent == nullptr && (odd & kOddPrevious) == 0)) {
    fail(start, "a header of kind " + std::to_string(odd), "a known kind");
  }
  Header header;
  header.hash = hash();
  header.previous_hash = (odd & kOddPrevious) != 0 || parent == nullptr ? hash() : parent->hash;
  header.has_merkle_root = (odd & kNoMerkleRoot) == 0;
  if (header.has_merkle_root) header.merkle_root = hash();
  header.timestamp_ms = static_cast<std::int64_t>(number("a timestamp", kAny));
  header.difficulty = static_cast<std::int64_t>(number("a difficulty", kAny));
  header.nonce = static_cast<std::int64_t>(number("a nonce", kAny));
  work = (odd & kOddWork) != 0 ? number("work", kAny) : 1;
  if ((odd & kOddOrder) != 0) header.order = order();
  if ((odd & kOddVersion) != 0) header.version = text("a version");
  if (parent != nullptr) header.height = parent->height + 1;
  return header;
}

RootAdded RecordReader::root() {
  std::uint64_t work = 0;
  RootAdded root;
  root.header = header(nullptr, work);
  root.text = text("a genesis");
  blocks_.push_back({root.header.hash, root.header.height});
  return root;
}

BlockAdded RecordReader::added_block() {
  BlockAdded added;
  added.parent = block("a parent");
  if (fault_) return added;
  added.header = header(&blocks_[added.parent], added.work);
  blocks_.push_back({added.header.hash, added.header.height});
  return added;
}

// --- Lives ---------------------------------------------------------------------------------------

NodeOptions RecordReader::options() {
  NodeOptions options;
  ChainRules& rules = options.rules;
  rules.kind = word("rules", RulesKind::work);
  rules.hash_order = word("an order of the hash", HashOrder::variant);
  const std::uint64_t checks = number("checks of genesis and merkle root", 3);
  rules.check_genesis = (checks & 1) != 0;
  rules.check_merkle_root = (checks & 2) == 0;
  rules.seal = word("a seal", Seal::simulated);
  rules.tie_break = word("a tie break", TieBreak::random);
  rules.first_difficulty =
      static_cast<std::int64_t>(number("a first difficulty", kMaxRecordedDuration));
  rules.retarget = static_cast<std::uint32_t>(number("a retarget", kAny32));
  rules.block_interval = duration("a block interval");
  rules.max_block = number("a largest block", kAny);
  options.protocol = word("a protocol", ProtocolKind::header_first);
  options.relay = word("a relay", Relay::block);
  options.trusts_nonces = flag("trust in nonces");
  options.own_address = static_cast<AddressId>(number("an own address", kAny32));
  options.keepalive = duration("a keepalive");
  options.nonce = number("a nonce", kAny);
  options.outbound = static_cast<std::uint32_t>(number("outbound connections", kAny32));
  if (!flag("a redial habit")) return options;
  const Duration first = duration("a first pause");
  options.redial = Redial{first, duration("a longest pause")};
  return options;
}

void RecordReader::limits(LifeBegins& life) {
  life.options.rules.min_difficulty = static_cast<std::int64_t>(
      number("a least difficulty", static_cast<std::uint64_t>(kMaxDifficulty)));
  life.options.max_frame = number("a frame limit", kAny);
  const auto rows = sync_limit_rows();
  while (!fault_) {
    const std::size_t start = at_;
    const std::uint64_t place = number("a limit", rows.size());
    if (place == 0 || fault_) return;
    const SyncLimitRow& row = rows[place - 1];
    const std::uint64_t value = number(row.name, kAny);
    if (value < static_cast<std::uint64_t>(row.min) ||
        value > static_cast<std::uint64_t>(row.max)) {
      return fail(start, std::string(row.name) + " " + std::to_string(value),
                  std::to_string(row.min) + " to " + std::to_string(row.max));
    }
    set_limit(life.limits, row, static_cast<std::int64_t>(value));
  }
}

LifeBegins RecordReader::life() {
  LifeBegins life;
  life.node = static_cast<std::uint32_t>(number("a node", kMaxRecordedNodes - 1));
  life.options = options();
  if (version_ > 1) limits(life);
  life.tip = block("a tip");
  for (std::uint64_t blocks = blocks_.size(); !fault_;) {
    const std::size_t start = at_;
    const std::uint64_t run = number("a run of known blocks", kAny32);
    if (run == 0) break;
    if (run >> 2 > blocks || run >> 2 == 0) {
      fail(start, "a run of " + std::to_string(run >> 2) + " known blocks",
           "1 to " + std::to_string(blocks) + " of them");
      break;
    }
    blocks -= run >> 2;
    life.known.push_back({(run & 1) != 0, (run & 2) != 0, static_cast<std::uint32_t>(run >> 2)});
  }
  return life;
}

// --- Steps ---------------------------------------------------------------------------------------

Received RecordReader::received() {
  Received received{static_cast<PeerId>(number("a peer", kAny32)), {}};
  const std::size_t start = at_;
  const std::uint8_t first = byte();
  Message& message = received.message;
  if ((first & kTypeBits) >= kMessageTypes) {
    fail(start, "message type " + std::to_string(first & kTypeBits), "0 to 13");
    return received;
  }
  message.type = static_cast<MessageType>(first & kTypeBits);
  if (message.type == MessageType::peers) {
    message.last = static_cast<std::uint32_t>(number("an address", kAny32));
  } else {
    const std::uint64_t code = number("a block", std::uint64_t{kAny32} << 1 | 1);
    if ((code & 1) != 0) {
      message.last = static_cast<BlockId>((code >> 1) - 1) | kStagedBit;
    } else if (code >> 1 < blocks_.size()) {
      message.last = static_cast<BlockId>(blocks_.size() - 1 - (code >> 1));
    } else {
      fail(start + 1, "a block that was not given", "one of " + std::to_string(blocks_.size()));
    }
  }
  if ((first & kHasStaged) != 0) {
    message.staged = word("why it is staged", Staged::other_body);
    message.refusal = word("a refusal", static_cast<Refusal>(kRefusals - 1));
  }
  if (carries_blocks(message.type) && message.staged == Staged::no && is_staged(message.last)) {
    fail(start, "blocks that were not given, and no reason why", "a reason");
  }
  const std::uint64_t most = message.type == MessageType::hello    ? kRelayWords.size() - 1
                             : message.type == MessageType::reject ? kOffences - 1
                             : message.type == MessageType::peers  ? kMaxPeersTold
                                                                   : 0;
  if ((first & kHasDetail) != 0) {
    message.detail = static_cast<std::uint8_t>(number("a detail", most));
  }
  if ((first & kHasPair) != 0) {
    for (std::uint32_t& each : message.pair) {
      each = static_cast<std::uint32_t>(number("a number", kAny32));
    }
  }
  if ((first & kHasListens) != 0) {
    received.listens = static_cast<AddressId>(number("an address", kAny32));
  }
  return received;
}

Input RecordReader::input(std::uint8_t tag) {
  const auto small = [&](std::string_view what) {
    return static_cast<std::uint32_t>(number(what, kAny32));
  };
  static_assert(std::variant_size_v<Input> == 8);
  switch (tag) {
    case 0: {
      const PeerId peer = small("a peer");
      return PeerUp{peer, small("an address") - 1};
    }
    case 1:
      return PeerDown{small("a peer")};
    case 2:
      return DialFailed{small("an address")};
    case 3:
      return Connect{small("an address")};
    case 4:
      return Disconnect{small("an address")};
    case 5:
      return received();
    case 6:
      return Mined{block("a mined block")};
    default:
      return Wake{};
  }
}

StepTaken RecordReader::step(std::uint8_t tag) {
  StepTaken step;
  step.node = static_cast<std::uint32_t>(number("a node", kMaxRecordedNodes - 1));
  const auto left = static_cast<std::uint64_t>(kMaxRecordedTime - last_.ns);
  last_.ns += static_cast<std::int64_t>(number("nanoseconds since the last step", left));
  step.now = last_;
  step.input = input(tag);
  for (int shift = 0; shift < 32; shift += 8) step.check |= std::uint32_t{byte()} << shift;
  return step;
}

Record RecordReader::read_record() {
  const std::uint8_t tag = byte();
  if (tag < std::variant_size_v<Input>) return step(tag);
  switch (static_cast<RecordTag>(tag)) {
    case RecordTag::world:
      return world();
    case RecordTag::root:
      return root();
    case RecordTag::block:
      return added_block();
    case RecordTag::body: {
      const BlockId id = block("a body's block");
      return BodyAdded{id, number("bytes of data", std::uint64_t{1} << 40)};
    }
    case RecordTag::name:
      return NameGiven{hash()};
    case RecordTag::life:
      return life();
    case RecordTag::left_out:
      if (version_ == 1) break;  // it has none
      return StepsLeftOut{number("a digest", kAny)};
    case RecordTag::end:
      return LifeEnds{static_cast<std::uint32_t>(number("a node", kMaxRecordedNodes - 1))};
  }
  fail(record_at_, "a record of kind " + std::to_string(tag), "a known kind");
  return LifeEnds{};
}

}  // namespace chain
