// The codec on random messages: its lengths, its inverse, an independent writer and reader, and
// frames that are broken in every way.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/json_codec.h"
#include "core/wire_size.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

// A block as it comes back: a filler has become its text.
Block read_back(Block block) {
  if (const Filler* filler = std::get_if<Filler>(&block.body)) {
    block.body = Texts{std::string(static_cast<std::size_t>(filler->length), 'x')};
  }
  return block;
}

Message random_message(Random& random, const BlockTree& tree) {
  const auto tip = static_cast<BlockId>(random.below(tree.size()));
  const auto most = static_cast<std::uint32_t>(tree.height(tip));
  const auto some = most == 0 ? 0 : 1 + static_cast<std::uint32_t>(random.below(most));
  switch (random.below(20)) {
    case 0:
      return query_latest();
    case 10:
      return hello(tip, static_cast<Relay>(random.below(3)), random.next());
    case 11:
      return make(MessageType::get_headers, tip);
    case 12:
    case 13:
      return some == 0 ? query_latest() : make(MessageType::headers, tip, some);
    case 14:
      return make(static_cast<MessageType>(6 + random.below(2) * 5), tip, most);  // Inv, Ping
    case 15:
      return make(MessageType::get_blocks, tip, some + 1);
    case 16:
    case 17:
      return some == 0 ? query_latest() : make(MessageType::blocks, tip, some);
    case 18:
      return peers(static_cast<std::uint8_t>(random.below(4)), {tip, some, most});
    case 19:
      return reject(static_cast<Offence>(random.below(kOffences)));
    case 1:
    case 2:
    case 3:
      return whole_chain(tip);
    default:
      return latest_block(tip);
  }
}

// The path of blocks that a message names.
std::vector<Block> blocks_of(const Message& message, const test::RandomTree& random_tree) {
  const BlockTree& tree = random_tree.tree();
  const bool carries = message.type == MessageType::latest_block ||
                       message.type == MessageType::whole_chain ||
                       message.type == MessageType::blocks;
  if (!carries) return {};
  const std::uint32_t last = tree.height(message.last);
  std::uint32_t first = message.type == MessageType::whole_chain ? 0 : last;
  if (message.type == MessageType::blocks) first = last + 1 - message.count();
  std::vector<Block> blocks;
  for (std::uint32_t height = first; height <= last; ++height) {
    blocks.push_back(read_back(random_tree.block(tree.ancestor(message.last, height))));
  }
  return blocks;
}

