// The host: durable before a word is said, room on the disk before a block is taken.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/record_reader.h"
#include "net-real/failure.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

constexpr char kQuery[] = R"({"type":0,"payload":{}})";

std::string latest(const chain::Block& block) {
  return R"({"type":1,"payload":[)" + chain::encode_block(block) + "]}";
}

class HostTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
};

// How many blocks another process would see in the file.
std::int64_t blocks_on_disk(const std::filesystem::path& directory) {
  Database database((directory / "chain.sqlite").string());
  Statement count(database, "SELECT count(*) FROM blocks");
  count.step();
  return count.integer(0);
}

TEST_F(HostTest, IsDurableBeforeAWordIsSaid) {
  HostUnderTest node(directory_.path());
  node.host.peer_up(1, chain::kNoAddress);
  std::vector<std::int64_t> on_disk;
  node.links.on_send = [&] { on_disk.push_back(blocks_on_disk(directory_.path())); };
  const chain::Block first = block_after(node.tip(), "received");
  node.host.received(1, latest(first));
  node.host.mined(block_after(first.header, "mined"));
  EXPECT_EQ(on_disk, (std::vector<std::int64_t>{1, 2}));
}

// How many blocks of its own a recording tells of, as it stands in the file.
int mined_in(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  chain::RecordReader reader;
  EXPECT_FALSE(reader.begin_part(bytes));
  int mined = 0;
  for (auto record = reader.next(); record && record->has_value(); record = reader.next()) {
    const auto* step = std::get_if<chain::StepTaken>(&**record);
    mined += step != nullptr && std::holds_alternative<chain::Mined>(step->input) ? 1 : 0;
  }
  return mined;
}

TEST_F(HostTest, IsRecordedBeforeAWordIsSaid) {
  const std::filesystem::path file = directory_.path() / "recording";
  Loop loop;
  MemoryLog log;
  Recorder recorder(loop, log.log, file, chain::kRecordLimit);
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis(), .recorder = &recorder});
  node.host.peer_up(1, chain::kNoAddress);
  node.host.received(1, kQuery);
  std::vector<int> recorded;
  node.links.on_send = [&] { recorded.push_back(mined_in(file)); };
  node.host.mined(block_after(node.tip(), "one"));
  node.host.mined(block_after(node.tip(), "two"));
  EXPECT_EQ(recorded, (std::vector<int>{1, 2}));
}

TEST_F(HostTest, SaysNothingWhenACommitFails) {
  HostUnderTest node(directory_.path());
  node.host.peer_up(1, chain::kNoAddress);
  node.links.sent.clear();
  Database other((directory_.path() / "chain.sqlite").string());
  other.run("BEGIN IMMEDIATE");  // somebody else holds the write lock
  EXPECT_THROW(node.host.mined(block_after(node.tip(), "lost")), Failure);
  EXPECT_TRUE(node.links.sent.empty());
}

TEST_F(HostTest, WithoutRoomItTakesNoBlockAndGoesOnAnswering) {
  HostUnderTest node(directory_.path(),
                     {.genesis = widespread_genesis(), .disk_reserve = std::uint64_t{1} << 62});
  node.host.peer_up(1, chain::kNoAddress);
  node.links.sent.clear();
  const chain::Block block = block_after(node.tip(), "no room");
  node.host.received(1, latest(block));
  EXPECT_EQ(node.host.mined(block), Host::Mining::no_space);
  EXPECT_EQ(node.tip().height, 0);
  EXPECT_TRUE(node.links.sent.empty());
  EXPECT_TRUE(node.log.has("disk_full"));
  node.host.received(1, kQuery);
  EXPECT_EQ(node.links.sent.size(), 1u);
}

