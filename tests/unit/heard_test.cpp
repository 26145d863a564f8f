// What nodes heard in two worlds: compared connection by connection, whatever the times.
#include "net-sim/lab/heard.h"

#include <gtest/gtest.h>

#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

class HeardTest : public testing::Test {
 protected:
  HeardTest() {
    const auto genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
    Random random(1);
    Header last = genesis.block.header;
    for (BlockId parent = 0; parent < 3; ++parent) {
      last = test::random_child(random, last, false).header;
      tree_.add_header(last, parent, 1);
    }
    names_.found(7, tree_.hash(1));
    names_.found(7, tree_.hash(2));
    names_.found(4, tree_.hash(3));
  }

  void hear(sim::HeardBook& book, int ms, PeerId peer, const Message& message) {
    book.note(kTimeZero + milliseconds(ms), 0, Received{peer, message}, tree_);
  }
  sim::Json compare() { return sim::first_difference({simulated_, names_}, {real_, names_}); }

  BlockTree tree_;
  sim::BlockNames names_;
  sim::HeardBook simulated_, real_;
};

TEST_F(HeardTest, TheOrderOfTwoConnectionsIsNoDifference) {
  int ms = 0;
  for (const bool swapped : {false, true}) {
    sim::HeardBook& book = swapped ? real_ : simulated_;
    for (const PeerId peer : {5u, 9u}) book.note(kTimeZero, 0, PeerUp{peer, kNoAddress}, tree_);
    for (const PeerId peer : swapped ? std::vector{9u, 5u} : std::vector{5u, 9u}) {
      hear(book, ++ms, peer, make(MessageType::inv, peer == 5 ? 1 : 2, 1));
    }
  }
  EXPECT_EQ(compare()["differing"], 0);
  EXPECT_EQ(compare()["connections"], 2);
  EXPECT_TRUE(compare()["first"].is_null());
}

TEST_F(HeardTest, TheFirstMessageThatDiffersIsShownFromBothSides) {
  for (sim::HeardBook* book : {&simulated_, &real_}) {
    book->note(kTimeZero, 0, PeerUp{1, kNoAddress}, tree_);
    hear(*book, 5, 1, hello(0, Relay::headers, 1));
    hear(*book, 6, 1, latest_block(2));  // nobody listens to the original's words from here
  }
  hear(simulated_, 20, 1, make(MessageType::headers, 2, 2));
  hear(real_, 30, 1, make(MessageType::blocks, 3, 1));
  hear(real_, 31, 1, make(MessageType::blocks, 2, 1));
  const sim::Json first = compare()["first"];
  EXPECT_EQ(first["connection"], 1);
  EXPECT_EQ(first["message"], 3);
  EXPECT_EQ(first["simulated"]["differs"]["what"], "Headers 2 7.2");
  EXPECT_EQ(first["real"]["differs"]["what"], "Blocks 1 4.1");
  EXPECT_EQ(first["real"]["before"].size(), 2u);
}

}  // namespace
