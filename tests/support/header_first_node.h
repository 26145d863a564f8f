// A node of header_first, one message at a time, where the network around it cannot be trusted to
// be kind. The usual ways are told by tests/golden/header_first.
//
// The tree holds every block from the start, as that of a simulation does; the node's view does
// not.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/json_codec.h"
#include "core/node.h"
#include "tests/support/random_blocks.h"

namespace test {

using namespace chain;

class HeaderFirstNode : public testing::Test {
 protected:
  HeaderFirstNode() : random_(1) {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
    make_node();
  }
  void make_node(const ChainView& stored = ChainView(0)) {
    node_ = std::make_unique<Node>(tree_, stored,
                                   NodeOptions{.protocol = ProtocolKind::header_first,
                                               .keepalive = minutes(2),
                                               .nonce = 99,
                                               .max_frame = max_frame_,
                                               .limits = &limits_});
  }

  // Blocks on `parent` in the tree, each of `data_bytes`; the last.
  BlockId grow(BlockId parent, int blocks, std::uint64_t data_bytes = 100) {
    for (int i = 0; i < blocks; ++i) {
      const Block block = random_child(random_, tree_.header(parent), true);
      parent = tree_.add_header(block.header, parent, 1);
      tree_.add_body(parent, data_bytes);
    }
    return parent;
  }
  void step(const Input& input) {
    out_.clear();
    node_->step(now_, input, out_);
  }
  void hear(PeerId from, const Message& message) { step(Received{from, message, kNoAddress}); }
  void greet(PeerId peer, BlockId tip) {
    step(PeerUp{peer, peer});
    hear(peer, hello(tip, Relay::headers, peer));
  }
  // Returns a tip at height 100 that so many peers claim.
  BlockId claimed_by(PeerId peers) {
    const BlockId far = grow(0, 100);
    for (PeerId peer = 1; peer <= peers; ++peer) {
      greet(peer, 0);
      hear(peer, make(MessageType::inv, far, 100));
    }
    return far;
  }
  void wake_at(Time when) {
    now_ = when;
    step(Wake{});
  }
  // "1:GetHeaders 2:Ping "
  std::string said() const {
    std::string text;
    for (const Send& send : out_.sends()) {
      text += std::to_string(send.to) + ':' + std::string(name_of(send.message.type)) + ' ';
    }
    return text;
  }

  // A block on the tip, announced by peer 1 and sent by it so long after.
  void pass_on(Duration takes) {
    const BlockId block = grow(node_->chain().tip(), 1);
    hear(1, make(MessageType::headers, block, 1));
    EXPECT_EQ(said(), "1:GetBlocks ");
    now_ = now_ + takes;
    hear(1, make(MessageType::blocks, block, 1));
    EXPECT_EQ(node_->chain().tip(), block);
  }
  // When bodies that peer 1 announced and withholds are asked of peer 2.
  Duration until_another_is_asked(std::uint32_t count = 1) {
    const BlockId block = grow(node_->chain().tip(), static_cast<int>(count));
    const Time before = now_;
    hear(1, make(MessageType::headers, block, count));
    hear(2, make(MessageType::headers, block, count));
    EXPECT_EQ(said(), "");
    while (said() != "2:GetBlocks " && now_ - before < minutes(1)) wake_at(now_ + milliseconds(1));
    return now_ - before;
  }

  SyncLimits limits_;
  std::uint64_t max_frame_ = kUnlimitedFrame;  // of the next node that is made
  Random random_;
  BlockTree tree_;
  std::unique_ptr<Node> node_;
  Effects out_;
  Time now_{};
};

}  // namespace test
