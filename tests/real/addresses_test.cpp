// Addresses from peers: shares, what is forgotten, and which dials are not made.
#include <gtest/gtest.h>

#include "core/address_book.h"
#include "net-real/address_exchange.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

using chain::AddressId;
using chain::kNoAddress;

constexpr std::size_t kShare = AddressRegistry::kMaxFromSource;
constexpr std::size_t kMax = AddressRegistry::kMaxFromPeers;

PeerUrl url_of(std::size_t number) {
  return {"198.51.100.1", static_cast<std::uint16_t>(1 + number), "/"};
}

class Registry : public testing::Test {
 protected:
  AddressId add(std::size_t number, const std::string& source) {
    return registry_.add_from_peer(url_of(number), source, [this](AddressId id) {
      return std::find(used_.begin(), used_.end(), id) != used_.end();
    });
  }
  // Without adding it.
  bool has(AddressId id, std::size_t number) const { return registry_.url(id) == url_of(number); }

  AddressRegistry registry_;
  std::vector<AddressId> used_;
};

TEST_F(Registry, ASourceHasItsShareAndItsOldestAddressIsForgotten) {
  std::vector<AddressId> ids;
  for (std::size_t i = 0; i < kShare; ++i) ids.push_back(add(i, "192.0.2.1"));
  for (std::size_t i = 0; i < kShare; ++i) EXPECT_TRUE(has(ids[i], i)) << "the share fits";
  const AddressId next = add(kShare, "192.0.2.99");
  EXPECT_TRUE(has(ids[0], kShare)) << "one more, from another address of that subnet";
  EXPECT_EQ(chain::place_of(next), chain::place_of(ids[0]));
  EXPECT_NE(next, ids[0]) << "the core sees that it is another";
  EXPECT_TRUE(has(ids[1], 1));
  add(1000, "192.0.3.1");
  EXPECT_TRUE(has(ids[1], 1)) << "another subnet has a share of its own";
}

TEST_F(Registry, WhatIsKnownCostsNoShare) {
  const AddressId first = add(0, "192.0.2.1");
  for (std::size_t i = 1; i < kShare; ++i) add(i, "192.0.2.1");
  for (std::size_t i = 1; i < kShare; ++i) add(i, "192.0.2.1");
  EXPECT_TRUE(has(first, 0));
}

TEST_F(Registry, WhatIsInUseIsNotForgotten) {
  for (std::size_t i = 0; i < kShare; ++i) used_.push_back(add(i, "192.0.2.1"));
  EXPECT_EQ(add(kShare, "192.0.2.1"), kNoAddress) << "all are";
  const AddressId free = used_[7];
  used_.erase(used_.begin() + 7);
  EXPECT_EQ(chain::place_of(add(kShare, "192.0.2.1")), chain::place_of(free));
}

TEST_F(Registry, AnOperatorsAddressIsNotForgotten) {
  const AddressId own = add(0, "192.0.2.1");
  EXPECT_EQ(*registry_.add(url_of(0)), own);
  for (std::size_t i = 1; i < 3 * kShare; ++i) add(i, "192.0.2.1");
  EXPECT_TRUE(has(own, 0));
}

TEST_F(Registry, Ipv6CountsBy64) {
  const AddressId first = add(0, "2001:db8::1");
  for (std::size_t i = 1; i <= kShare; ++i) add(i, "2001:db8::" + std::to_string(i));
  EXPECT_FALSE(has(first, 0));
  const AddressId other = add(5000, "2001:db8:0:1::1");
  for (std::size_t i = 1; i <= kShare; ++i) add(100 + i, "2001:db8::" + std::to_string(i));
  EXPECT_TRUE(has(other, 5000));
}

TEST_F(Registry, AFullTableForgetsOfTheGroupWithTheMost) {
  ASSERT_EQ(kMax % kShare, 0u);
  std::vector<AddressId> ids;
  for (std::size_t i = 0; i < kMax; ++i) {
    ids.push_back(add(i, "10.0." + std::to_string(i / (kShare - 1)) + ".1"));
  }
  for (std::size_t i = 0; i < kMax; ++i) ASSERT_TRUE(has(ids[i], i)) << "the table fits";
  const AddressId honest = add(5000, "203.0.113.1");
  EXPECT_NE(honest, kNoAddress);
  EXPECT_TRUE(has(honest, 5000));
  EXPECT_TRUE(has(ids[0], 5000)) << "the oldest of a group with the most";
  for (std::size_t i = 0; i < 2 * kMax; ++i) {
    add(6000 + i, "10.1." + std::to_string(i / kShare) + ".1");
  }
  EXPECT_TRUE(has(honest, 5000)) << "the groups with the most gave way";
}

