// A recording as bytes: what is written is read back, what a kill leaves is read as far as it goes,
// and what is damaged is noticed.
#include <gtest/gtest.h>

#include <set>

#include "core/record_writer.h"
#include "tests/support/random_blocks.h"
#include "tests/support/recording.h"

namespace {

using namespace chain;
using test::Parts;
using test::read_back;

Header header_on(const BlockTree& tree, BlockId parent, const char* name) {
  Header header;
  header.height = std::int64_t{tree.height(parent)} + 1;
  header.hash = sha256(name);
  header.previous_hash = tree.hash(parent);
  return header;
}

// A root, three blocks on it, and a fork without a body.   g -- a -- b -- c
struct Small {  //                      \- d
  Small() {
    tree.add_root({}, "genesis");
    for (const char* name : {"a", "b", "c"}) {
      const auto tip = static_cast<BlockId>(tree.size() - 1);
      tree.add_body(tree.add_header(header_on(tree, tip, name), tip, 1), 10);
    }
    tree.add_header(header_on(tree, 0, "d"), 0, 8);
    writer.begin_world(RecordedWorld::real, "a test", 2);
    ChainView view(0);
    view.add_body(1);
    view.add_header(4);
    view.follow(1);
    writer.begin_life(0, options, view, tree);
  }
  void step(const Input& input, const Effects& effects = {}) {
    now = now + milliseconds(3);
    writer.step(now, 0, input, effects, tree);
  }
  Parts part() {
    writer.finish_frame();
    bytes += writer.frames();
    writer.written();
    return {bytes};
  }

