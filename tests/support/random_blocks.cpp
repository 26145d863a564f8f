#include "tests/support/random_blocks.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "core/merkle.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW_BUILD 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define SLOW_BUILD 1
#endif

namespace test {
namespace {

using chain::Block;
using chain::BlockId;
using chain::BlockKey;
using chain::Body;
using chain::Header;
using chain::Random;
using chain::Texts;

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

constexpr std::array<std::string_view, 24> kOddTexts{
    "\"",    "\\",        "/",         "\b",           "\f",           "\n",           "\r",
    "\t",    "\x01",      "\x0b",      "\x1f",         "\x7f",         "\xc2\x80",     "é",
    "한글",  "\u2028",    "\u2029",    "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "😀",
    "\\u00", "</script>", "\U0010ffff"};

const std::array<std::string_view, 34> kTokens{"{",
                                               "}",
                                               "[",
                                               "]",
                                               ",",
                                               ":",
                                               "\"",
                                               "\\",
                                               "null",
                                               "true",
                                               "-0",
                                               "1.0",
                                               "1e3",
                                               "9007199254740992",
                                               "-",
                                               "{}",
                                               "[]",
                                               "\"hash\"",
                                               "\"type\"",
                                               "payload",
                                               "\\u0000",
                                               "\\ud800",
                                               "\\udc00",
                                               "\xc0\x80",
                                               "\xed\xa0\x80",
                                               "\xf5",
                                               "\"x\":1,",
                                               "\"data\":[]",
                                               "\"type\":1,",
                                               "[[[[[[[[[[[[[[[[[",
                                               "00",
                                               " ",
                                               "\n",
                                               "\xef\xbb\xbf"};

bool one_in(Random& random, std::uint64_t n) { return random.below(n) == 0; }

std::int64_t random_integer(Random& random, bool may_be_negative) {
  const std::uint64_t bits = random.below(54);
  auto number = static_cast<std::int64_t>(random.next() & ((std::uint64_t{1} << bits) - 1));
  if (one_in(random, 20)) number = kMaxInteger;
  return may_be_negative && one_in(random, 2) ? -number : number;
}

chain::Hash random_hash(Random& random) {
  chain::Hash hash;
  for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(random.below(256));
  return hash;
}

std::size_t random_place(Random& random, const std::string& text) {
  return static_cast<std::size_t>(random.below(text.size() + 1));
}

// [from, from + length) of the text, not long.
std::pair<std::size_t, std::size_t> random_part(Random& random, const std::string& text) {
  const std::size_t from = random_place(random, text);
  const auto length = static_cast<std::size_t>(random.below(one_in(random, 4) ? 200 : 8));
  return {from, std::min(length, text.size() - from)};
}

void mutate_once(Random& random, std::string& frame) {
  const auto [from, length] = random_part(random, frame);
  const std::size_t to = random_place(random, frame);
  switch (random.below(8)) {
    case 0:
      frame.erase(from, length);
      return;
    case 1:
      frame.insert(to, frame.substr(from, length));
      return;
    case 2:
      frame.insert(to, kTokens[static_cast<std::size_t>(random.below(kTokens.size()))]);
      return;
    case 3:
      frame.replace(from, length, kTokens[static_cast<std::size_t>(random.below(kTokens.size()))]);
      return;
    case 4:
      if (one_in(random, 10)) frame.resize(to);
      return;
    default:
      if (from < frame.size()) frame[from] = static_cast<char>(random.below(256));
  }
}

}  // namespace

int scaled(int rounds) {
#ifdef SLOW_BUILD
  return rounds / 10;
#else
  return rounds;
#endif
}

std::uint64_t fresh_seed() {
  static const std::uint64_t seed = [] {
    const char* wanted = std::getenv("LONG_SEED");
    const std::uint64_t drawn =
        wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : std::random_device{}();
    std::printf("LONG_SEED=%llu\n", static_cast<unsigned long long>(drawn));
    return drawn;
  }();
  return seed;
}

std::string random_text(Random& random, std::uint64_t most) {
  std::string text;
  for (std::uint64_t left = random.below(most + 1); left > 0; --left) {
    if (one_in(random, 4)) {
      text += kOddTexts[static_cast<std::size_t>(random.below(kOddTexts.size()))];
    } else {
      text += static_cast<char>(' ' + random.below(95));
    }
  }
  return text;
}

Body random_body(Random& random, bool fillers) {
  if (fillers && one_in(random, 6)) return chain::Filler{random.below(10'000)};
  Texts texts(static_cast<std::size_t>(one_in(random, 5) ? 0 : random.below(6)));
  for (std::string& text : texts) text = random_text(random, 20);
  return texts;
}

chain::KeyOrder random_key_order(Random& random, bool has_merkle_root) {
  chain::KeyOrder order;
  auto& keys = order.keys;
  for (std::size_t i = keys.size(); i > 1; --i) {
    std::swap(keys[i - 1], keys[static_cast<std::size_t>(random.below(i))]);
  }
  if (!has_merkle_root) {
    const auto last = std::remove(keys.begin(), keys.end(), BlockKey::merkle_root);
    const auto after = std::find(keys.begin(), last, BlockKey::timestamp) + 1;
    std::move_backward(after, last, keys.end());
    *after = BlockKey::merkle_root;
  }
  return order;
}

Block random_child(Random& random, const Header& parent, bool fillers) {
  Block block;
  Header& header = block.header;
  block.body = random_body(random, fillers);
  if (one_in(random, 10)) header.version = random_text(random, 10);
  header.height = parent.height + 1;
  header.timestamp_ms = random_integer(random, false);
  header.previous_hash = parent.hash;
  header.difficulty = random_integer(random, true);
  header.nonce = random_integer(random, true);
  const auto root = chain::merkle_root(block.body);
  header.has_merkle_root = root.has_value();
  if (root) header.merkle_root = *root;
  if (one_in(random, 2)) header.order = random_key_order(random, header.has_merkle_root);
  header.hash = chain::hash_of(header, chain::HashOrder::standard);
  return block;
}

Block random_genesis(Random& random) {
  Block block = random_child(random, Header{}, false);
  block.header.height = 0;
  block.header.hash = random_hash(random);
  block.header.previous_hash = random_hash(random);
  return block;
}

std::vector<Block> random_chain(Random& random, std::size_t length) {
  std::vector<Block> blocks{chain::parse_genesis(chain::kWidespreadGenesis)->block};
  while (blocks.size() <= length) {
    blocks.push_back(random_child(random, blocks.back().header, false));
  }
  return blocks;
}

RandomTree::RandomTree(Random& random, std::size_t blocks) : tree_(random.next()) {
  add_root(random_genesis(random));
  add_root(random_genesis(random));
  while (blocks_.size() < blocks) {
    const auto size = static_cast<std::uint64_t>(blocks_.size());
    // Mostly long branches, with forks low and high.
    const std::uint64_t back =
        random.below(one_in(random, 4) ? size : std::min(size, std::uint64_t{4}));
    const auto parent = static_cast<BlockId>(size - 1 - back);
    blocks_.push_back(random_child(random, blocks_[parent].header, true));
    const Block& block = blocks_.back();
    const BlockId id = tree_.add_header(block.header, parent, 1);
    tree_.add_body(id, chain::encode_data(block.body).size());
  }
}

void RandomTree::add_root(const Block& genesis) {
  tree_.add_root(genesis.header, chain::encode_block(genesis));
  blocks_.push_back(genesis);
}

void RandomTree::append_data_json(BlockId id, std::string& out) const {
  out += chain::encode_data(blocks_[id].body);
}

std::string frame_of(chain::MessageType type, const std::vector<Block>& blocks) {
  const int number = static_cast<int>(type),
            first_sync = static_cast<int>(chain::MessageType::hello);
  const int on_wire =
      chain::is_original(type) ? number : chain::kFirstSyncType + number - first_sync;
  std::string frame = R"({"type":)" + std::to_string(on_wire) + R"(,"payload":[)";
  for (const Block& block : blocks) {
    if (frame.back() != '[') frame += ',';
    frame += chain::encode_block(block);
  }
  return frame += "]}";
}

std::string random_frame(Random& random) {
  switch (random.below(8)) {
    case 0:
      return R"({"type":0,"payload":{}})";
    case 1:
      return R"({"payload":{"inv":[1,2.5e3,null,true,{"a":"b"}]},"type":103})";
    case 2:
    case 3:
    case 4:
      return frame_of(chain::MessageType::latest_block,
                      {random_child(random, random_genesis(random).header, false)});
    default: {
      const auto length = static_cast<std::size_t>(random.below(4));
      return frame_of(chain::MessageType::whole_chain, random_chain(random, length));
    }
  }
}

std::string spaced(Random& random, std::string_view json) {
  constexpr std::array<std::string_view, 5> kSpaces{" ", "\n", "\t", "\r\n", "  "};
  std::string out;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool between =
        !in_text && std::string_view("{}[]:,\"").find(json[i]) != std::string_view::npos;
    if (between && one_in(random, 3)) out += kSpaces[static_cast<std::size_t>(random.below(5))];
    out += json[i];
    if (in_text && json[i] == '\\') {
      out += json[++i];
    } else if (json[i] == '"') {
      in_text = !in_text;
    }
  }
  return out + "\n";
}

std::string mutated(Random& random, std::string frame) {
  for (std::uint64_t left = 1 + random.below(4); left > 0; --left) mutate_once(random, frame);
  return frame;
}

}  // namespace test
