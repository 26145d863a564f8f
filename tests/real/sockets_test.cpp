// The WebSocket side's limits in time and number, with clients that misbehave on purpose.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net-real/failure.h"
#include "net-real/peer_sockets.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

constexpr chain::Duration kDeadline = chain::seconds(30);

// A TCP connection that says what it is told to and no more.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr(from);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;

  void upgrade() {
    say("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  }
  void say(const std::string& bytes) {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  // One byte, unless the other side is gone.
  void trickle() { ::send(socket_, "x", 1, MSG_NOSIGNAL); }

 private:
  int socket_;
};

struct Events : LinkEvents {
  bool is_welcome(std::string_view ip) const override { return ip != unwelcome; }
  void peer_up(chain::PeerId, chain::AddressId) override { ++ups; }
  void peer_down(chain::PeerId) override { ++downs; }
  void dial_failed(chain::AddressId, std::string_view why) override { failed = why; }
  void dial_unneeded(chain::AddressId, chain::PeerId, std::string_view why) override {
    unneeded = why;
  }
  void address_refused(chain::AddressId, std::string_view why) override { refused = why; }
  void received(chain::PeerId peer, std::string_view) override {
    ++frames;
    on_frame(peer);
  }
  void oversized(chain::PeerId) override { ++oversized_frames; }

  std::function<void(chain::PeerId)> on_frame = [](chain::PeerId) {};
  int frames = 0, oversized_frames = 0;
  int ups = 0, downs = 0;
  std::string failed, unneeded, refused, unwelcome;
};

class Sockets : public testing::Test {
 protected:
  void listen(const SocketLimits& limits, const std::string& host = "127.0.0.1") {
    sockets_.emplace(loop_, registry_, tls_, log_.log, limits);
    port_ = sockets_->listen({host, 0}).port;
    sockets_->serve(events_);
  }
  bool soon(const std::function<bool()>& condition) {
    return loop_.run_until(condition, kDeadline);
  }
  void dial(const std::string& url) { sockets_->dial(*registry_.add(*parse_peer_url(url))); }

  // Another node's sockets on the same loop.
  struct Other {
    explicit Other(Sockets& test)
        : sockets(test.loop_, test.registry_, test.tls_, test.log_.log, {}) {
      port = sockets.listen({"127.0.0.1", 0}).port;
      sockets.serve(events);
    }
    std::string url() const { return "ws://127.0.0.1:" + std::to_string(port); }

    Events events;
    PeerSockets sockets;
    std::uint16_t port = 0;
  };

  Loop loop_;
  MemoryLog log_;
  AddressRegistry registry_;
  Tls tls_{{}};
  Events events_;
  std::optional<PeerSockets> sockets_;
  std::uint16_t port_ = 0;
};

TEST_F(Sockets, AHandshakeThatTakesTooLongEnds) {
  listen({.handshake = chain::milliseconds(30)});
  const RawClient silent(port_);
  EXPECT_TRUE(soon([&] { return log_.has("handshake_failed"); }));
  EXPECT_EQ(events_.ups, 0);
}

TEST_F(Sockets, APeerThatAnswersNoPingIsDropped) {
  listen({.idle = chain::milliseconds(60)});
  RawClient silent(port_);
  silent.upgrade();
  EXPECT_TRUE(soon([&] { return events_.downs == 1; }));
  EXPECT_EQ(events_.ups, 1);
  EXPECT_TRUE(log_.has("no sign of life"));
}

TEST_F(Sockets, APeerThatNeverReadsIsDropped) {
  listen({.write = chain::milliseconds(60)});
  RawClient deaf(port_);
  deaf.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  // More than the system takes for it, and less than may wait for it.
  const auto frame = std::make_shared<const std::string>(1 << 20, 'x');
  for (int i = 0; i < 7; ++i) sockets_->send(0, frame);
  EXPECT_TRUE(soon([&] { return events_.downs == 1; }));
  EXPECT_TRUE(log_.has("it does not take what is sent"));
}

// Nothing is sent before the loop runs, so that all of it waits.
TEST_F(Sockets, WhereTooMuchWaitsForAllPeersTheSlowestIsDropped) {
  constexpr std::size_t kFrame = 1000;
  listen({.max_queues = 4 * kFrame});
  RawClient slow(port_), other(port_);
  slow.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  other.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 2; }));
  const auto frame = [](std::size_t bytes) {
    return std::make_shared<const std::string>(bytes, 'x');
  };
  for (const chain::PeerId peer : {0u, 1u}) sockets_->send(peer, frame(kFrame));
  sockets_->send(1, frame(2 * kFrame - 1));
  EXPECT_EQ(sockets_->send_stats().waiting_bytes, 4 * kFrame - 1);
  sockets_->send(1, frame(1));
  EXPECT_EQ(sockets_->send_stats().waiting_bytes, 4 * kFrame);
  EXPECT_EQ(sockets_->send_stats().slow_peers_cut, 0u);
  sockets_->send(1, frame(1));
  EXPECT_EQ(sockets_->send_stats().waiting_bytes, 3 * kFrame + 1);
  EXPECT_EQ(sockets_->send_stats().slow_peers_cut, 1u);
  EXPECT_TRUE(soon([&] { return events_.downs == 1; }));
  EXPECT_TRUE(log_.has("peer_down peer=0 why=\"it does not take what is sent: more than 4000"));
  EXPECT_TRUE(soon([&] { return sockets_->send_stats().waiting_bytes == 0; }));
  EXPECT_EQ(events_.downs, 1);
}

