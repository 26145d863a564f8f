// Limits of header_first, each at one less, at it, and at one more. Other limits have tests in
// header_first_test.cpp and header_first_peers_test.cpp; those of the section `node` in
// header_downloads_test.cpp, headers_sync_test.cpp and intake_test.cpp.
#include <algorithm>
#include <vector>

#include "core/wire_size.h"
#include "tests/support/header_first_node.h"

namespace {

using namespace chain;
using Counts = std::vector<std::uint32_t>;

class HeaderFirstLimits : public test::HeaderFirstNode {
 protected:
  // The node mines so many blocks; returns its tip.
  BlockId mine(std::uint32_t blocks) {
    BlockId tip = node_->chain().tip();
    for (std::uint32_t i = 0; i < blocks; ++i) step(Mined{tip = grow(tip, 1)});
    return tip;
  }
  // A new node mines so many blocks and has peer 1; returns its tip.
  BlockId serve(std::uint32_t blocks) {
    make_node();
    const BlockId tip = mine(blocks);
    greet(1, 0);
    return tip;
  }
  // A new node hears the headers of so many blocks from peer 1; returns the last.
  BlockId follow(std::uint32_t blocks) {
    make_node();
    greet(1, 0);
    const BlockId far = grow(0, static_cast<int>(blocks));
    hear(1, make(MessageType::headers, far, blocks));
    return far;
  }
  // The only message that was sent.
  Message answer() const {
    EXPECT_EQ(out_.sends().size(), 1u) << said();
    return out_.sends().empty() ? Message{} : out_.sends()[0].message;
  }
  // Peer 1, which has the genesis, requests headers of the chain to `tip`; returns how many it is
  // sent.
  std::uint32_t headers_sent(BlockId tip) {
    hear(1, make(MessageType::get_headers, 0));
    const Message page = answer();
    if (page.type != MessageType::headers) return 0;
    EXPECT_EQ(page.last, tree_.ancestor(tip, page.count())) << "from the first";
    return page.count();
  }
  std::uint64_t page_size(BlockId tip, std::uint32_t headers) const {
    return wire_size(make(MessageType::headers, tree_.ancestor(tip, headers), headers), tree_);
  }
  // Peer 1 requests all bodies of the chain to `tip`; returns how many it is sent.
  std::uint32_t bodies_sent(BlockId tip) {
    hear(1, make(MessageType::get_blocks, tip, tree_.height(tip)));
    const Message page = answer();
    EXPECT_EQ(page.type, MessageType::blocks);
    EXPECT_EQ(page.last, tree_.ancestor(tip, page.count())) << "from the first";
    return page.count();
  }
  // The number of bodies in each request of the last step.
  Counts bodies_requested() const {
    Counts counts;
    for (const Send& send : out_.sends()) {
      if (send.message.type == MessageType::get_blocks) counts.push_back(send.message.count());
    }
    return counts;
  }
};

// Four times the slowest body is 2 s.
TEST_F(HeaderFirstLimits, MinBodyTimeout) {
  for (const Duration over : {milliseconds(-1), milliseconds(0), milliseconds(1)}) {
    limits_.min_body_timeout = seconds(2) + over;
    make_node();
    for (const PeerId peer : {1u, 2u}) greet(peer, 0);
    for (int i = 0; i < 8; ++i) pass_on(milliseconds(500));
    EXPECT_EQ(until_another_is_asked(), std::max(seconds(2), limits_.min_body_timeout));
  }
}

TEST_F(HeaderFirstLimits, BodiesPerRequest) {
  limits_.bodies_per_request = 3;
  follow(2);
  EXPECT_EQ(bodies_requested(), Counts{2});
  follow(3);
  EXPECT_EQ(bodies_requested(), Counts{3});
  follow(4);
  EXPECT_EQ(bodies_requested(), (Counts{3, 1}));
}

TEST_F(HeaderFirstLimits, BodiesPerRequestInAnAnswer) {
  limits_.bodies_per_request = 3;
  EXPECT_EQ(bodies_sent(serve(2)), 2u);
  EXPECT_EQ(bodies_sent(serve(3)), 3u);
  EXPECT_EQ(bodies_sent(serve(4)), 3u);
}

TEST_F(HeaderFirstLimits, RequestsPerPeer) {
  limits_.requests_per_peer = 3;
  limits_.bodies_per_request = 1;
  follow(2);
  EXPECT_EQ(bodies_requested(), (Counts{1, 1}));
  follow(3);
  EXPECT_EQ(bodies_requested(), (Counts{1, 1, 1}));
  const BlockId far = follow(4);
  EXPECT_EQ(bodies_requested(), (Counts{1, 1, 1}));
  hear(1, make(MessageType::blocks, tree_.ancestor(far, 1), 1));
  EXPECT_EQ(bodies_requested(), Counts{1}) << "one request is over";
  EXPECT_EQ(out_.sends()[0].message.last, far);
}

// Requests that a peer lets time out go to another, as far as that one has room for them.
TEST_F(HeaderFirstLimits, RequestsPerPeerAfterATimeout) {
  limits_.requests_per_peer = 3;
  limits_.bodies_per_request = 1;
  for (const std::uint32_t own : {0u, 1u, 2u, 3u}) {
    now_ = kTimeZero;
    const BlockId far = follow(3);
    now_ = kTimeZero + seconds(1);
    greet(2, 0);
    const BlockId other = grow(0, 3);
    if (own > 0) hear(2, make(MessageType::headers, tree_.ancestor(other, own), own));
    EXPECT_EQ(bodies_requested(), Counts(own, 1));
    hear(2, make(MessageType::headers, far, 3));
    EXPECT_EQ(said(), "");
    wake_at(kTimeZero + limits_.body_timeout);
    EXPECT_EQ(bodies_requested(), Counts(3 - own, 1));
  }
}

TEST_F(HeaderFirstLimits, HeadersPerPage) {
  limits_.headers_per_page = 3;
  EXPECT_EQ(headers_sent(serve(2)), 2u);
  EXPECT_EQ(headers_sent(serve(3)), 3u);
  EXPECT_EQ(headers_sent(serve(4)), 3u);
}

// One body may be larger than the limit.
TEST_F(HeaderFirstLimits, BytesPerPage) {
  const BlockId tip = serve(3);
  constexpr std::uint64_t kComma = 1;
  std::uint64_t bytes = 0;
  for (const std::uint32_t bodies : {1u, 2u, 3u}) {
    bytes += tree_.block_bytes(tree_.ancestor(tip, bodies)) + kComma;
    limits_.bytes_per_page = bytes - 1;
    EXPECT_EQ(bodies_sent(tip), std::max(bodies - 1, 1u));
    limits_.bytes_per_page = bytes;
    EXPECT_EQ(bodies_sent(tip), bodies);
    limits_.bytes_per_page = bytes + 1;
    EXPECT_EQ(bodies_sent(tip), bodies);
  }
}

// A tip that comes as a branch of two, three or four blocks at once.
TEST_F(HeaderFirstLimits, AnnouncedHeaders) {
  limits_.announced_headers = 3;
  for (const std::uint32_t blocks : {2u, 3u, 4u}) {
    const BlockId tip = follow(blocks);
    greet(2, 0);
    hear(1, make(MessageType::blocks, tip, blocks));
    ASSERT_EQ(node_->chain().tip(), tip);
    const Message expected =
        blocks <= 3 ? make(MessageType::headers, tip, blocks) : make(MessageType::inv, tip, blocks);
    EXPECT_EQ(answer(), expected) << blocks;
  }
}

// Two peers announce a tip. The second is asked for headers at once, or after the first.
TEST_F(HeaderFirstLimits, FarBehindAnAnnouncedTip) {
  limits_.far_behind = 3;
  mine(5);
  const BlockId own = node_->chain().tip();
  ChainView view = node_->chain();
  for (const std::uint32_t ahead : {2u, 3u, 4u}) {
    make_node(view);
    ASSERT_EQ(node_->chain().tip(), own);
    const BlockId far = grow(own, static_cast<int>(ahead));
    for (const PeerId peer : {1u, 2u}) greet(peer, own);
    hear(1, make(MessageType::inv, far, 5 + ahead));
    EXPECT_EQ(said(), "1:GetHeaders ");
    hear(2, make(MessageType::inv, far, 5 + ahead));
    EXPECT_EQ(said(), ahead <= 3 ? "2:GetHeaders " : "") << ahead;
  }
}

// A node that still catches up announces only the last tips on the way.
TEST_F(HeaderFirstLimits, FarBehindTheHeaviestHeader) {
  limits_.far_behind = 3;
  for (const std::uint32_t behind : {2u, 3u, 4u}) {
    const BlockId far = follow(5 + behind);
    greet(2, 0);
    hear(1, make(MessageType::blocks, tree_.ancestor(far, 5), 5));
    ASSERT_EQ(tree_.height(node_->chain().tip()), 5u);
    EXPECT_EQ(said().find("2:Headers ") != std::string::npos, behind <= 3) << said();
  }
}

// --- The frame limit of the sender ---------------------------------------------------------------

TEST_F(HeaderFirstLimits, APageOfHeadersEndsBelowTheFrameLimit) {
  const BlockId tip = serve(6);
  const ChainView chain = node_->chain();
  for (const std::uint32_t headers : {1u, 2u, 5u}) {
    const std::uint64_t size = page_size(tip, headers);
    for (const std::uint64_t limit : {size - 1, size, size + 1}) {
      max_frame_ = limit;
      make_node(chain);
      greet(1, 0);
      EXPECT_EQ(headers_sent(tip), limit < size ? headers - 1 : headers);
    }
  }
}

// All of the chain fits: no page is cut.
TEST_F(HeaderFirstLimits, TheLastPageOfHeadersMayFillTheFrame) {
  const BlockId tip = serve(3);
  const ChainView chain = node_->chain();
  const std::uint64_t size = page_size(tip, 3);
  for (const std::uint64_t limit : {size - 1, size, size + 1}) {
    max_frame_ = limit;
    make_node(chain);
    greet(1, 0);
    EXPECT_EQ(headers_sent(tip), limit < size ? 2u : 3u);
  }
}

// An announcement is never cut: a tip whose headers do not fit is announced by its hash.
TEST_F(HeaderFirstLimits, HeadersThatDoNotFitTheFrameAnnounceNothing) {
  const BlockId tip = grow(0, 3);
  const std::uint64_t size = page_size(tip, 3);
  for (const std::uint64_t limit : {size - 1, size, size + 1}) {
    max_frame_ = limit;
    make_node();
    for (const PeerId peer : {1u, 2u}) greet(peer, 0);
    hear(1, make(MessageType::headers, tip, 3));
    hear(1, make(MessageType::blocks, tip, 3));
    ASSERT_EQ(node_->chain().tip(), tip);
    EXPECT_EQ(said(), limit < size ? "2:Inv " : "2:Headers ");
  }
}

}  // namespace