  BlockTree tree;
  SyncLimits limits{.body_timeout = seconds(3), .low_work_depth = 7};
  // Nothing of which is what an option is by itself.
  NodeOptions options{.rules = {.kind = RulesKind::work,
                                .hash_order = HashOrder::variant,
                                .check_genesis = false,
                                .check_merkle_root = false,
                                .seal = Seal::simulated,
                                .tie_break = TieBreak::random,
                                .first_difficulty = 9,
                                .min_difficulty = 5,
                                .retarget = 10,
                                .block_interval = seconds(7),
                                .max_block = 12'345},
                      .redial = Redial{seconds(1), minutes(2)},
                      .protocol = ProtocolKind::header_first,
                      .relay = Relay::inv,
                      .trusts_nonces = true,
                      .keepalive = minutes(3),
                      .nonce = 0x123456789abcdef0u,
                      .outbound = 8,
                      .max_frame = 54'321,
                      .limits = &limits};
  Time now = kTimeZero + seconds(1'700'000'000);
  RecordWriter writer;
  std::string bytes = writer.first_header();
};

const std::vector<Input> kInputs{
    PeerUp{0, kNoAddress},
    PeerUp{4'000'000'000, 7},
    PeerDown{300},
    DialFailed{1},
    Connect{0xfffffffe},
    Disconnect{2},
    Mined{3},
    Wake{},
    Received{1, query_latest()},
    Received{1, latest_block(3)},
    Received{1, {MessageType::latest_block, Staged::invalid, Refusal::hash, 0, kStagedBit, {}}},
    Received{1, whole_chain(0)},
    Received{
        1,
        {MessageType::whole_chain, Staged::low_work, Refusal::not_longer, 0, kStagedBit, {4, 0}}},
    Received{1, hello(3, Relay::block, 0xfedcba9876543210u), 77},
    Received{1, make(MessageType::get_headers, 2)},
    Received{1, make(MessageType::headers, 3, 3)},
    Received{1, {MessageType::headers, Staged::early, Refusal::early, 0, kNoBlock, {}}},
    Received{1, make(MessageType::inv, kStagedBit | 511, 9)},
    Received{1, make(MessageType::get_blocks, kNoBlock, 16)},
    Received{1, make(MessageType::blocks, 3, 2)},
    Received{1, {MessageType::blocks, Staged::no_room, Refusal::none, 0, kStagedBit, {1, 0}}},
    Received{1, make(MessageType::get_peers, kNoBlock)},
    Received{1, peers(3, {5, kNoAddress, 0x80000000u})},
    Received{1, make(MessageType::ping, 1, 1)},
    Received{1, make(MessageType::pong, 4, 1)},
    Received{1, reject(Offence::silent)},
};

bool same(const Input& a, const Input& b) {
  if (a.index() != b.index()) return false;
  struct Visitor {
    const Input& b;
    bool operator()(const PeerUp& x) const {
      const auto& y = std::get<PeerUp>(b);
      return x.peer == y.peer && x.address == y.address;
    }
    bool operator()(const PeerDown& x) const { return x.peer == std::get<PeerDown>(b).peer; }
    bool operator()(const DialFailed& x) const {
      return x.address == std::get<DialFailed>(b).address;
    }
    bool operator()(const Connect& x) const { return x.address == std::get<Connect>(b).address; }
    bool operator()(const Disconnect& x) const {
      return x.address == std::get<Disconnect>(b).address;
    }
    bool operator()(const Received& x) const {
      const auto& y = std::get<Received>(b);
      return x.from == y.from && x.message == y.message && x.listens == y.listens;
    }
    bool operator()(const Mined& x) const { return x.block == std::get<Mined>(b).block; }
    bool operator()(const Wake&) const { return true; }
  };
  return std::visit(Visitor{b}, a);
}

TEST(Record, InputsOfEachKindAndMessagesOfEachTypeComeBack) {
  std::set<MessageType> types;
  Small small;
  for (const Input& input : kInputs) {
    if (const auto* received = std::get_if<Received>(&input)) types.insert(received->message.type);
    small.step(input);
  }
  EXPECT_EQ(types.size(), kMessageTypes);
  const auto read = read_back(small.part());
  ASSERT_FALSE(read.fault) << read.fault->found;
  EXPECT_EQ(read.torn, 0u);
  const std::vector<StepTaken> steps = test::steps_of(read);
  ASSERT_EQ(steps.size(), kInputs.size());
  Time now = kTimeZero + seconds(1'700'000'000);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    now = now + milliseconds(3);
    EXPECT_TRUE(same(steps[i].input, kInputs[i])) << i;
    EXPECT_EQ(steps[i].now, now);
  }
}

template <typename T>
std::vector<T> all_of(const test::ReadBack& read) {
  std::vector<T> found;
  for (const Record& record : read.records) {
    if (const T* one = std::get_if<T>(&record)) found.push_back(*one);
  }
  return found;
}

TEST(Record, BlocksOddOnesTooComeBackWithTheirHashes) {
  Random random(7);
  const test::RandomTree random_tree(random, 200);
  const BlockTree& tree = random_tree.tree();
  RecordWriter writer;
  std::string bytes = writer.first_header();
  writer.begin_world(RecordedWorld::simulation, "odd", 0);
  writer.add_blocks(tree);
  writer.finish_frame();
  bytes += writer.frames();
  const auto read = read_back({bytes});
  ASSERT_FALSE(read.fault) << read.fault->found;
  BlockId id = 0;
  for (const Record& record : read.records) {
    const auto* root = std::get_if<RootAdded>(&record);
    const auto* block = std::get_if<BlockAdded>(&record);
    if (root != nullptr) {
      EXPECT_EQ(root->header, tree.header(id));
      EXPECT_EQ(root->text, tree.root_text(id));
    } else if (block != nullptr) {
      EXPECT_EQ(block->header, tree.header(id));
      EXPECT_EQ(block->parent, tree.parent(id));
      EXPECT_EQ(block->work, tree.work(id) - tree.work(tree.parent(id)));
    } else if (const auto* body = std::get_if<BodyAdded>(&record)) {
      EXPECT_EQ(body->block, id - 1);
      continue;
    } else {
      continue;
    }
    ++id;
  }
  EXPECT_EQ(id, tree.size());
}

TEST(Record, ALifeComesBackWithItsOptionsAndWhatItKnows) {
  Small small;
  const auto read = read_back(small.part());
  const auto lives = all_of<LifeBegins>(read);
  ASSERT_EQ(lives.size(), 1u);
  const LifeBegins& life = lives.front();
  EXPECT_EQ(life.options.nonce, small.options.nonce);
  EXPECT_EQ(life.options.outbound, 8u);
  EXPECT_EQ(life.options.relay, Relay::inv);
  EXPECT_EQ(life.options.redial->first, small.options.redial->first);
  EXPECT_EQ(life.options.redial->max, minutes(2));
  EXPECT_EQ(life.options.own_address, kNoAddress);
  EXPECT_EQ(life.options.protocol, ProtocolKind::header_first);
  EXPECT_EQ(life.options.trusts_nonces, small.options.trusts_nonces);
  EXPECT_EQ(life.options.keepalive, small.options.keepalive);
  const ChainRules& rules = life.options.rules;
  const ChainRules& given = small.options.rules;
  EXPECT_EQ(std::tuple(rules.kind, rules.hash_order, rules.check_genesis, rules.check_merkle_root,
                       rules.seal, rules.tie_break, rules.first_difficulty, rules.min_difficulty,
                       rules.retarget, rules.block_interval, rules.max_block),
            std::tuple(given.kind, given.hash_order, given.check_genesis, given.check_merkle_root,
                       given.seal, given.tie_break, given.first_difficulty, given.min_difficulty,
                       given.retarget, given.block_interval, given.max_block));
  EXPECT_EQ(life.options.max_frame, 54'321u);
  EXPECT_EQ(life.limits, small.limits);
  EXPECT_EQ(life.tip, 1u);
  ASSERT_EQ(life.known.size(), 3u);  // g and a; b and c; d
  EXPECT_TRUE(life.known[0].body && life.known[0].count == 2);
  EXPECT_TRUE(!life.known[1].header && life.known[1].count == 2);
  EXPECT_TRUE(life.known[2].header && !life.known[2].body);
  EXPECT_EQ(all_of<WorldBegins>(read).front().title, "a test");
  EXPECT_EQ(all_of<WorldBegins>(read).front().left_out, 2u);
  EXPECT_EQ(all_of<BlockAdded>(read).back().work, 8u);
}

TEST(Record, WhatComesLaterIsWrittenBeforeTheStepThatNeedsIt) {
  Small small;
  const BlockId staged = small.tree.name(sha256("unknown"));
  small.tree.add_body(4, 99);
  small.writer.add_body(4);
  small.tree.add_header(header_on(small.tree, 4, "e"), 4, 1);
  small.step(Received{0, make(MessageType::inv, staged, 3)});
  const auto read = read_back(small.part());
  EXPECT_EQ(all_of<NameGiven>(read).front().hash, sha256("unknown"));
  EXPECT_EQ(all_of<BodyAdded>(read).back().block, 4u);
  EXPECT_EQ(all_of<BodyAdded>(read).back().data_bytes, 99u);
  EXPECT_EQ(all_of<BlockAdded>(read).back().header.height, 2);
}

// Several frames, and a step in each.
std::string some_frames() {
  Small small;
  std::string bytes;
  for (std::size_t i = 0; i < 6; ++i) {
    small.step(kInputs[3 * i]);
    bytes = small.part().front();
  }
  return bytes;
}

TEST(Record, ATornTailIsCutAtTheLastWholeFrame) {
  const std::string whole = some_frames();
  std::size_t steps = 0;
  for (std::size_t length = kPartHeader; length <= whole.size(); ++length) {
    const auto read = read_back({whole.substr(0, length)});
    ASSERT_FALSE(read.fault) << length << ": " << read.fault->found;
    EXPECT_GE(test::steps_of(read).size(), steps);
    steps = test::steps_of(read).size();
    // What is left is a whole recording.
    const auto cut = read_back({whole.substr(0, length - read.torn)});
    EXPECT_EQ(cut.torn, 0u);
    EXPECT_EQ(cut.records.size(), read.records.size());
  }
  EXPECT_EQ(steps, 6u);
  for (std::size_t length = 0; length < kPartHeader; ++length) {
    EXPECT_TRUE(read_back({whole.substr(0, length)}).fault) << length;
  }
}

TEST(Record, AChangedByteIsNoticedWhereverItIs) {
  const std::string whole = some_frames();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bits : {1, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ bits);
      const auto read = read_back({damaged});
      ASSERT_TRUE(read.fault) << at;
      EXPECT_LE(read.fault->offset, at);
    }
  }
}

TEST(Record, AFrameThatIsGoneOrStandsElsewhereIsNoticed) {
  const std::string whole = some_frames();
  const std::size_t first = kPartHeader;
  const std::size_t length = kFrameHeader + u32_at(whole, first) + kFrameTrailer;
  EXPECT_TRUE(read_back({whole.substr(0, first) + whole.substr(first + length)}).fault);
  EXPECT_TRUE(read_back({whole + whole.substr(first, length)}).fault);
}

TEST(Record, GoesOnAfterATornTailAndInTheNextPart) {
  const std::string whole = some_frames();
  const auto read = read_back({whole.substr(0, whole.size() - 1)});
  ASSERT_GT(read.torn, 0u);
  std::string part = whole.substr(0, whole.size() - 1 - read.torn);
  Small other;
  RecordWriter writer(read.end);
  writer.begin_world(RecordedWorld::real, "again", 0);
  writer.begin_life(0, other.options, ChainView(0), other.tree);
  writer.finish_frame();
  part += writer.frames();
  writer.written();
  std::string next = writer.next_part();
  writer.step(kTimeZero, 0, Wake{}, Effects{}, other.tree);
  writer.finish_frame();
  next += writer.frames();
  EXPECT_EQ(test::steps_of(read_back({part, next})).size(), 6u);
  EXPECT_EQ(all_of<WorldBegins>(read_back({part, next})).size(), 2u);
  for (const Parts& parts : {Parts{part, part}, Parts{part, next, next}, Parts{part, some_frames()},
                             Parts{whole, next}}) {
    const auto wrong = read_back(parts);
    ASSERT_TRUE(wrong.fault);
    EXPECT_EQ(wrong.fault->expected.substr(0, 27), "the part that goes on after");
  }
  EXPECT_TRUE(test::steps_of(read_back({next})).empty()) << "its life began before";
}

TEST(Record, NamesOfPartsCount) {
  EXPECT_EQ(part_name("a.rec", 0), "a.rec");
  EXPECT_EQ(part_name("a.rec", 12), "a.rec.12");
}

}  // namespace
