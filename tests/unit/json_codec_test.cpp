// What is taken from a peer, what is refused and why, and what is written.
#include "core/json_codec.h"

#include <gtest/gtest.h>

#include "core/block_size.h"
#include "core/merkle.h"

namespace {

using namespace chain;

const std::string kZeros(64, '0');
const std::string kRoot = "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB";

// A block's text with the texts of some values replaced.
struct BlockText {
  std::string version = R"("1.0.0")";
  std::string height = "1";
  std::string timestamp = "1700000000000";
  std::string merkle_root = '"' + kRoot + '"';
  std::string previous_hash = '"' + kZeros + '"';
  std::string hash = '"' + kZeros + '"';
  std::string difficulty = "0";
  std::string nonce = "1";
  std::string data = R"(["a"])";
  std::string more;  // members after the last

  std::string text() const {
    return R"({"version":)" + version + R"(,"height":)" + height + R"(,"timestamp":)" + timestamp +
           R"(,"merkleRoot":)" + merkle_root + R"(,"previousHash":)" + previous_hash +
           R"(,"hash":)" + hash + R"(,"difficulty":)" + difficulty + R"(,"nonce":)" + nonce +
           R"(,"data":)" + data + more + "}";
  }
};

std::string code_of(const Result<Block, Malformed>& result) {
  return result.ok() ? "taken" : std::string(result.error().code);
}
std::string block_code(const BlockText& text) { return code_of(decode_block(text.text(), {})); }

// "ignored", "taken", or the code of the fault.
std::string frame_code(std::string_view frame, const CodecLimits& limits = {}) {
  const auto result = decode(frame, limits);
  if (!result) return std::string(result.error().code);
  return result->has_value() ? "taken" : "ignored";
}

std::string frame(int type, const std::string& payload) {
  return R"({"type":)" + std::to_string(type) + R"(,"payload":)" + payload + "}";
}

TEST(DecodeBlock, EveryFieldArrives) {
  BlockText text;
  text.hash = '"' + std::string(62, '0') + "ab\"";
  text.difficulty = "-3";
  text.nonce = "-9007199254740991";
  text.timestamp = "9007199254740991";
  text.data = R"(["a","한글","\"\\\/\b\f\n\r\t\u0001\u00e9\ud83d\ude00"])";
  const auto block = decode_block(text.text(), {});
  ASSERT_TRUE(block.ok()) << block.error().code;
  const Header& header = block->header;
  EXPECT_EQ(header.version, "1.0.0");
  EXPECT_EQ(header.height, 1);
  EXPECT_EQ(header.timestamp_ms, 9'007'199'254'740'991);
  EXPECT_TRUE(header.has_merkle_root);
  EXPECT_EQ(upper_hex(header.merkle_root), kRoot);
  EXPECT_EQ(header.hash.bytes[31], 0xab);
  EXPECT_EQ(header.previous_hash, Hash{});
  EXPECT_EQ(header.difficulty, -3);
  EXPECT_EQ(header.nonce, -9'007'199'254'740'991);
  EXPECT_EQ(header.order, KeyOrder{});
  EXPECT_EQ(std::get<Texts>(block->body), (Texts{"a", "한글", "\"\\/\b\f\n\r\t\x01é😀"}));
}

TEST(DecodeBlock, KeyOrderIsKept) {
  const auto genesis = decode_block(kWidespreadGenesis, {});
  ASSERT_TRUE(genesis.ok());
  EXPECT_EQ(genesis->header.order.keys[2], BlockKey::hash);
  EXPECT_EQ(encode_block(*genesis), kWidespreadGenesis);
}

TEST(DecodeBlock, AnAbsentMerkleRootIsAbsentAgain) {
  BlockText text;
  text.data = "[]";
  std::string without = text.text();
  const std::string key = R"("merkleRoot":")" + kRoot + "\",";
  without.erase(without.find(key), key.size());
  const auto block = decode_block(without, {});
  ASSERT_TRUE(block.ok());
  EXPECT_FALSE(block->header.has_merkle_root);
  EXPECT_EQ(block->header.order, KeyOrder{});
  EXPECT_EQ(encode_block(*block), without);
  EXPECT_EQ(block_code(text), "taken") << "nobody checks that the key is absent without data";
}

