#include "core/record_writer.h"

#include <cstring>

#include "core/block_size.h"
#include "core/check.h"

namespace chain {
namespace {

constexpr std::size_t kMostOfStep = 80;     // bytes; all numbers at their longest
constexpr std::size_t kMostOfHeader = 192;  // less its version
constexpr std::size_t kMostOfNumber = 10;

std::string_view text_of_hash(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

// A step's bytes go by a pointer that is nobody's member: a store of a char may change any member,
// and each would have to be read again.
char* put_byte_at(char* at, std::uint8_t byte) {
  *at = static_cast<char>(byte);
  return at + 1;
}

// Seven bits a byte, the lowest first.
char* put_at(char* at, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7)
    at = put_byte_at(at, static_cast<std::uint8_t>(number | 0x80));
  return put_byte_at(at, static_cast<std::uint8_t>(number));
}

// `last` is an address where the type is `peers`; no block is the staged id that comes first.
char* put_message(char* at, const Received& received, std::uint64_t newest) {
  const Message& message = received.message;
  const bool staged = message.staged != Staged::no || message.refusal != Refusal::none;
  const bool paired = message.pair[0] != 0 || message.pair[1] != 0;
  const bool listens = received.listens != kNoAddress;
  at = put_byte_at(at, static_cast<std::uint8_t>(
                           static_cast<std::uint8_t>(message.type) | (staged ? kHasStaged : 0) |
                           (message.detail != 0 ? kHasDetail : 0) | (paired ? kHasPair : 0) |
                           (listens ? kHasListens : 0)));
  if (message.type == MessageType::peers) {
    at = put_at(at, message.last);
  } else if (is_staged(message.last)) {
    at = put_at(at, std::uint64_t{(message.last + 1) & ~kStagedBit} << 1 | 1);
  } else {
    at = put_at(at, (newest - message.last) << 1);
  }
  if (staged) {
    at = put_byte_at(at, static_cast<std::uint8_t>(message.staged));
    at = put_byte_at(at, static_cast<std::uint8_t>(message.refusal));
  }
  if (message.detail != 0) at = put_byte_at(at, message.detail);
  if (paired) at = put_at(put_at(at, message.pair[0]), message.pair[1]);
  return listens ? put_at(at, received.listens) : at;
}

char* put_input(char* at, const Input& input, std::uint64_t newest) {
  struct Visitor {
    char* at;
    std::uint64_t newest;
    char* operator()(const PeerUp& up) const {
      return put_at(put_at(at, up.peer), AddressId{up.address + 1});  // none is 0
    }
    char* operator()(const PeerDown& down) const { return put_at(at, down.peer); }
    char* operator()(const DialFailed& failed) const { return put_at(at, failed.address); }
    char* operator()(const Connect& wish) const { return put_at(at, wish.address); }
    char* operator()(const Disconnect& wish) const { return put_at(at, wish.address); }
    char* operator()(const Received& received) const {
      return put_message(put_at(at, received.from), received, newest);
    }
    char* operator()(const Mined& mined) const { return put_at(at, newest - mined.block); }
    char* operator()(const Wake&) const { return at; }
  };
  return std::visit(Visitor{at, newest}, input);
}

}  // namespace

RecordWriter::RecordWriter(const RecordEnd& end)
    : buffer_(2 * kFrameBytes), end_(end), digest_(end.digest) {
  start_frame();
}

// --- Frames --------------------------------------------------------------------------------------

void RecordWriter::room(std::size_t bytes) {
  if (size_ + bytes <= buffer_.size()) return;
  buffer_.resize(std::max(2 * buffer_.size(), size_ + bytes));
}

void RecordWriter::start_frame() {
  frames_end_ = size_;
  room(kFrameHeader);
  size_ += kFrameHeader;
  payload_at_ = size_;
}

void RecordWriter::finish_frame() {
  put_left_out();
  if (pending() == 0) return;
  end_.digest = digest_.value();
  std::string words;
  append_u64(words, end_.digest);
  room(words.size() + kFrameTrailer);
  put_bytes(words);
  const std::string_view payload{buffer_.data() + payload_at_, pending()};
  CHECK(payload.size() <= kMaxFramePayload);
  const auto length = static_cast<std::uint32_t>(payload.size());
  words.clear();
  append_u32(words, length);
  append_u32(words, length_check(end_.check, length));
  std::memcpy(buffer_.data() + payload_at_ - kFrameHeader, words.data(), kFrameHeader);
  end_.check = record_check(end_.check, payload);
  words.clear();
  append_u64(words, end_.check);
  put_bytes(words);
  start_frame();
}

void RecordWriter::put_left_out() {
  if (left_out_.value() == 0) return;
  room(1 + kMostOfNumber);
  tag(RecordTag::left_out);
  put(left_out_.value());
  digest_.add(left_out_.value());
  left_out_ = Digest();
}

void RecordWriter::written() {
  const std::size_t left = size_ - frames_end_;
  std::memmove(buffer_.data(), buffer_.data() + frames_end_, left);
  size_ = left;
  payload_at_ -= frames_end_;
  frames_end_ = 0;
}

std::string RecordWriter::first_header() { return part_header(end_, end_.check); }

std::string RecordWriter::next_part() {
  CHECK(frames().empty());
  ++end_.part;
  return first_header();
}

// --- Numbers and texts ---------------------------------------------------------------------------

void RecordWriter::put(std::uint64_t number) {
  char* const at = buffer_.data() + size_;
  size_ += static_cast<std::size_t>(put_at(at, number) - at);
}

// REQUIRES: there is room.
void RecordWriter::put_bytes(std::string_view bytes) {
  std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void RecordWriter::put_text(std::string_view text) {
  room(kMostOfNumber + text.size());
  put(text.size());
  put_bytes(text);
}

void RecordWriter::put_hash(const Hash& hash) { put_bytes(text_of_hash(hash)); }

// --- The world -----------------------------------------------------------------------------------

void RecordWriter::begin_world(RecordedWorld kind, std::string_view title, std::uint32_t left_out) {
  finish_frame();
  last_ = {};
  names_ = 0;
  has_body_.clear();
  late_bodies_.clear();
  room(kMostOfHeader);
  tag(RecordTag::world);
  put_byte(static_cast<std::uint8_t>(kind));
  put(left_out);
  put_text(title);
}

// Height and, mostly, the previous hash are the parent's to tell.
void RecordWriter::put_header(const Header& header, const Header* parent, std::uint64_t work) {
  static const Header usual;
  const bool odd_version = header.version != usual.version;
  const bool odd_order = header.order != usual.order;
  const bool odd_previous = parent == nullptr || parent->hash != header.previous_hash;
  put_byte(static_cast<std::uint8_t>((odd_version ? kOddVersion : 0) | (odd_order ? kOddOrder : 0) |
                                     (header.has_merkle_root ? 0 : kNoMerkleRoot) |
                                     (odd_previous ? kOddPrevious : 0) |
                                     (work != 1 ? kOddWork : 0)));
  put_hash(header.hash);
  if (odd_previous) put_hash(header.previous_hash);
  if (header.has_merkle_root) put_hash(header.merkle_root);
  put(static_cast<std::uint64_t>(header.timestamp_ms));
  put(static_cast<std::uint64_t>(header.difficulty));
  put(static_cast<std::uint64_t>(header.nonce));
  if (work != 1) put(work);
  if (odd_order) {
    for (const BlockKey key : header.order.keys) put_byte(static_cast<std::uint8_t>(key));
  }
  if (odd_version) put_text(header.version);
}

void RecordWriter::put_body(BlockId block, const BlockTree& tree) {
  if (has_body_[block] || !tree.has_body(block)) return;
  has_body_[block] = true;
  room(kMostOfStep);
  tag(RecordTag::body);
  put(has_body_.size() - 1 - block);
  put(tree.block_bytes(block) - tree.info(block).header_bytes - kDataKeyLength);
}

// A name was given when no block had its hash, so names stand before blocks.
void RecordWriter::add_blocks(const BlockTree& tree) {
  for (; names_ != tree.names_given(); ++names_) {
    room(kMostOfHeader);
    tag(RecordTag::name);
    put_hash(tree.hash(kStagedBit | names_ % kMaxNames));
  }
  while (has_body_.size() < tree.size()) {
    const auto block = static_cast<BlockId>(has_body_.size());
    const Header& header = tree.header(block);
    room(kMostOfHeader + kMostOfNumber + header.version.size());
    if (tree.is_root(block)) {
      CHECK(header.height == 0);
      tag(RecordTag::root);
      put_header(header, nullptr, 1);
      put_text(tree.root_text(block));
    } else {
      const BlockId parent = tree.parent(block);
      tag(RecordTag::block);
      put(block - parent - 1);
      put_header(header, &tree.header(parent), tree.work(block) - tree.work(parent));
    }
    has_body_.push_back(tree.is_root(block));
    put_body(block, tree);
    if (pending() >= kFrameBytes) finish_frame();
  }
  for (const BlockId block : late_bodies_) put_body(block, tree);
  late_bodies_.clear();
}

// --- Lives ---------------------------------------------------------------------------------------

void RecordWriter::put_options(const NodeOptions& options) {
  const ChainRules& rules = options.rules;
  for (const auto word :
       {static_cast<std::uint64_t>(rules.kind), static_cast<std::uint64_t>(rules.hash_order),
        std::uint64_t{rules.check_genesis} | std::uint64_t{!rules.check_merkle_root} << 1,
        static_cast<std::uint64_t>(rules.seal), static_cast<std::uint64_t>(rules.tie_break),
        static_cast<std::uint64_t>(rules.first_difficulty), std::uint64_t{rules.retarget},
        static_cast<std::uint64_t>(rules.block_interval.ns), rules.max_block,
        static_cast<std::uint64_t>(options.protocol), static_cast<std::uint64_t>(options.relay),
        std::uint64_t{options.trusts_nonces}, std::uint64_t{options.own_address},
        static_cast<std::uint64_t>(options.keepalive.ns), options.nonce,
        std::uint64_t{options.outbound}, std::uint64_t{options.redial.has_value()}}) {
    put(word);
  }
  if (!options.redial) return;
  put(static_cast<std::uint64_t>(options.redial->first.ns));
  put(static_cast<std::uint64_t>(options.redial->max.ns));
}

// The frame limit; then of each limit that is not the default its row, from 1 on, and value; 0.
void RecordWriter::put_limits(const NodeOptions& options) {
  put(static_cast<std::uint64_t>(options.rules.min_difficulty));
  put(options.max_frame);
  const auto rows = sync_limit_rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t value = limit_value(*options.limits, rows[i]);
    if (value == limit_value(kDefaultSyncLimits, rows[i])) continue;
    put(i + 1);
    put(static_cast<std::uint64_t>(value));
  }
  put(0);
}

// Runs of blocks that are known alike; what comes after the last one is not known.
void RecordWriter::put_known(const ChainView& view, BlockId blocks) {
  const auto state = [&](BlockId block) {
    return (view.has_header(block) ? 1u : 0u) | (view.has_body(block) ? 2u : 0u);
  };
  while (blocks > 0 && state(blocks - 1) == 0) --blocks;
  for (BlockId first = 0; first < blocks;) {
    BlockId end = first + 1;
    while (end < blocks && state(end) == state(first)) ++end;
    room(kMostOfNumber);
    put(std::uint64_t{end - first} << 2 | state(first));
    first = end;
  }
  room(1);
  put(0);
}

void RecordWriter::begin_life(std::uint32_t node, const NodeOptions& options,
                              const ChainView& durable, const BlockTree& tree) {
  add_blocks(tree);
  if (node >= numbers_.size()) numbers_.resize(node + 1);
  numbers_[node] = 0;
  room((32 + 2 * sync_limit_rows().size()) * kMostOfNumber);
  tag(RecordTag::life);
  put(node);
  put_options(options);
  put_limits(options);
  put(tree.size() - 1 - durable.tip());
  put_known(durable, static_cast<BlockId>(tree.size()));
  if (pending() >= kFrameBytes) finish_frame();
}

void RecordWriter::end_life(std::uint32_t node) {
  room(2 * kMostOfNumber);
  tag(RecordTag::end);
  put(node);
}

// --- Steps ---------------------------------------------------------------------------------------

void RecordWriter::step(Time now, std::uint32_t node, const Input& input, const Effects& effects,
                        const BlockTree& tree) {
  const std::uint64_t number = numbers_[node]++;
  step(now, node, input, step_hash(now, node, number, input, effects, tree), tree);
}

void RecordWriter::step(Time now, std::uint32_t node, const Input& input, std::uint64_t hash,
                        const BlockTree& tree) {
  CHECK(now >= last_);
  const bool grown = has_body_.size() != tree.size() || names_ != tree.names_given();
  if (grown || !late_bodies_.empty()) add_blocks(tree);
  digest_.add(hash);
  room(kMostOfStep);
  char* const start = buffer_.data() + size_;
  char* at = put_byte_at(start, static_cast<std::uint8_t>(input.index()));
  at = put_at(put_at(at, node), static_cast<std::uint64_t>(now.ns - last_.ns));
  at = put_input(at, input, has_body_.size() - 1);
  std::uint32_t check = step_check(hash);
  for (int i = 0; i < 4; ++i, check >>= 8) at = put_byte_at(at, static_cast<std::uint8_t>(check));
  size_ += static_cast<std::size_t>(at - start);
  last_ = now;
  ++steps_;
  if (pending() >= kFrameBytes) finish_frame();
}

}  // namespace chain
