#include "core/dialer.h"

#include <gtest/gtest.h>

namespace {

using namespace chain;

constexpr Redial kRedial{seconds(1), seconds(5)};

class DialerTest : public testing::Test {
 protected:
  Time at(int s) const { return kTimeZero + seconds(s); }
  // What is dialled when nothing else happens in a step at `now`.
  std::vector<AddressId> dialled(Time now) {
    out_.clear();
    dialer_.on_step_end(now, out_);
    std::vector<AddressId> addresses;
    for (const Dial& dial : out_.dials()) addresses.push_back(dial.address);
    return addresses;
  }
  std::size_t dials_on_wish(AddressId address) {
    out_.clear();
    dialer_.wish(address, Wish::lasting, out_);
    return out_.dials().size();
  }

  Dialer dialer_{kRedial};
  Effects out_;
};

using Addresses = std::vector<AddressId>;

TEST_F(DialerTest, DialsOnceWhatIsWished) {
  EXPECT_EQ(dials_on_wish(7), 1u);
  EXPECT_EQ(dials_on_wish(7), 0u) << "being dialled";
  dialer_.on_peer_up(at(0), 7, 1);
  EXPECT_EQ(dials_on_wish(7), 0u) << "connected";
  EXPECT_EQ(dialled(at(100)), Addresses{});
  EXPECT_EQ(out_.wake(), kNever);
}

TEST_F(DialerTest, ThePauseDoublesUpToItsMost) {
  dials_on_wish(7);
  int now = 0;
  for (const int pause : {1, 2, 4, 5, 5}) {
    dialer_.on_dial_failed(at(now), 7);
    EXPECT_EQ(dialled(at(now)), Addresses{});
    EXPECT_EQ(out_.wake(), at(now + pause));
    now += pause;
    EXPECT_EQ(dialled(at(now)), Addresses{7});
    EXPECT_EQ(out_.wake(), kNever);
  }
}

TEST_F(DialerTest, AConnectionThatLastsEndsThePauses) {
  dials_on_wish(7);
  for (int i = 0; i < 3; ++i) dialer_.on_dial_failed(at(0), 7);
  dialled(at(100));
  dialer_.on_peer_up(at(100), 7, 1);
  dialer_.on_peer_down(at(105), 1);
  dialled(at(105));
  EXPECT_EQ(out_.wake(), at(106)) << "the first pause again";
}

TEST_F(DialerTest, WhoOpensOnlyToCloseIsDialledMoreAndMoreSeldom) {
  dials_on_wish(7);
  int now = 0;
  for (const int pause : {1, 2, 4, 5, 5}) {
    dialer_.on_peer_up(at(now), 7, 1);
    dialer_.on_peer_down(at(now), 1);
    dialled(at(now));
    EXPECT_EQ(out_.wake(), at(now + pause));
    now += pause;
    EXPECT_EQ(dialled(at(now)), Addresses{7});
  }
}

TEST_F(DialerTest, TellsWhatIsWishedFor) {
  dials_on_wish(7);
  dials_on_wish(8);
  dials_on_wish(9);
  dialer_.on_peer_up(at(0), 7, 1);
  dialer_.on_dial_failed(at(0), 8);
  dialer_.forget(9);
  EXPECT_EQ(dialer_.wishes(), (Addresses{7, 8})) << "connected, waiting; not what was forgotten";
}

TEST_F(DialerTest, AnEarlyOrSecondWakeDoesNothing) {
  dialer_.on_peer_up(at(0), 7, 1);
  dialer_.on_peer_down(at(10), 1);
  EXPECT_EQ(dialled(at(10)), Addresses{});
  EXPECT_EQ(out_.wake(), at(11));
  EXPECT_EQ(dialled(at(11)), Addresses{7});
  EXPECT_EQ(dialled(at(11)), Addresses{});
  EXPECT_EQ(dialled(at(50)), Addresses{});
}

TEST_F(DialerTest, TheEarliestOfSeveralIsAskedFor) {
  dialer_.on_peer_up(at(0), 7, 1);
  dialer_.on_peer_up(at(0), 8, 2);
  dialer_.on_peer_down(at(3), 2);
  dialer_.on_peer_down(at(5), 1);
  dialled(at(3));
  EXPECT_EQ(out_.wake(), at(4));
  EXPECT_EQ(dialled(at(6)), (Addresses{7, 8}));
}

TEST_F(DialerTest, AWishCutsAPauseShort) {
  dialer_.on_peer_up(at(0), 7, 1);
  dialer_.on_peer_down(at(10), 1);
  EXPECT_EQ(dials_on_wish(7), 1u);
  EXPECT_EQ(dialled(at(20)), Addresses{});
}

TEST_F(DialerTest, ForgettingNamesTheConnectionToDrop) {
  dialer_.on_peer_up(at(0), 7, 1);
  EXPECT_EQ(dialer_.forget(7), 1u);
  dialer_.on_peer_down(at(1), 1);
  EXPECT_EQ(dialled(at(100)), Addresses{}) << "nobody wishes for it any more";
  EXPECT_EQ(dialer_.forget(7), kNoPeer);
}

TEST_F(DialerTest, ForgottenWhileDialledIsDroppedWhenItOpens) {
  dials_on_wish(7);
  EXPECT_EQ(dialer_.forget(7), kNoPeer);
  EXPECT_FALSE(dialer_.on_peer_up(at(0), 7, 1));
  dialer_.on_peer_down(at(1), 1);
  EXPECT_EQ(dialled(at(100)), Addresses{});
  EXPECT_EQ(dials_on_wish(7), 1u);
  dialer_.forget(7);
  dialer_.on_dial_failed(at(100), 7);
  EXPECT_EQ(dialled(at(1000)), Addresses{}) << "it is not tried again";
}

TEST_F(DialerTest, AWishInTimeMakesItWantedAgain) {
  dials_on_wish(7);
  dialer_.forget(7);
  EXPECT_EQ(dials_on_wish(7), 0u) << "it is being dialled";
  EXPECT_TRUE(dialer_.on_peer_up(at(0), 7, 1));
}

TEST_F(DialerTest, APeerThatCameInIsNoneOfItsBusiness) {
  dials_on_wish(7);
  dialer_.on_peer_down(at(1), 99);
  dialer_.on_dial_failed(at(1), 8);
  EXPECT_EQ(dialled(at(100)), Addresses{});
}

TEST(DialerWithoutRedial, AnAddressIsForgottenWhenItIsLost) {
  Dialer dialer{std::nullopt};
  Effects out;
  dialer.wish(7, Wish::lasting, out);
  dialer.on_peer_up(kTimeZero, 7, 1);
  dialer.on_peer_down(kTimeZero, 1);
  dialer.on_step_end(kTimeZero + seconds(1000), out);
  EXPECT_EQ(out.wake(), kNever);
  EXPECT_EQ(out.dials().size(), 1u);
  out.clear();
  dialer.wish(7, Wish::lasting, out);
  EXPECT_EQ(out.dials().size(), 1u) << "it may be wished for again";
  dialer.on_dial_failed(kTimeZero, 7);
  out.clear();
  dialer.on_step_end(kTimeZero + seconds(1000), out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
