// The law of the original's cost, measured on running clones and provable: one block mined on a
// connected graph at rest, of N nodes and E connections, costs exactly 2E block frames and
// 2E - N + 1 whole chains. And 6 frames a connection when it opens.
//
// Each node but the miner takes the block from the first frame that brings it and says it to all
// its neighbours; every other block frame is answered with a whole chain, which replaces nothing.
#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "core/node.h"
#include "core/wire_size.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

struct Count {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};
using Counts = std::array<Count, kMessageTypes>;

// Nodes that share a tree; frames arrive in the order of sending. A node's peers are node numbers.
class Graph {
 public:
  explicit Graph(std::uint32_t nodes) {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    tree_.add_root(genesis.block.header, genesis.text);
    for (std::uint32_t i = 0; i < nodes; ++i)
      nodes_.emplace_back(tree_, ChainView(0), NodeOptions{});
  }

  void connect(std::uint32_t a, std::uint32_t b) {
    step(a, PeerUp{b, b});
    step(b, PeerUp{a, kNoAddress});
  }
  void mine(std::uint32_t node, const Block& block) {
    const BlockId id = tree_.add_header(block.header, nodes_[node].chain().tip(), 1);
    tree_.add_body(id, encode_data(block.body).size());
    step(node, Mined{id});
  }
  // All frames on their way, and all that they lead to.
  Counts run_until_quiet() {
    Counts counts{};
    while (!queue_.empty()) {
      const auto [from, send] = queue_.front();
      queue_.pop_front();
      Count& count = counts[static_cast<std::size_t>(send.message.type)];
      ++count.frames;
      count.bytes += wire_size(send.message, tree_);
      step(send.to, Received{from, send.message});
    }
    return counts;
  }
  const BlockTree& tree() const { return tree_; }
  BlockId tip(std::uint32_t node) const { return nodes_[node].chain().tip(); }

 private:
  void step(std::uint32_t node, const Input& input) {
    effects_.clear();
    nodes_[node].step(kTimeZero, input, effects_);
    for (const Send& send : effects_.sends()) queue_.emplace_back(node, send);
  }

  BlockTree tree_;
  std::vector<Node> nodes_;
  std::deque<std::pair<std::uint32_t, Send>> queue_;
  Effects effects_;
};

using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// A random tree and random edges more: connected, no edge twice.
Edges random_edges(Random& random, std::uint32_t nodes) {
  Edges edges;
  for (std::uint32_t a = 1; a < nodes; ++a) {
    edges.emplace_back(a, static_cast<std::uint32_t>(random.below(a)));
  }
  const std::uint64_t keep = random.below(101);
  for (std::uint32_t a = 1; a < nodes; ++a) {
    const std::uint32_t parent = edges[a - 1].second;
    for (std::uint32_t b = 0; b < a; ++b) {
      if (b != parent && random.below(100) < keep) edges.emplace_back(a, b);
    }
  }
  return edges;
}

TEST(PushChainCost, OfABlockMinedAtRestIsExact) {
  Random random(1);
  for (int round = 0; round < test::scaled(200); ++round) {
    const auto nodes = static_cast<std::uint32_t>(2 + random.below(14));
    const Edges edges = random_edges(random, nodes);
    Graph graph(nodes);
    for (const auto& [a, b] : edges) graph.connect(a, b);
    const Counts opening = graph.run_until_quiet();
    for (std::size_t type = 0; type < 3; ++type) {
      ASSERT_EQ(opening[type].frames, 2 * edges.size());
    }
    for (int height = 1; height <= 3; ++height) {
      const auto miner = static_cast<std::uint32_t>(random.below(nodes));
      const Header& tip = graph.tree().header(graph.tip(miner));
      graph.mine(miner, test::random_child(random, tip, true));
      const Counts counts = graph.run_until_quiet();
      const BlockId block = graph.tip(miner);
      for (std::uint32_t node = 0; node < nodes; ++node) ASSERT_EQ(graph.tip(node), block);
      const Count &queries = counts[0], &blocks = counts[1], &chains = counts[2];
      const std::uint64_t twice = 2 * edges.size();
      ASSERT_EQ(queries.frames, 0u);
      ASSERT_EQ(blocks.frames, twice);
      ASSERT_EQ(blocks.bytes, twice * wire_size(latest_block(block), graph.tree()));
      ASSERT_EQ(chains.frames, twice - nodes + 1);
      ASSERT_EQ(chains.bytes, chains.frames * wire_size(whole_chain(block), graph.tree()));
    }
  }
}

TEST(PushChainCost, AJoiningNodeGetsTheChainByTheWayOfItsFirstBlock) {
  Random random(2);
  Graph graph(2);
  for (int height = 1; height <= 3; ++height) {
    graph.mine(0, test::random_child(random, graph.tree().header(graph.tip(0)), false));
  }
  graph.connect(0, 1);
  graph.run_until_quiet();
  EXPECT_EQ(graph.tip(1), 3u);
}

}  // namespace