TEST_F(Sockets, AFrameOverTheLimitIsTold) {
  listen({.max_frame = 1000});
  RawClient peer(port_);
  peer.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  peer.say(std::string("\x81\xfe\x03\xe9\0\0\0\0", 8));  // 1,001 bytes are to follow
  EXPECT_TRUE(soon([&] { return events_.oversized_frames == 1; }));
}

TEST_F(Sockets, AFrameThatTakesTooLongEndsTheConnection) {
  listen({.read = chain::milliseconds(60)});
  RawClient slow(port_);
  slow.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  // 1,000,000 bytes are to follow.
  slow.say(std::string("\x81\xff\0\0\0\0\0\x0f\x42\x40\0\0\0\0", 14));
  EXPECT_TRUE(soon([&] {
    slow.trickle();
    return events_.downs == 1;
  }));
  EXPECT_TRUE(log_.has("a frame took too long to come"));
  EXPECT_EQ(events_.frames, 0);
}

// It goes on to answer pings, and nothing more of the frame comes.
TEST_F(Sockets, AFrameThatStopsHalfwayEndsTheConnection) {
  listen({.read = chain::milliseconds(60)});
  RawClient slow(port_);
  slow.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  slow.say(std::string("\x01\x81\0\0\0\0x", 7));  // the first of a message's frames
  EXPECT_TRUE(soon([&] { return events_.downs == 1; }));
  EXPECT_TRUE(log_.has("a frame took too long to come"));
}

// The seventh frame and those after it come at the rate, none is lost.
TEST_F(Sockets, APeerThatSendsTooManyFramesIsReadMoreSlowly) {
  listen({.frames = {.per_second = 100, .burst = 5}});
  RawClient eager(port_);
  eager.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  const chain::Time began = loop_.now();
  for (int i = 0; i < 25; ++i) eager.say(std::string("\x81\x81\0\0\0\0x", 7));
  EXPECT_TRUE(soon([&] { return events_.frames == 25; }));
  EXPECT_GE((loop_.now() - began).ns, chain::milliseconds(190).ns);
}

TEST_F(Sockets, APeerWhoseFramesCostTooMuchIsReadMoreSlowly) {
  listen({.work = {.per_second = 1000, .burst = 50}});
  events_.on_frame = [this](chain::PeerId peer) { sockets_->charge(peer, 10); };
  RawClient eager(port_), other(port_);
  eager.upgrade();
  other.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 2; }));
  const chain::Time began = loop_.now();
  for (int i = 0; i < 25; ++i) eager.say(std::string("\x81\x81\0\0\0\0x", 7));
  EXPECT_TRUE(soon([&] { return events_.frames == 25; }));
  EXPECT_GE((loop_.now() - began).ns, chain::milliseconds(190).ns);
  other.say(std::string("\x81\x81\0\0\0\0x", 7));
  EXPECT_TRUE(soon([&] { return events_.frames == 26; })) << "another peer pays nothing for it";
  sockets_->charge(99, 10);  // a peer that is gone: nothing
}

TEST_F(Sockets, AnIdlePeerThatAnswersStays) {
  listen({.idle = chain::milliseconds(60)});
  Other other(*this);
  dial(other.url());
  EXPECT_TRUE(soon([&] { return events_.ups == 1 && other.events.ups == 1; }));
  loop_.run_until([] { return false; }, chain::milliseconds(300));  // five times the limit
  EXPECT_EQ(events_.downs + other.events.downs, 0);
}