TEST_F(HostTest, ABlockMinedOnAnOldTipIsStale) {
  HostUnderTest node(directory_.path());
  const chain::Block late = block_after(node.tip(), "late");
  EXPECT_EQ(node.host.mined(block_after(node.tip(), "faster")), Host::Mining::taken);
  EXPECT_EQ(node.host.mined(late), Host::Mining::stale);
  EXPECT_EQ(node.tip().height, 1);
}

TEST_F(HostTest, RemembersTheNewestRejections) {
  HostUnderTest node(directory_.path());
  node.host.peer_up(3, chain::kNoAddress);
  chain::Header high = node.tip(), other = node.tip();
  high.height = 7;
  other.hash = chain::sha256("?");
  for (std::size_t sent = 0; sent < Host::kMaxRejections - 1; ++sent) {
    node.host.received(3, latest(block_after(high, "too high")));
  }
  EXPECT_EQ(node.host.rejections().size(), Host::kMaxRejections - 1);
  const chain::Block foreign = block_after(other, "foreign");
  node.host.received(3, latest(foreign));
  EXPECT_EQ(node.host.rejections().size(), Host::kMaxRejections);
  EXPECT_EQ(node.host.rejections().front().why, chain::Refusal::height);
  for (std::size_t sent = 0; sent < Host::kMaxRejections; ++sent) {
    node.host.received(3, latest(foreign));
  }
  EXPECT_EQ(node.host.rejections().size(), Host::kMaxRejections);
  EXPECT_EQ(node.host.rejections().front().why, chain::Refusal::previous_hash);
  EXPECT_EQ(node.host.rejections().front().peer, 3u);
  EXPECT_TRUE(node.log.has("ko=\"이전 블록 해시가 맞지않습니다\""));
}

TEST_F(HostTest, DropsWhoSendsWhatIsNoMessage) {
  HostUnderTest node(directory_.path());
  node.host.peer_up(4, chain::kNoAddress);
  node.host.received(4, R"({"type":1})");
  EXPECT_EQ(node.links.closed, std::vector<chain::PeerId>{4});
  EXPECT_TRUE(node.log.has("malformed peer=4 why=\"malformed: no_payload"));
}

// What a peer sends that has said hello, as the node itself said it.
void say_hello(HostUnderTest& node, chain::PeerId peer) {
  node.host.peer_up(peer, chain::kNoAddress);
  std::string hello = node.links.sent.front().second;
  const std::string key = R"("node":")";
  hello.replace(hello.find(key) + key.size(), 16, "00000000000000ff");
  node.host.received(peer, hello);
  EXPECT_EQ(node.host.protocol_of(peer), "header_first");
}

TEST_F(HostTest, AFrameOverTheLimitIsAFaultOfNodesThatKnowTheLimit) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  node.host.peer_up(4, chain::kNoAddress);
  node.host.received(4, kQuery);
  EXPECT_EQ(node.host.protocol_of(4), "push_chain");
  node.host.oversized(4);
  EXPECT_TRUE(node.host.is_welcome(node.links.ip));
  node.links.sent.clear();
  say_hello(node, 5);
  node.host.oversized(5);
  EXPECT_FALSE(node.host.is_welcome(node.links.ip));
  const auto oversized = static_cast<std::size_t>(chain::Offence::oversized);
  EXPECT_EQ(node.host.counters().peers_dropped[oversized], 2u);
}

TEST_F(HostTest, WhoBreaksTheRulesIsUnwelcomeForADayAndAfterARestart) {
  const HostOptions options{.genesis = widespread_genesis()};
  {
    HostUnderTest node(directory_.path(), options);
    say_hello(node, 1);
    EXPECT_TRUE(node.host.is_welcome("192.0.2.1"));
    chain::Block block = block_after(node.tip(), "forged");
    block.header.hash.bytes[0] ^= 1;
    node.host.received(1, R"({"type":105,"payload":[)" + chain::encode_block(block) + "]}");
    EXPECT_EQ(node.links.closed, std::vector<chain::PeerId>{1});
    EXPECT_FALSE(node.host.is_welcome("192.0.2.1"));
    EXPECT_TRUE(node.host.is_welcome("192.0.2.2"));
  }
  const HostUnderTest again(directory_.path(), options);
  EXPECT_FALSE(again.host.is_welcome("192.0.2.1"));
}

