// A node behind codec and intake against the original's few lines, written down plainly: lists of
// blocks, everything validated again each time, nothing stored by hash. On random talk the two say
// the same frames to the same peers in the same order, byte for byte.
//
// Where they differ on purpose, the talk does not go: a block whose hash is known is the block
// known (other data, other key order, another genesis below it), while the original takes the
// newest.
#include <gtest/gtest.h>

#include <map>

#include "core/intake.h"
#include "core/node.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

using Blocks = std::vector<Block>;
using Frames = std::vector<std::pair<PeerId, std::string>>;

class Original {
 public:
  Original(const Block& genesis, bool check_genesis)
      : chain_{genesis}, check_genesis_(check_genesis) {}

  const Blocks& chain() const { return chain_; }
  void add_peer(PeerId peer) { peers_.push_back(peer); }

  Frames on_message(PeerId from, const WireMessage& message) {
    switch (message.type) {
      case MessageType::query_latest:
        return {{from, latest()}};
      case MessageType::latest_block:
        if (!is_child(message.blocks[0], chain_.back())) return {{from, whole()}};
        return mine(message.blocks[0]);
      case MessageType::whole_chain:
        if (!replaces(message.blocks)) return {};
        chain_ = message.blocks;
        return to_all(whole());
      default:
        return {};
    }
  }
  Frames mine(const Block& block) {
    chain_.push_back(block);
    return to_all(latest());
  }

 private:
  static bool is_child(const Block& block, const Block& parent) {
    return block.header.height == parent.header.height + 1 &&
           block.header.previous_hash == parent.header.hash &&
           block.header.hash == hash_of(block.header, HashOrder::standard);
  }
  bool replaces(const Blocks& blocks) const {
    if (check_genesis_ && encode_block(blocks[0]) != encode_block(chain_[0])) return false;
    for (std::size_t i = 1; i < blocks.size(); ++i) {
      if (!is_child(blocks[i], blocks[i - 1])) return false;
    }
    const Header& received = blocks.back().header;
    const Header& own = chain_.back().header;
    const bool just_one_more =
        received.height == own.height + 1 && received.previous_hash == own.hash;
    return received.height != 0 && received.height > own.height && !just_one_more;
  }
  std::string latest() const { return test::frame_of(MessageType::latest_block, {chain_.back()}); }
  std::string whole() const { return test::frame_of(MessageType::whole_chain, chain_); }
  Frames to_all(const std::string& frame) const {
    Frames frames;
    for (const PeerId peer : peers_) frames.emplace_back(peer, frame);
    return frames;
  }

  Blocks chain_;
  bool check_genesis_;
  std::vector<PeerId> peers_;
};

// What chainnode is, without sockets and disk.
class Ours final : public FrameFacts {
 public:
  Ours(const Genesis& genesis, bool check_genesis)
      : rules_{.check_genesis = check_genesis, .check_merkle_root = false},
        intake_(tree_, rules_, false, {},
                [this](BlockId id, std::string data) { data_[id] = std::move(data); }),
        node_(tree_, ChainView(tree_.add_root(genesis.block.header, genesis.text)),
              {.rules = rules_}) {}

  Frames add_peer(PeerId peer) { return step(PeerUp{peer, kNoAddress}); }
  Frames on_frame(PeerId from, const std::string& frame) {
    const auto message = decode(frame, {1 << 24, 0, 16});
    EXPECT_TRUE(message.ok() && message->has_value()) << frame;
    return step(Received{from, intake_.take(from, **message, node_.chain().tip(), 0)});
  }
  Frames mine(const Block& block) { return step(Mined{intake_.add_own(block)}); }

  void append_data_json(BlockId id, std::string& out) const override { out += data_.at(id); }

 private:
  Frames step(const Input& input) {
    effects_.clear();
    node_.step(kTimeZero, input, effects_);
    Frames frames;
    for (const Send& send : effects_.sends()) {
      frames.emplace_back(send.to, encode(send.message, tree_, *this));
    }
    return frames;
  }

  BlockTree tree_;
  ChainRules rules_;
  std::map<BlockId, std::string> data_;
  Intake intake_;
  Node node_;
  Effects effects_;
};