TEST_F(Sockets, MorePeersThanAllowedAreTurnedAway) {
  listen({.max_peers = 2});
  RawClient a(port_), b(port_), c(port_);
  a.upgrade();
  b.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 2 && log_.has("peer_turned_away"); }));
  dial("ws://127.0.0.1:1");
  EXPECT_TRUE(soon([&] { return !events_.failed.empty(); }));
}

TEST_F(Sockets, WhoComesInLeavesRoomForOurDials) {
  listen({.max_peers = 2, .max_inbound = 1});
  RawClient a(port_), b(port_);
  a.upgrade();
  b.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1 && log_.has("peer_turned_away"); }));
  Other other(*this);
  dial(other.url());
  EXPECT_TRUE(soon([&] { return events_.ups == 2; }));
}

// One is protected for its subnet, eight for their pings, one for its age.
TEST_F(Sockets, WhenAllPlacesAreTakenASilentPeerGivesItsOwn) {
  constexpr int kPlaces = 12;
  listen({.max_inbound = kPlaces});
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto come = [&] {
    clients.push_back(std::make_unique<RawClient>(port_));
    clients.back()->upgrade();
  };
  for (int i = 0; i < kPlaces; ++i) come();
  EXPECT_TRUE(soon([&] { return events_.ups == kPlaces; }));
  EXPECT_EQ(events_.downs, 0) << "there was room";
  come();
  EXPECT_TRUE(soon([&] { return events_.ups == kPlaces + 1 && events_.downs == 1; }));
  EXPECT_TRUE(log_.has("peer_evicted"));
  EXPECT_FALSE(log_.has("peer_turned_away"));
  EXPECT_EQ(sockets_->peers().size(), static_cast<std::size_t>(kPlaces));
}

// Eleven of thirty may go: at least eight of them are silent.
TEST_F(Sockets, FramesKeepAPlace) {
  constexpr int kPlaces = 30;
  listen({.max_inbound = kPlaces});
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto come = [&](bool speaks) {
    clients.push_back(std::make_unique<RawClient>(port_));
    clients.back()->upgrade();
    EXPECT_TRUE(soon([&] { return events_.ups == static_cast<int>(clients.size()); }));
    if (speaks) clients.back()->say(std::string("\x81\x81\0\0\0\0x", 7));
  };
  for (int i = 0; i < kPlaces; ++i) come(i + 3 >= kPlaces);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(soon([&] { return events_.frames == 3 + i; }));
    come(true);
  }
  EXPECT_TRUE(soon([&] { return events_.downs == 5 && events_.frames == 8; }));
  const auto peers = sockets_->peers();
  const auto speakers = std::count_if(peers.begin(), peers.end(),
                                      [](const PeerFacts& p) { return p.peer + 3 >= kPlaces; });
  EXPECT_EQ(speakers, 8);
}

TEST_F(Sockets, MoreThanAllowedFromOneIpAddressAreTurnedAway) {
  listen({.max_per_ip = 2});
  RawClient a(port_, "127.0.0.7"), b(port_, "127.0.0.7"), c(port_, "127.0.0.7");
  RawClient other(port_, "127.0.0.8");
  for (RawClient* client : {&a, &b, &other}) client->upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 3; }));
  EXPECT_TRUE(log_.has("peer_turned_away remote=127.0.0.7"));
  EXPECT_FALSE(log_.has("peer_turned_away remote=127.0.0.8"));
}

TEST_F(Sockets, MoreThanAllowedFromOneSubnetAreTurnedAway) {
  listen({.max_per_subnet = 2});
  RawClient a(port_, "127.0.0.7"), b(port_, "127.0.0.8"), c(port_, "127.0.0.9");
  RawClient other(port_, "127.0.1.9");
  for (RawClient* client : {&a, &b, &other}) client->upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 3; }));
  EXPECT_TRUE(log_.has("peer_turned_away remote=127.0.0.9"));
  EXPECT_FALSE(log_.has("peer_turned_away remote=127.0.1.9"));
}

TEST_F(Sockets, AnIpAddressThatSomebodyLeftHasRoomAgain) {
  listen({.max_per_ip = 1});
  {
    RawClient first(port_, "127.0.0.7");
    first.upgrade();
    EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  }
  EXPECT_TRUE(soon([&] { return events_.downs == 1; }));
  RawClient second(port_, "127.0.0.7");
  second.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 2; }));
}