TEST(DecodeBlock, IntegersHaveNoFractionNoExponentAndNoSignedZero) {
  const auto height = [](const std::string& value) {
    BlockText text;
    text.height = value;
    return block_code(text);
  };
  EXPECT_EQ(height("0"), "taken");
  EXPECT_EQ(height("9007199254740991"), "taken");
  EXPECT_EQ(height("9007199254740992"), "out_of_range");
  EXPECT_EQ(height("99999999999999999999999999"), "out_of_range");
  EXPECT_EQ(height("-1"), "out_of_range");
  for (const char* value : {"-0", "1.0", "1e3", "1E3", "0.0", "null", "\"1\"", "true", "[]"}) {
    EXPECT_EQ(height(value), "not_an_integer") << value;
  }
  for (const char* value : {"01", "00", "+1", "-", ".5", "0x1", "", "NaN", "Infinity", "- 1"}) {
    EXPECT_EQ(height(value), "not_json") << value;
  }
}

TEST(DecodeBlock, OnlyNonceAndDifficultyMayBeNegative) {
  BlockText text;
  text.timestamp = "-1";
  EXPECT_EQ(block_code(text), "out_of_range");
  text.timestamp = "1";
  text.nonce = text.difficulty = "-9007199254740991";
  EXPECT_EQ(block_code(text), "taken");
  text.nonce = "-9007199254740992";
  EXPECT_EQ(block_code(text), "out_of_range");
}

TEST(DecodeBlock, HashesAreSixtyFourDigitsOfTheirCase) {
  BlockText text;
  for (const std::string& bad : {std::string(63, '0'), std::string(65, '0'), std::string(64, 'A'),
                                 std::string(64, 'g'), std::string()}) {
    text = {};
    text.hash = '"' + bad + '"';
    EXPECT_EQ(block_code(text), "not_a_hash") << bad;
    text = {};
    text.previous_hash = '"' + bad + '"';
    EXPECT_EQ(block_code(text), "not_a_hash") << bad;
  }
  text = {};
  text.merkle_root = '"' + std::string(64, 'a') + '"';
  EXPECT_EQ(block_code(text), "not_a_hash");
  text = {};
  text.hash = "0";
  EXPECT_EQ(block_code(text), "not_a_text");
  text.hash = R"("\u0030)" + std::string(63, '0') + '"';
  EXPECT_EQ(block_code(text), "taken") << "an escape is only another spelling";
}

TEST(DecodeBlock, DataIsAnArrayOfTexts) {
  for (const auto& [data, code] : std::initializer_list<std::pair<const char*, const char*>>{
           {"[]", "taken"},
           {R"([""])", "taken"},
           {R"("a")", "not_an_array"},
           {"{}", "not_an_array"},
           {"null", "not_an_array"},
           {"[1]", "not_a_text"},
           {R"(["a",null])", "not_a_text"},
           {R"([["a"]])", "not_a_text"},
           {R"(["a",])", "not_json"},
           {R"(["a" "b"])", "not_json"},
           {R"(["a"}])", "not_json"},
           {"[\"\x01\"]", "not_json"},
           {"[\"\n\"]", "not_json"},
           {R"(["\x"])", "not_json"},
           {R"(["\u12g4"])", "not_json"},
           {"[\"\x80\"]", "not_utf8"},
           {"[\"\xc0\x80\"]", "not_utf8"},
           {"[\"\xc1\xbf\"]", "not_utf8"},
           {"[\"\xc3\"]", "not_utf8"},
           {"[\"\xe0\x9f\xbf\"]", "not_utf8"},
           {"[\"\xed\xa0\x80\"]", "not_utf8"},
           {"[\"\xe2\x82\"]", "not_utf8"},
           {"[\"\xf0\x8f\xbf\xbf\"]", "not_utf8"},
           {"[\"\xf4\x90\x80\x80\"]", "not_utf8"},
           {"[\"\xf5\x80\x80\x80\"]", "not_utf8"},
           {"[\"\xff\"]", "not_utf8"},
           {"[\"\xf4\x8f\xbf\xbf\"]", "taken"},
           {"[\"\xed\x9f\xbf\xee\x80\x80\"]", "taken"},
       }) {
    BlockText text;
    text.data = data;
    EXPECT_EQ(block_code(text), code) << data;
  }
}