TEST_F(HostTest, NobodyIsDialledWhereANodeBrokeTheRules) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  say_hello(node, 1);
  node.host.received(1, "{}");
  node.links.ip = "192.0.2.2";
  say_hello(node, 2);
  node.host.received(2, R"({"type":107,"payload":["ws://192.0.2.1:1","ws://192.0.2.3:1"]})");
  ASSERT_EQ(node.links.dialled.size(), 1u);
  EXPECT_EQ(node.registry.url(node.links.dialled.front()).text(), "ws://192.0.2.3:1");
}

TEST_F(HostTest, WhatIsNoMessageIsAFaultOfWhoSaidHelloOnly) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  node.host.peer_up(1, chain::kNoAddress);
  node.host.received(1, kQuery);
  node.host.received(1, "{}");
  EXPECT_EQ(node.links.closed, std::vector<chain::PeerId>{1});
  EXPECT_TRUE(node.host.is_welcome("192.0.2.1")) << "the original's nodes differ";
  say_hello(node, 2);
  node.host.received(2, "{}");
  EXPECT_FALSE(node.host.is_welcome("192.0.2.1"));
}

TEST_F(HostTest, WhoIsTurnedAwayForNoFaultIsWelcome) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  say_hello(node, 1);
  node.host.peer_up(2, chain::kNoAddress);
  node.host.received(2, node.links.sent.front().second);  // the node's own hello
  std::string other = node.links.sent.front().second;
  const std::string key = R"("network":")";
  other.replace(other.find(key) + key.size(), 64, std::string(64, 'a'));
  node.host.peer_up(3, chain::kNoAddress);
  node.host.received(3, other);
  EXPECT_EQ(node.links.closed, (std::vector<chain::PeerId>{2, 3}));
  EXPECT_TRUE(node.host.is_welcome("192.0.2.1"));
}

TEST_F(HostTest, TheOperatorsOwnIpAddressIsAlwaysWelcome) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  node.links.ip = "127.0.0.1";
  say_hello(node, 1);
  node.host.received(1, "{}");
  EXPECT_EQ(node.links.closed, std::vector<chain::PeerId>{1});
  EXPECT_TRUE(node.host.is_welcome("127.0.0.1"));
  EXPECT_TRUE(node.store.discouraged().empty());
}

TEST_F(HostTest, WithoutRoomItDiscouragesInMemoryOnly) {
  HostUnderTest node(directory_.path(),
                     {.genesis = widespread_genesis(), .disk_reserve = std::uint64_t{1} << 62});
  say_hello(node, 1);
  node.host.received(1, "{}");
  EXPECT_FALSE(node.host.is_welcome("192.0.2.1"));
  EXPECT_TRUE(node.store.discouraged().empty());
}

// Who has not said hello, or has said it, speaks one protocol: nothing of the other is read.
TEST_F(HostTest, StoresNothingFromWhomItDoesNotHear) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  node.host.peer_up(1, chain::kNoAddress);
  const chain::Block block = block_after(node.tip(), "unasked");
  const std::string blocks = R"({"type":105,"payload":[)" + chain::encode_block(block) + "]}";
  node.host.received(1, blocks);
  EXPECT_EQ(node.host.tree().size(), 1u) << "it has not said hello";
  node.host.received(1, kQuery);
  node.host.received(1, blocks);
  EXPECT_EQ(node.host.tree().size(), 1u) << "it speaks the original";
  node.host.received(1, latest(block));
  EXPECT_EQ(node.tip().height, 1);
}