TEST_F(Sockets, TheOperatorsOwnNodesAreNotCounted) {
  listen({.max_per_ip = 1});
  RawClient a(port_), b(port_), c(port_);
  for (RawClient* client : {&a, &b, &c}) client->upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 3; }));
}

TEST_F(Sockets, WhoIsUnwelcomeIsTurnedAway) {
  listen({});
  events_.unwelcome = "127.0.0.5";
  RawClient liar(port_, "127.0.0.5"), other(port_, "127.0.0.6");
  other.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  EXPECT_TRUE(log_.has("peer_turned_away remote=127.0.0.5 why=\"a node there broke the rules\""));
}

TEST_F(Sockets, Ipv4WithinIpv6IsIpv4) {
  try {
    listen({.max_per_ip = 1}, "::");
  } catch (const Failure&) {
    GTEST_SKIP() << "there is no IPv6 here";
  }
  events_.unwelcome = "127.0.0.5";
  RawClient liar(port_, "127.0.0.5"), a(port_), b(port_);
  for (RawClient* client : {&a, &b}) client->upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 2; })) << "127.0.0.1 is not counted";
  EXPECT_TRUE(log_.has("peer_turned_away remote=127.0.0.5 "));
  EXPECT_EQ(sockets_->remote_ip(sockets_->peers().front().peer), "127.0.0.1");
}

TEST_F(Sockets, MoreDialsThanAllowedWaitForTheirTurn) {
  listen({.max_dials = 1});
  Other first(*this), second(*this), third(*this);
  dial(first.url());
  dial("ws://127.0.0.1:1");
  dial(second.url());
  dial(third.url());
  EXPECT_TRUE(soon([&] { return events_.ups == 3 && !events_.failed.empty(); }));
}

TEST_F(Sockets, TwoNodesThatDialEachOtherKeepOneConnection) {
  listen({});
  Other other(*this);
  dial(other.url());
  EXPECT_TRUE(soon([&] { return events_.ups == 1 && other.events.ups == 1; }));
  other.sockets.dial(*registry_.add(*parse_peer_url("ws://127.0.0.1:" + std::to_string(port_))));
  // One of the two goes, whichever: both sides know it.
  const auto one_left = [](const Events& events) { return events.ups - events.downs == 1; };
  EXPECT_TRUE(soon([&] {
    const bool refused = !other.events.unneeded.empty();
    const bool replaced = events_.downs == 1 && other.events.downs == 1;
    return (refused || replaced) && one_left(events_) && one_left(other.events);
  }));
  EXPECT_EQ(sockets_->peers().size(), 1u);
  EXPECT_EQ(other.sockets.peers().size(), 1u);
}

TEST_F(Sockets, AnotherNameOfAConnectedNodeIsUnneeded) {
  listen({});
  Other other(*this);
  dial(other.url());
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  dial("ws://localhost:" + std::to_string(other.port));
  EXPECT_TRUE(soon([&] { return events_.unneeded == "that node is connected already"; }));
  EXPECT_EQ(events_.downs, 0);
}

TEST_F(Sockets, AFailedPeerThatDoesNotGoIsGoneSoon) {
  listen({.close = chain::milliseconds(50)});
  RawClient client(port_);
  client.upgrade();
  EXPECT_TRUE(soon([&] { return events_.ups == 1; }));
  client.say(std::string(100, '\xff'));  // no frame; and it stays there
  EXPECT_TRUE(soon([&] { return events_.downs == 1; }));
}

TEST_F(Sockets, ADialThatNobodyAnswersFails) {
  listen({.handshake = chain::milliseconds(30)});
  const int deaf = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(deaf, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(deaf, 1), 0);
  ASSERT_EQ(getsockname(deaf, reinterpret_cast<sockaddr*>(&address), &size), 0);
  dial("ws://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  EXPECT_TRUE(soon([&] { return events_.failed == "no answer in time"; }));
  ::close(deaf);
}

TEST_F(Sockets, ItsOwnAddressUnderAnyNameIsRefused) {
  listen({});
  dial("ws://localhost:" + std::to_string(port_));
  EXPECT_TRUE(soon([&] { return !events_.refused.empty() || !events_.failed.empty(); }));
  EXPECT_EQ(events_.refused, "this is the node's own address");
}

TEST_F(Sockets, ABusyPortIsAFailureThatNamesIt) {
  listen({});
  PeerSockets second(loop_, registry_, tls_, log_.log, {});
  EXPECT_THROW(second.listen({"127.0.0.1", port_}), Failure);
}

}  // namespace
}  // namespace net