TEST(DecodeBlock, UnknownKeysAreDroppedWhateverTheyHold) {
  BlockText text;
  text.more = R"(,"extra":{"deep":[{"a":1.5e-7,"b":[true,false,null]},"\ud83d\ude00"]},"":-0)";
  const auto block = decode_block(text.text(), {});
  ASSERT_TRUE(block.ok()) << block.error().code;
  EXPECT_EQ(encode_block(*block), BlockText{}.text());
}

TEST(DecodeBlock, EachKeyStandsOnce) {
  for (const char* more : {R"(,"nonce":2)", R"(,"n\u006fnce":2)", R"(,"x":1,"y":1,"x":1)",
                           R"(,"x":1,"\u0078":1)", R"(,"x":{"y":[{"z":1,"z":1}]})"}) {
    BlockText text;
    text.more = more;
    EXPECT_EQ(block_code(text), "duplicate_key") << more;
  }
  BlockText text;
  text.more = R"(,"x":{"x":{"x":1}},"y":{"x":1})";
  EXPECT_EQ(block_code(text), "taken") << "once in each object";
}

TEST(DecodeBlock, EveryKeyButTheMerkleRootIsNeeded) {
  const std::string whole = BlockText{}.text();
  for (const char* key :
       {"version", "height", "timestamp", "previousHash", "hash", "difficulty", "nonce", "data"}) {
    std::string text = whole;
    text.replace(text.find('"' + std::string(key) + '"') + 1, 1, "_");
    EXPECT_EQ(code_of(decode_block(text, {})), "missing_key") << key;
  }
  EXPECT_EQ(code_of(decode_block("{}", {})), "missing_key");
  EXPECT_EQ(code_of(decode_block(whole + " x", {})), "not_json");
  EXPECT_EQ(code_of(decode_block("", {})), "not_json");
  EXPECT_EQ(code_of(decode_block("[]", {})), "not_an_object");
}

// JavaScript writes half of a character that was cut in two as an escape; it has to come back so.
TEST(DecodeData, HalfASurrogatePairGoesOutAsItCame) {
  for (const std::string text :
       {R"(["\ud83d"])", R"(["\udc00 x"])", R"(["\ud800\ud800"])", R"(["\udfff\ud800"])",
        R"(["a\ud83d\n"])", R"(["\ud83dx","\udbff"])"}) {
    const auto data = decode_data(text, {});
    ASSERT_TRUE(data.ok()) << text;
    EXPECT_EQ(encode_data(*data), text);
    EXPECT_EQ(data_json_length(*data), text.size());
  }
  EXPECT_EQ(encode_data(*decode_data(R"(["\ud83d\ude00\ud83d"])", {})), "[\"😀\\ud83d\"]");
  EXPECT_EQ(decode_data("[\"\xed\xa0\x80\"]", {}).error().code, "not_utf8") << "only escaped";
}

TEST(DecodeBlock, AVersionMayBeTooLong) {
  Block block = parse_genesis(kWidespreadGenesis)->block;
  block.header.version = std::string(kMaxVersion, 'v');
  EXPECT_TRUE(decode_block(encode_block(block), {}).ok());
  block.header.version += 'v';
  EXPECT_EQ(decode_block(encode_block(block), {}).error().code, "version_too_long");
}

TEST(DecodeBlock, ABlockMayBeTooLong) {
  const std::string text = BlockText{}.text();
  CodecLimits limits;
  limits.max_block = text.size();
  EXPECT_EQ(code_of(decode_block(text, limits)), "taken");
  limits.max_block = text.size() - 1;
  EXPECT_EQ(code_of(decode_block(text, limits)), "block_too_big");
}

TEST(Decode, TheThreeTypes) {
  const std::string block = BlockText{}.text();
  const auto query = decode(R"({"type":0,"payload":{}})", {});
  ASSERT_TRUE(query.ok() && query->has_value());
  EXPECT_EQ((*query)->type, MessageType::query_latest);
  EXPECT_TRUE((*query)->blocks.empty());
  const auto latest = decode(frame(1, "[" + block + "]"), {});
  ASSERT_TRUE(latest.ok() && latest->has_value());
  EXPECT_EQ((*latest)->type, MessageType::latest_block);
  EXPECT_EQ((*latest)->blocks.size(), 1u);
  const auto whole = decode(frame(2, "[" + block + "," + block + "]"), {});
  ASSERT_TRUE(whole.ok() && whole->has_value());
  EXPECT_EQ((*whole)->type, MessageType::whole_chain);
  EXPECT_EQ((*whole)->blocks.size(), 2u);
  EXPECT_EQ(encode_block((*whole)->blocks[1]), block);
}