TEST_F(Registry, TheOperatorsNodesHaveAllThePlaces) {
  const AddressId first = add(0, "127.0.0.1");
  for (std::size_t i = 1; i < kMax; ++i) add(i, "127.0.0.1");
  EXPECT_TRUE(has(first, 0));
  add(kMax, "127.0.0.1");
  EXPECT_FALSE(has(first, 0));
}

TEST(SourceGroup, IsASubnetOrAnAddressOfLoopback) {
  EXPECT_EQ(source_group("192.0.2.1"), source_group("192.0.2.254"));
  EXPECT_NE(source_group("192.0.2.1"), source_group("192.0.3.1"));
  EXPECT_EQ(source_group("2001:db8::1"), source_group("2001:db8::ffff:1"));
  EXPECT_NE(source_group("2001:db8::1"), source_group("2001:db8:0:1::1"));
  EXPECT_NE(source_group("127.0.0.1"), source_group("127.0.0.2"));
}

TEST(AddressBook, ANewAddressInAnOldPlaceIsTriedAtOnce) {
  chain::AddressBook book(1);
  const chain::Time now = chain::kTimeZero;
  book.add(7);
  book.failed(now, 7);
  EXPECT_EQ(book.candidate(now, {}), kNoAddress);
  book.add(7);
  EXPECT_EQ(book.candidate(now, {}), kNoAddress) << "the same one, told again";
  book.add(7 + chain::kAddressPlaces);
  EXPECT_EQ(book.candidate(now, {}), 7 + chain::kAddressPlaces);
  EXPECT_EQ(book.size(), 1u);
}

class Exchange : public testing::Test {
 protected:
  AddressId from_peer(const std::string& url) {
    exchange_.on_question(1);
    const chain::Message message = exchange_.answer(
        1, {.type = chain::MessageType::peers, .texts = {url}}, "ws://192.0.2.9:1");
    return message.detail == 0 ? kNoAddress : message.addresses()[0];
  }
  bool may_dial(const std::string& url) { return exchange_.may_dial(from_peer(url)); }

  AddressRegistry registry_;
  RecordingLinks links_;
  AddressExchange exchange_{registry_, links_, [](std::string_view) { return true; }};
};

TEST_F(Exchange, OutboundPeersThatOthersNamedDifferBySubnet) {
  const AddressId first = from_peer("ws://198.51.100.1:1");
  EXPECT_TRUE(exchange_.may_dial(first));
  exchange_.on_dial(first);
  EXPECT_TRUE(exchange_.may_dial(first)) << "itself";
  EXPECT_FALSE(may_dial("ws://198.51.100.2:1"));
  EXPECT_TRUE(may_dial("ws://198.51.101.2:1"));
  exchange_.on_peer_up(5, first);
  EXPECT_FALSE(may_dial("ws://198.51.100.2:1")) << "connected";
  exchange_.on_peer_down(5);
  EXPECT_TRUE(may_dial("ws://198.51.100.2:1"));
  exchange_.on_dial(first);
  exchange_.on_dial_failed(first);
  EXPECT_TRUE(may_dial("ws://198.51.100.2:1"));
}

TEST_F(Exchange, Ipv6SubnetsAre64s) {
  exchange_.on_dial(from_peer("ws://[2001:db8::1]:1"));
  EXPECT_FALSE(may_dial("ws://[2001:db8::2]:1"));
  EXPECT_TRUE(may_dial("ws://[2001:db8:0:1::2]:1"));
}

TEST_F(Exchange, AnOperatorsPeersMayShareASubnet) {
  exchange_.on_dial(*registry_.add(*parse_peer_url("ws://198.51.100.1:1")));
  EXPECT_TRUE(exchange_.may_dial(*registry_.add(*parse_peer_url("ws://198.51.100.2:1"))));
  EXPECT_FALSE(may_dial("ws://198.51.100.3:1")) << "a stranger's next to them may not";
}

TEST_F(Exchange, LocalNetworksAreOneSubnetAndExempt) {
  links_.ip = "127.0.0.5";
  for (const std::string host : {"127.0.0.", "10.1.2.", "192.168.7.", "172.31.0.", "169.254.1."}) {
    exchange_.on_dial(from_peer("ws://" + host + "1:1"));
    EXPECT_TRUE(may_dial("ws://" + host + "2:1")) << host;
  }
  exchange_.on_dial(from_peer("ws://172.32.0.1:1"));
  EXPECT_FALSE(may_dial("ws://172.32.0.2:1")) << "not private";
}

TEST_F(Exchange, OnlyAnAnswerCounts) {
  EXPECT_NE(from_peer("ws://198.51.100.1:1"), kNoAddress);
  const chain::WireMessage wire{.type = chain::MessageType::peers,
                                .texts = {"ws://198.51.100.1:1"}};
  EXPECT_EQ(exchange_.answer(1, wire, "").detail, 0);
}

}  // namespace
}  // namespace net