TEST(CodecProperty, WireSizeIsTheLengthAndDecodingTheInverse) {
  Random random(1);
  CodecLimits limits;
  limits.max_frame = 1 << 24;
  int messages = 0;
  for (int round = 0; round < test::scaled(250); ++round) {
    const test::RandomTree random_tree(random, 40);
    for (int i = 0; i < 40; ++i, ++messages) {
      const Message message = random_message(random, random_tree.tree());
      const std::string frame = encode(message, random_tree.tree(), random_tree);
      ASSERT_EQ(frame.size(), wire_size(message, random_tree.tree(), random_tree)) << frame;
      const auto decoded = decode(frame, limits);
      ASSERT_TRUE(decoded.ok() && decoded->has_value()) << decoded.error().code << '\n' << frame;
      ASSERT_EQ((*decoded)->type, message.type);
      ASSERT_EQ((*decoded)->blocks, blocks_of(message, random_tree)) << frame;
      if (message.type == MessageType::headers) {
        ASSERT_EQ((*decoded)->headers.size(), message.count());
        ASSERT_EQ((*decoded)->headers.back().hash, random_tree.tree().header(message.last).hash);
      }
      if (message.type == MessageType::hello) {
        ASSERT_EQ((*decoded)->nonce, message.nonce());
      }
    }
  }
  EXPECT_GE(messages, test::scaled(10'000));
}

TEST(CodecProperty, WhiteSpaceBetweenTokensChangesNothing) {
  Random random(2);
  for (int i = 0; i < test::scaled(2000); ++i) {
    const std::vector<Block> blocks = test::random_chain(random, 3);
    const std::string frame = test::frame_of(MessageType::whole_chain, blocks);
    const std::string airy = test::spaced(random, frame);
    const auto decoded = decode(airy, {});
    ASSERT_TRUE(decoded.ok() && decoded->has_value()) << airy;
    ASSERT_EQ((*decoded)->blocks, blocks);
    const auto first = decode_block(first_block_text(airy), {});
    ASSERT_TRUE(first.ok()) << airy;
    ASSERT_EQ(*first, blocks[0]);
  }
}

// A block's JSON text by a writer that is none of ours.
std::string written_elsewhere(const Block& block) {
  const Header& header = block.header;
  nlohmann::ordered_json json;
  for (const BlockKey key : header.order.keys) {
    switch (key) {
      case BlockKey::version:
        json["version"] = header.version;
        break;
      case BlockKey::height:
        json["height"] = header.height;
        break;
      case BlockKey::timestamp:
        json["timestamp"] = header.timestamp_ms;
        break;
      case BlockKey::merkle_root:
        if (header.has_merkle_root) json["merkleRoot"] = upper_hex(header.merkle_root);
        break;
      case BlockKey::previous_hash:
        json["previousHash"] = lower_hex(header.previous_hash);
        break;
      case BlockKey::hash:
        json["hash"] = lower_hex(header.hash);
        break;
      case BlockKey::difficulty:
        json["difficulty"] = header.difficulty;
        break;
      case BlockKey::nonce:
        json["nonce"] = header.nonce;
        break;
      case BlockKey::data:
        json["data"] = std::get<Texts>(block.body);
        break;
    }
  }
  return json.dump();
}

TEST(CodecProperty, TheTextIsThatOfAnotherWriterAndComesBackUnchanged) {
  Random random(3);
  for (int i = 0; i < test::scaled(10'000); ++i) {
    const Block block = test::random_child(random, test::random_genesis(random).header, false);
    const std::string text = written_elsewhere(block);
    ASSERT_EQ(encode_block(block), text);
    const auto decoded = decode_block(text, {});
    ASSERT_TRUE(decoded.ok()) << text;
    ASSERT_EQ(*decoded, block) << text;
    ASSERT_EQ(encode_block(*decoded), text);
  }
}

// What comes through a broken frame is whole: it can be written, and read again as the same.
void expect_whole(const WireMessage& message, const std::string& frame) {
  const bool carries = message.type == MessageType::latest_block ||
                       message.type == MessageType::whole_chain ||
                       message.type == MessageType::blocks;
  ASSERT_EQ(message.blocks.empty(), !carries) << frame;
  if (!carries) return;
  ASSERT_EQ(decode_block(first_block_text(frame), {}).value(), message.blocks[0]) << frame;
  const auto again = decode(test::frame_of(message.type, message.blocks), {1 << 24, 0, 4});
  ASSERT_TRUE(again.ok() && again->has_value()) << frame;
  ASSERT_EQ((*again)->blocks, message.blocks) << frame;
}

void break_frames(std::uint64_t seed, int count) {
  Random random(seed);
  std::vector<std::string> frames;
  for (int i = 0; i < 200; ++i) frames.push_back(test::random_frame(random));
  int taken = 0;
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    const std::string frame =
        test::mutated(random, frames[static_cast<std::size_t>(random.below(frames.size()))]);
    const auto decoded = decode(frame, {});
    if (!decoded) {
      ASSERT_FALSE(decoded.error().code.empty());
      ASSERT_LE(decoded.error().offset, frame.size());
      ++refused;
    } else if (decoded->has_value()) {
      ++taken;
      expect_whole(**decoded, frame);
    }
  }
  EXPECT_GT(taken, count / 100) << "mutations that change nothing much";
  EXPECT_GT(refused, count / 2);
}

TEST(CodecProperty, NoBrokenFrameGetsThroughOrStopsTheDecoder) {
  break_frames(4, test::scaled(1'000'000));
}

TEST(LongCodec, NoBrokenFrameGetsThroughOrStopsTheDecoder) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    break_frames(test::fresh_seed() + i, test::scaled(1'000'000));
  }
}

// Whether another reader takes the text for JSON; nothing where a number is too large for it, or
// half of a surrogate pair is too little.
std::optional<bool> is_json_elsewhere(const std::string& text) {
  try {
    return !nlohmann::json::parse(text).is_discarded();
  } catch (const nlohmann::json::out_of_range&) {
    return std::nullopt;
  } catch (const nlohmann::json::parse_error& error) {
    if (std::string_view(error.what()).find("surrogate") != std::string_view::npos) {
      return std::nullopt;
    }
    return false;
  }
}

TEST(CodecProperty, WhatIsJsonIsWhatAnotherReaderTakesForJson) {
  Random random(5);
  int valid = 0;
  for (int i = 0; i < test::scaled(100'000); ++i) {
    const std::string text = test::mutated(random, test::random_frame(random));
    if (text.substr(0, 3) == "\xef\xbb\xbf")
      continue;  // a byte order mark: the other reader skips it
    JsonScanner scan(text, 1000);
    const bool ours = scan.skip_value() && scan.end();
    if (scan.fault().code == "duplicate_key") continue;  // which the other reader lets pass
    ASSERT_EQ(ours, is_json_elsewhere(text).value_or(ours)) << text;
    valid += ours ? 1 : 0;
  }
  EXPECT_GT(valid, test::scaled(1'000));
}

}  // namespace