TEST(Decode, AQuestionCarriesWhatItLikes) {
  for (const char* text :
       {R"({"type":0})", R"({"type":0,"payload":null})", R"({"type":0,"payload":[]})",
        R"({"payload":"x","type":0})", R"( { "type" : 0 , "x" : 1 } )"}) {
    EXPECT_EQ(frame_code(text), "taken") << text;
  }
}

TEST(Decode, OtherTypesAreIgnoredIfTheyAreFrames) {
  for (const char* text : {R"({"type":3,"payload":{}})", R"({"type":99})", R"({"type":-1})",
                           R"({"payload":[1,{"a":2}],"type":9007199254740991})"}) {
    EXPECT_EQ(frame_code(text), "ignored") << text;
  }
  EXPECT_EQ(frame_code(R"({"type":3,"payload":{"a":1,"a":2}})"), "duplicate_key");
  EXPECT_EQ(frame_code(R"({"type":3,"payload":[1,]})"), "not_json");
}

// The TypeScript nodes exit on some of these.
TEST(Decode, WhatIsNoMessage) {
  for (const auto& [text, code] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "not_json"},
           {" ", "not_json"},
           {"hello", "not_json"},
           {"null", "not_an_object"},
           {"1", "not_an_object"},
           {"\"text\"", "not_an_object"},
           {"[]", "not_an_object"},
           {"{}", "no_type"},
           {R"({"payload":{}})", "no_type"},
           {R"({"type":"0"})", "not_an_integer"},
           {R"({"type":0.0})", "not_an_integer"},
           {R"({"type":null})", "not_an_integer"},
           {R"({"type":9007199254740992})", "out_of_range"},
           {R"({"type":0,"type":0})", "duplicate_key"},
           {R"({"type":0,"x":1,"x":1})", "duplicate_key"},
           {R"({"type":1})", "no_payload"},
           {R"({"type":2})", "no_payload"},
           {R"({"type":1,"payload":{}})", "not_an_array"},
           {R"({"type":1,"payload":null})", "not_an_array"},
           {R"({"payload":{},"type":1})", "not_an_array"},
           {R"({"type":1,"payload":[]})", "no_block"},
           {R"({"type":2,"payload":[]})", "no_block"},
           {R"({"type":2,"payload":[null]})", "not_an_object"},
           {R"({"type":2,"payload":[[]]})", "not_an_object"},
           {R"({"type":0,"payload":{}}x)", "not_json"},
           {R"({"type":0,"payload":{}}{})", "not_json"},
           {R"({"type":0,"payload":{})", "not_json"},
           {R"({"type":0,})", "not_json"},
           {R"({"type" 0})", "not_json"},
           {R"({type:0})", "not_json"},
           {"\xef\xbb\xbf{\"type\":0}", "not_json"},
       }) {
    EXPECT_EQ(frame_code(text), code) << text;
  }
  EXPECT_EQ(frame_code(std::string("{\"type\":0}\0", 11)), "not_json");
  const std::string block = BlockText{}.text();
  EXPECT_EQ(frame_code(frame(1, "[" + block + "," + block + "]")), "more_than_one_block");
}

TEST(Decode, ThePayloadMayComeFirst) {
  const std::string block = BlockText{}.text();
  const auto message = decode(R"({"payload":[)" + block + R"(],"type":2})", {});
  ASSERT_TRUE(message.ok() && message->has_value());
  EXPECT_EQ(encode_block((*message)->blocks.at(0)), block);
}

TEST(Decode, AFaultSaysWhereItStands) {
  const auto result = decode(R"({"type":1,"payload":[{"height":-5}]})", {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), (Malformed{"out_of_range", 31}));
}