// What the peers of one run may say: chains that grow out of each other, of two geneses.
class Talk {
 public:
  explicit Talk(Random& random) : random_(random) {
    chains_.push_back({parse_genesis(kWidespreadGenesis)->block});
    chains_.push_back({test::random_genesis(random)});
  }

  WireMessage next(const Blocks& own) {
    if (random_.below(10) == 0) return {};
    if (random_.below(3) == 0) return {MessageType::latest_block, {some_block(own)}};
    Blocks blocks = some_chain(own);
    const std::uint64_t at = random_.below(blocks.size());
    if (at > 0 && random_.below(6) == 0) spoil(blocks[at]);
    return {MessageType::whole_chain, std::move(blocks)};
  }
  Block child(const Block& parent) { return test::random_child(random_, parent.header, false); }

 private:
  Block some_block(const Blocks& own) {
    if (random_.below(2) == 0) return child(own.back());
    const Blocks blocks = some_chain(own);
    Block block = blocks[random_.below(blocks.size())];
    if (block.header.height > 0 && random_.below(4) == 0) spoil(block);
    return block;
  }
  // A prefix of a chain said before, or of the node's own, and up to four blocks on it.
  Blocks some_chain(const Blocks& own) {
    const bool continue_own = random_.below(2) == 0;
    Blocks blocks = continue_own ? own : chains_[random_.below(chains_.size())];
    const std::uint64_t cut = random_.below(3) == 0 ? random_.below(blocks.size()) : 0;
    blocks.resize(blocks.size() - cut);
    for (std::uint64_t more = random_.below(5); more > 0; --more) {
      blocks.push_back(child(blocks.back()));
    }
    chains_.push_back(blocks);
    return blocks;
  }
  void spoil(Block& block) {
    Header& header = block.header;
    switch (random_.below(4)) {
      case 0:
        header.height += static_cast<std::int64_t>(1 + random_.below(3));
        break;
      case 1:
        header.previous_hash = sha256("another");
        break;
      case 2:
        header.hash = sha256("another");
        break;
      default:
        header.version += "x";
    }
    if (random_.below(2) == 0) header.hash = hash_of(header, HashOrder::standard);
  }

  Random& random_;
  std::vector<Blocks> chains_;
};

class AsTheOriginal : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(CheckGenesis, AsTheOriginal, testing::Bool());

void compare_talk(std::uint64_t seed, bool check_genesis, int runs) {
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  Random random(seed);
  std::size_t replaced = 0;
  for (int run = 0; run < runs; ++run) {
    Original original(genesis.block, check_genesis);
    Ours ours(genesis, check_genesis);
    Talk talk(random);
    for (PeerId peer = 0; peer < 3; ++peer) {
      original.add_peer(peer);
      ASSERT_EQ(ours.add_peer(peer), (Frames{{peer, R"({"type":0,"payload":{}})"}}));
    }
    for (int i = 0; i < 40; ++i) {
      if (random.below(8) == 0) {
        const Block block = talk.child(original.chain().back());
        ASSERT_TRUE(ours.mine(block) == original.mine(block)) << "run " << run << ", frame " << i;
        continue;
      }
      const auto from = static_cast<PeerId>(random.below(3));
      const WireMessage message = talk.next(original.chain());
      const bool is_query = message.type == MessageType::query_latest;
      const std::string frame = is_query ? std::string(R"({"type":0,"payload":{}})")
                                         : test::frame_of(message.type, message.blocks);
      const Frames said = original.on_message(from, message);
      ASSERT_TRUE(ours.on_frame(from, frame) == said)
          << "run " << run << ", frame " << i << " of " << frame.size() << " bytes";
      replaced += message.type == MessageType::whole_chain && !said.empty() ? 1 : 0;
    }
  }
  EXPECT_GT(replaced, static_cast<std::size_t>(runs));
}

TEST_P(AsTheOriginal, EveryFrameOfRandomTalk) {
  compare_talk(GetParam() ? 1 : 2, GetParam(), test::scaled(200));
}

TEST(LongAsTheOriginal, EveryFrameOfRandomTalk) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    compare_talk(test::fresh_seed() + i, i % 2 == 0, test::scaled(200));
  }
}

}  // namespace