// A header by one protocol, its body by a chain of the other that is no longer than the own.
TEST_F(HostTest, KeepsNoBodyThatAStepDoesNotTake) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  const chain::Header genesis = node.tip();
  node.host.mined(block_after(genesis, "own"));
  const std::string block = chain::encode_block(block_after(genesis, "theirs"));
  const std::string header = block.substr(0, block.find(",\"data\"")) + "}";
  say_hello(node, 1);
  node.host.received(1, R"({"type":102,"payload":[)" + header + "]}");
  EXPECT_GT(node.links.charged[1], 0u) << "its sender pays for what it costs";
  ASSERT_EQ(node.host.tree().size(), 3u) << "the header is known";
  node.host.peer_up(2, chain::kNoAddress);
  const std::string chain = "[" + std::string(chain::kWidespreadGenesis) + "," + block + "]";
  for (int i = 0; i < 2; ++i) node.host.received(2, R"({"type":2,"payload":)" + chain + "}");
  EXPECT_FALSE(node.host.tree().has_body(2)) << "the chain is not longer";
  EXPECT_EQ(node.host.counters().bodies_withdrawn, 2u);
  EXPECT_TRUE(node.store.withdraw_kept().empty());
  node.host.received(1, R"({"type":105,"payload":[)" + block + "]}");
  EXPECT_TRUE(node.host.tree().has_body(2)) << "it may come again";
}

// No way is known that leaves one; if there were, it is not for good.
TEST_F(HostTest, CountsABodyThatIsLeftAndDropsIt) {
  HostUnderTest node(directory_.path(), {.genesis = widespread_genesis()});
  const std::string block = chain::encode_block(block_after(node.tip(), "theirs"));
  say_hello(node, 1);
  node.host.received(
      1, R"({"type":102,"payload":[)" + block.substr(0, block.find(",\"data\"")) + "}]}");
  ASSERT_EQ(node.host.tree().size(), 2u);
  node.store.keep(1, R"(["theirs"])");
  node.host.mined(block_after(node.tip(), "own"));
  EXPECT_TRUE(node.store.withdraw_kept().empty());
  EXPECT_EQ(node.host.counters().bodies_withdrawn, 0u);
  node.bodies_left = 1;
}

TEST_F(HostTest, DialsAgainAfterAPause) {
  HostUnderTest node(directory_.path(),
                     {.genesis = widespread_genesis(),
                      .redial = chain::Redial{chain::milliseconds(1), chain::seconds(1)}});
  const chain::AddressId there = *node.registry.add(*parse_peer_url("ws://192.0.2.3:1"));
  node.host.connect(there);
  node.host.dial_failed(there, "nobody there");
  const auto twice = [&] { return node.links.dialled.size() == 2; };
  EXPECT_TRUE(node.loop.run_until(twice, chain::seconds(30)));
  node.host.address_refused(there, "it is me");
  node.host.connect(there);
  EXPECT_EQ(node.links.dialled, (std::vector<chain::AddressId>{there, there, there}));
}

TEST_F(HostTest, LearnsItsGenesisThenIsANodeLikeAnyOther) {
  HostUnderTest node(directory_.path(), {.genesis = std::nullopt});
  EXPECT_TRUE(node.host.learning());
  const chain::Block first = block_after(widespread_genesis().block.header, "first");
  const chain::Block second = block_after(first.header, "second");
  node.host.peer_up(1, chain::kNoAddress);
  node.host.received(1, kQuery);
  EXPECT_EQ(node.links.sent.size(), 1u);  // its own question; there is nothing to answer yet
  node.host.received(1, latest(second));
  EXPECT_EQ(node.links.sent.back().second, latest(second));
  node.host.received(1, R"({"type":2,"payload":[)" + widespread_genesis().text + "," +
                            chain::encode_block(first) + "," + chain::encode_block(second) + "]}");
  ASSERT_FALSE(node.host.learning());
  EXPECT_EQ(node.tip(), second.header);
  EXPECT_EQ(node.store.genesis_text(), widespread_genesis().text);
}

}  // namespace
}  // namespace net