TEST(Decode, FramesAndDepthsHaveLimits) {
  const std::string text = R"({"type":0,"payload":[[[]]]})";
  EXPECT_EQ(frame_code(text, {text.size(), 0, 4}), "taken");
  EXPECT_EQ(frame_code(text, {text.size() - 1, 0, 4}), "oversized");
  EXPECT_EQ(frame_code(text, {text.size(), 0, 3}), "too_deep");
  const std::string block = BlockText{}.text();
  EXPECT_EQ(frame_code(frame(1, "[" + block + "]"), {4096, 0, 4}), "taken");
  EXPECT_EQ(frame_code(frame(1, "[" + block + "]"), {4096, 0, 3}), "too_deep");
  EXPECT_EQ(frame_code(R"({"payload":[)" + block + R"(],"type":1})", {4096, 0, 4}), "taken");
  EXPECT_EQ(frame_code(std::string(1'000'000, '['), {1 << 20, 0, 16}), "not_an_object");
  EXPECT_EQ(frame_code(R"({"type":0,"payload":)" + std::string(1'000'000, '['), {1 << 20, 0, 16}),
            "too_deep");
}

// Two hundred thousand keys are sorted, not compared each with each.
TEST(Decode, ManyUnknownKeysAreCheap) {
  std::string text = R"({"type":0)";
  for (int i = 0; i < 90'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  EXPECT_EQ(frame_code(text + "}", {1 << 21, 0, 16}), "taken");
  EXPECT_EQ(frame_code(text + ",\"77\":0}", {1 << 21, 0, 16}), "duplicate_key");
}

TEST(Encode, TextsAreEscapedAsJavaScriptDoes) {
  EXPECT_EQ(encode_data(Texts{}), "[]");
  EXPECT_EQ(encode_data(Texts{"", "a\"\\/\b\f\n\r\t"}), R"(["","a\"\\/\b\f\n\r\t"])");
  EXPECT_EQ(encode_data(Texts{std::string("\0\x01\x0b\x1f\x7f", 5)}),
            "[\"\\u0000\\u0001\\u000b\\u001f\x7f\"]");
  EXPECT_EQ(encode_data(Texts{"한글😀\u2028"}), "[\"한글😀\u2028\"]");
  EXPECT_EQ(encode_data(Filler{3}), R"(["xxx"])");
}

TEST(DecodeData, TakesTheArrayAlone) {
  const auto data = decode_data(R"( [ "a" , "b" ] )", {});
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(*data, (Texts{"a", "b"}));
  EXPECT_EQ(decode_data(R"(["a"],)", {}).error().code, "not_json");
  EXPECT_EQ(decode_data(R"({"data":["a"]})", {}).error().code, "not_an_array");
  EXPECT_EQ(decode_data(R"(["abc"])", {6, 0, 16}).error().code, "oversized");
}

TEST(FirstBlockText, IsTheExactSlice) {
  const std::string odd = R"({ "x":[{"]":"\"}"}], "version":"1.0.0" ,"height":0,"timestamp":1,)"
                          R"("previousHash":")" +
                          kZeros + R"(","hash":")" + kZeros +
                          R"(","difficulty":0,"nonce":0,"data":[ ] })";
  const std::string block = BlockText{}.text();
  for (const std::string& text :
       {frame(1, "[" + odd + "]"), frame(2, "[ " + odd + " , " + block + "]"),
        R"({"payload":[)" + odd + "," + block + R"(],"z":[{}],"type":2})"}) {
    ASSERT_EQ(frame_code(text), "taken") << text;
    EXPECT_EQ(first_block_text(text), odd);
  }
}

TEST(ParseGenesis, KeepsTheTextAsItWasWritten) {
  const auto genesis = parse_genesis("\n " + std::string(kWidespreadGenesis) + "\r\n");
  ASSERT_TRUE(genesis.ok());
  EXPECT_EQ(genesis->text, kWidespreadGenesis);
  EXPECT_EQ(genesis->block.header.timestamp_ms, 1'231'006'506);
  EXPECT_EQ(std::get<Texts>(genesis->block.body), Texts{"GENESIS BLOCK"});
  std::string spaced(kWidespreadGenesis);
  spaced.insert(1, "  ");
  EXPECT_EQ(parse_genesis(spaced)->text, spaced);
}

TEST(ParseGenesis, SaysWhatIsWrong) {
  EXPECT_EQ(parse_genesis("\n{\"height\":-1}").error(),
            "found out_of_range at byte 11 of the genesis; expected the JSON text of a block");
  EXPECT_EQ(parse_genesis("").error(),
            "found not_json at byte 0 of the genesis; expected the JSON text of a block");
  BlockText text;
  text.height = "3";
  EXPECT_EQ(parse_genesis(text.text()).error(), "found a genesis of height 3; expected height 0");
}

}  // namespace
