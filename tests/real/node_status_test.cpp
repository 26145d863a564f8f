// What GET /tree and /events are made of: trees with a limit, streams that wait for their clients.
#include "net-real/node_status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net-real/event_feed.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

using chain::BlockId;
using chain::BlockTree;
using nlohmann::json;

// A header that differs from its siblings by `nonce`.
BlockId add_child(BlockTree& tree, BlockId parent, std::int64_t nonce) {
  chain::Header header;
  header.version = "1.0.0";
  header.height = tree.height(parent) + 1;
  header.previous_hash = tree.hash(parent);
  header.nonce = nonce;
  header.hash = chain::hash_of(header, chain::HashOrder::standard);
  return tree.add_header(header, parent, 1);
}

TEST(TreeJson, HasALimitHoweverManyBranchesThereAre) {
  const chain::Genesis genesis = widespread_genesis();
  BlockTree tree;
  BlockId tip = tree.add_root(genesis.block.header, genesis.text);
  for (int height = 1; height <= 150; ++height) {
    const BlockId parent = tip;
    tip = add_child(tree, parent, 0);
    for (int sibling = 1; sibling <= 9; ++sibling) add_child(tree, parent, sibling);
  }
  const json answer = json::parse(tree_json(tree, tip, std::nullopt));
  EXPECT_EQ(answer["to"], 150);
  const auto& blocks = answer["blocks"];
  EXPECT_EQ(blocks.size(), kMaxTreeBlocks);
  std::size_t main = 0;
  for (const json& block : blocks) main += block["main"] ? 1 : 0;
  EXPECT_EQ(main, kTreeHeights);
  EXPECT_EQ(blocks.front()["height"], 150);
  EXPECT_EQ(blocks.back()["height"], 51);
  EXPECT_TRUE(blocks.front()["bytes"].is_null());  // headers alone
}

TEST(TreeJson, GoesAsFarBackAsIsAskedFor) {
  const chain::Genesis genesis = widespread_genesis();
  BlockTree tree;
  BlockId tip = tree.add_root(genesis.block.header, genesis.text);
  for (int height = 1; height <= 250; ++height) tip = add_child(tree, tip, 0);
  const json middle = json::parse(tree_json(tree, tip, 120));
  EXPECT_EQ(middle["blocks"].front()["height"], 120);
  EXPECT_EQ(middle["blocks"].back()["height"], 21);
  const json first = json::parse(tree_json(tree, tip, 0));
  ASSERT_EQ(first["blocks"].size(), 1u);
  EXPECT_EQ(first["blocks"][0]["hash"], std::string(64, '0'));
}

TEST(TreeJson, ShowsABranchThatStandsHigherThanTheChain) {
  const chain::Genesis genesis = widespread_genesis();
  BlockTree tree;
  const BlockId root = tree.add_root(genesis.block.header, genesis.text);
  const BlockId tip = add_child(tree, root, 0);
  const BlockId ahead = add_child(tree, add_child(tree, root, 1), 0);
  const json answer = json::parse(tree_json(tree, tip, std::nullopt));
  EXPECT_EQ(answer["to"], 2);
  ASSERT_EQ(answer["blocks"].size(), 4u);
  EXPECT_EQ(answer["blocks"][0]["hash"], chain::lower_hex(tree.hash(ahead)));
  EXPECT_EQ(answer["blocks"][0]["main"], false);
}

// A client of a feed, as the server would be for it.
struct Client {
  explicit Client(const HttpResponse& response) : stream(response.stream) {}
  void come() {
    stream->serve([this](std::string piece) { pieces.push_back(std::move(piece)); },
                  [this] { closed = true; });
  }

  std::shared_ptr<TextStream> stream;
  std::vector<std::string> pieces;
  bool closed = false;
};

TEST(EventFeed, TellsWhoComesAtOnceAndWhoIsSlowOnlyTheNewest) {
  Loop loop;
  int asked = 0;
  EventFeed feed(loop, [&asked] { return std::to_string(++asked); });
  feed.tell();
  EXPECT_EQ(asked, 0);  // nobody watches

  Client quick(feed.watch()), slow(feed.watch());
  feed.tell();
  EXPECT_EQ(asked, 0);  // nobody is there for it yet
  quick.come();
  EXPECT_EQ(quick.pieces, std::vector<std::string>{"event: status\ndata: 1\n\n"});
  slow.come();  // reads its first piece only now
  quick.stream->sent();
  feed.tell();
  feed.tell();
  EXPECT_EQ(quick.pieces.size(), 2u);  // what it was sent is under way
  EXPECT_EQ(slow.pieces.size(), 1u);
  EXPECT_EQ(asked, 3);  // the last was for nobody
  slow.stream->sent();
  feed.tell();
  EXPECT_EQ(slow.pieces.back(), "event: status\ndata: 4\n\n");
}

TEST(EventFeed, ForgetsWhoHasGoneAndEndsTheRest) {
  Loop loop;
  EventFeed feed(loop, [] { return std::string("{}"); });
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < EventFeed::kMaxWatchers; ++i) {
    clients.push_back(std::make_unique<Client>(feed.watch()));
    clients.back()->come();
  }
  EXPECT_EQ(feed.watch().status, 503u);
  clients[0]->stream->client_gone();
  Client late(feed.watch());
  EXPECT_EQ(feed.watch().status, 503u);
  feed.stop();
  late.come();  // only after the end
  EXPECT_TRUE(late.closed);
  EXPECT_TRUE(late.pieces.empty());
  EXPECT_FALSE(clients[0]->closed);
  for (std::size_t i = 1; i < clients.size(); ++i) EXPECT_TRUE(clients[i]->closed);
}

}  // namespace
}  // namespace net
