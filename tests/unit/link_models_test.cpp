// Models of bandwidth, loss, changes of links, one-way cuts: figures that can be checked by hand.
#include <gtest/gtest.h>

#include "tests/support/cable.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using sim::LinkChange;
using sim::StreamId;
using test::Cable;
using Arrival = Cable::Arrival;
using Rates = sim::Links::Rates;

constexpr std::uint64_t kBytesPerMs = 1'000'000;  // kB a second: 1 kB takes 1 ms

sim::Scenario three_nodes(const std::string& more = "") {
  return test::scenario_of("network: {nodes: 3, latency: 50 ms" + more + "}");
}

Time after_ms(std::int64_t n) { return kTimeZero + milliseconds(n); }

// --- models ------------------------------------------------------

TEST(PerLink, TheLowestOfFourRatesCounts) {
  const sim::Scenario scenario = three_nodes(", bandwidth: {model: per_link}");
  const std::vector<Rates> rates{
      {8 * kBytesPerMs, 2 * kBytesPerMs}, {4 * kBytesPerMs, 5 * kBytesPerMs}, {}};
  Cable cable(scenario, rates);
  const StreamId stream = cable.links.connect(0, 1);
  const StreamId to_2 = cable.links.connect(0, 2);
  cable.at(after_ms(0), [&] {
    cable.send(stream, 10'000);
    cable.send(stream ^ 1, 10'000);
    cable.send(to_2, 4'000);
  });
  cable.run();
  EXPECT_EQ(cable.arrivals, (std::vector<Arrival>{{after_ms(52), to_2, 0},
                                                  {after_ms(55), stream, 0},
                                                  {after_ms(55), stream ^ 1, 0}}));
}

TEST(PerLink, AStreamWaitsForItselfOnly) {
  const sim::Scenario scenario = three_nodes(", bandwidth: {model: per_link}");
  Cable cable(scenario, {{kBytesPerMs, kBytesPerMs}, {}, {}});
  const StreamId to_1 = cable.links.connect(0, 1);
  const StreamId to_2 = cable.links.connect(0, 2);
  cable.at(after_ms(0), [&] {
    cable.send(to_1, 100'000);
    cable.send(to_2, 100'000);
    cable.send(to_1, 1'000);
  });
  cable.run();
  EXPECT_EQ(cable.arrivals,
            (std::vector<Arrival>{
                {after_ms(150), to_1, 0}, {after_ms(150), to_2, 0}, {after_ms(151), to_1, 1}}));
}

TEST(OneUpload, LargeMessagesGoOneByOneAndSmallOnesAtOnce) {
  const sim::Scenario scenario = three_nodes(", bandwidth: {model: one_upload}");
  // 0 sends 2 kB/ms; 1 receives 1 kB/ms.
  Cable cable(scenario, {{2 * kBytesPerMs, kBytesPerMs / 10}, {sim::kUnlimited, kBytesPerMs}, {}});
  const StreamId to_1 = cable.links.connect(0, 1);
  const StreamId to_2 = cable.links.connect(0, 2);
  cable.at(after_ms(0), [&] {
    cable.send(to_1, 100'000);  // 100 ms at 1's rate
    cable.send(to_2, 100'000);  // then 50 ms at 0's
    cable.send(to_2, 1'459);    // behind it, on the same stream
  });
  cable.at(after_ms(1), [&] { cable.send(to_2 ^ 1, 1'459); });
  cable.at(after_ms(2), [&] { cable.send(to_1, 1'460); });
  cable.run();
  const auto at = [](std::int64_t microseconds) {
    return kTimeZero + Duration{microseconds * 1000};
  };
  EXPECT_EQ(cable.arrivals, (std::vector<Arrival>{{after_ms(51), to_2 ^ 1, 0},
                                                  {after_ms(150), to_1, 0},
                                                  {after_ms(200), to_2, 0},
                                                  {after_ms(200), to_2, 1},
                                                  {at(201'460), to_1, 1}}));
}

// --- a link's own rate, loss and latency -------------------------

TEST(LinkOfItsOwn, QueuesEachDirectionInSeriesWithItsEnds) {
  const sim::Scenario scenario = three_nodes();
  Cable cable(scenario, {{2 * kBytesPerMs, sim::kUnlimited}, {}, {}});
  const StreamId stream =
      cable.links.connect(0, 1, {.latency = {}, .bandwidth = kBytesPerMs, .loss = {}});
  cable.at(after_ms(0), [&] {
    cable.send(stream, 10'000);     // leaves in 5 ms, the link takes 10
    cable.send(stream, 10'000);     // waits for the link from 5 ms to 10
    cable.send(stream ^ 1, 1'000);  // the other direction has a server of its own
  });
  cable.run();
  EXPECT_EQ(cable.arrivals, (std::vector<Arrival>{{after_ms(51), stream ^ 1, 0},
                                                  {after_ms(60), stream, 0},
                                                  {after_ms(70), stream, 1}}));
}

TEST(LinkOfItsOwn, AFastLinkCostsNothingBehindASlowUplink) {
  const sim::Scenario scenario = three_nodes();
  Cable cable(scenario, {{kBytesPerMs, sim::kUnlimited}, {sim::kUnlimited, 5 * kBytesPerMs}, {}});
  const StreamId stream =
      cable.links.connect(0, 1, {.latency = {}, .bandwidth = 3 * kBytesPerMs, .loss = {}});
  cable.at(after_ms(0), [&] { cable.send(stream, 30'000); });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 1u);
  EXPECT_EQ(cable.arrivals[0].at, after_ms(80));
}

TEST(LinkOfItsOwn, KeepsItsLatencyWhenItIsDialledAgain) {
  const sim::Scenario scenario = test::scenario_of(
      "network: {nodes: 3, latency: {kind: exponential, mean: 50 ms, per: message}}");
  sim::EventQueue<sim::Pending> queue;
  sim::Links links(scenario, std::vector<Rates>(3), queue);
  links.connect(0, 1, {.latency = milliseconds(7), .bandwidth = {}, .loss = {}});
  const StreamId again = links.dial(1, 0, after_ms(10));
  ASSERT_EQ(queue.next_time(), after_ms(17));
  queue.pop();
  ASSERT_TRUE(links.take_dial(again, after_ms(17)));
  EXPECT_EQ(queue.next_time(), after_ms(24));
}

TEST(LinkLoss, DelaysAStreamAndNeverReordersIt) {
  const sim::Scenario scenario = three_nodes(", loss: 40 %");
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  for (int i = 0; i < 200; ++i) {
    cable.at(after_ms(i), [&] { cable.send(stream, 3000); });
  }
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 200u);
  bool late = false, together = false;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const Arrival& arrival = cable.arrivals[i];
    EXPECT_EQ(arrival.number, i);
    late = late || arrival.at >= after_ms(i) + milliseconds(250);
    together = together || (i > 0 && arrival.at == cable.arrivals[i - 1].at);
  }
  EXPECT_TRUE(late);
  EXPECT_TRUE(together) << "what follows a loss waits for it";
}

TEST(LinkLoss, TheFirstMessageIsLateByItsRounds) {
  const sim::Scenario scenario = three_nodes(", loss: 50 %");
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    sim::Scenario other = scenario;
    other.seed.faults = seed;
    Cable cable(other, {{kBytesPerMs, kBytesPerMs}, {kBytesPerMs, kBytesPerMs}, {}});
    const StreamId stream = cable.links.connect(0, 1);
    cable.at(after_ms(0), [&] { cable.send(stream, 10'000); });
    cable.run();
    ASSERT_EQ(cable.arrivals.size(), 1u);
    const Duration late = cable.arrivals[0].at - after_ms(60);
    const std::int64_t steps = late.ns / sim::kFirstRetransmission.ns + 1;
    EXPECT_EQ(late.ns % sim::kFirstRetransmission.ns, 0) << seed;
    EXPECT_EQ(steps & (steps - 1), 0) << seed;
  }
}

// --- changes -----------------------------------------------------

TEST(LinkChanges, OfRateAndLossComeAndGoInOneDirection) {
  const sim::Scenario scenario = three_nodes();
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  LinkChange slow;
  slow.bandwidth = kBytesPerMs;
  slow.one_way = true;
  LinkChange hopeless;
  hopeless.loss = sim::kWhole;
  hopeless.one_way = true;
  cable.at(after_ms(0), [&] { cable.change(1, 0, 1, slow); });
  cable.at(after_ms(1), [&] {
    cable.send(stream, 9'000);
    cable.send(stream ^ 1, 9'000);
  });
  cable.at(after_ms(100), [&] {
    cable.links.remove_rule(1);
    cable.change(2, 1, 0, hopeless);
    cable.send(stream, 9'000);
    cable.send(stream ^ 1, 9'000);
  });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 4u);
  EXPECT_EQ(cable.arrivals[0], (Arrival{after_ms(51), stream ^ 1, 0}));
  EXPECT_EQ(cable.arrivals[1], (Arrival{after_ms(60), stream, 0}));
  EXPECT_EQ(cable.arrivals[2], (Arrival{after_ms(150), stream, 1}));
  EXPECT_GT(cable.arrivals[3].at, kTimeZero + minutes(10'000'000)) << "27 years: never";
}

TEST(LinkChanges, OfLatencyScaleEachDraw) {
  const sim::Scenario scenario = test::scenario_of(
      "network: {nodes: 3, latency: {kind: exponential, mean: 50 ms, per: message}}");
  const auto arrivals = [&](bool thrice) {
    Cable cable(scenario, std::vector<Rates>(3));
    const StreamId stream = cable.links.connect(0, 1);
    LinkChange change;
    change.latency_factor = sim::Decimal{3 * sim::kBillion};
    if (thrice) cable.change(1, 1, 0, change);
    for (int i = 0; i < 20; ++i) {
      cable.at(after_ms(100'000 * i), [&] { cable.send(stream, 10); });
    }
    cable.run();
    return cable.arrivals;
  };
  const auto once = arrivals(false), thrice = arrivals(true);
  ASSERT_EQ(once.size(), 20u);
  ASSERT_EQ(thrice.size(), 20u);
  for (std::size_t i = 0; i < once.size(); ++i) {
    const Time sent = after_ms(100'000 * static_cast<std::int64_t>(i));
    EXPECT_EQ((thrice[i].at - sent).ns, 3 * (once[i].at - sent).ns);
  }
}

// --- one-way cuts ------------------------------------------------

TEST(OneWayCut, WhatTheOtherSideSaysArrivesAndIsNeverAcknowledged) {
  const sim::Scenario scenario = three_nodes(", tcp_timeout: 30 s");
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(after_ms(0), [&] { cable.cut(1, {0, 1, 1}, true); });
  cable.at(after_ms(100), [&] { cable.send(stream ^ 1, 10); });
  cable.run();
  EXPECT_EQ(cable.arrivals, (std::vector<Arrival>{{after_ms(150), stream ^ 1, 0}}));
  ASSERT_EQ(cable.timed_out.size(), 1u);
  EXPECT_EQ(cable.timed_out[0], std::pair(after_ms(30'150), stream ^ 1));
  EXPECT_EQ(cable.links.ledger().delivered, (sim::Traffic{1, 10}));
  EXPECT_EQ(cable.links.ledger().lost(), sim::Traffic{});
}

TEST(OneWayCut, EndsBeforeTheTimeoutAndEverythingIsThereOnce) {
  const sim::Scenario scenario = three_nodes(", tcp_timeout: 30 s");
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(after_ms(0), [&] { cable.cut(1, {0, 1, 1}, true); });
  cable.at(after_ms(100), [&] {
    cable.send(stream, 10);
    cable.send(stream ^ 1, 10);
  });
  cable.at(after_ms(10'000), [&] { cable.links.remove_cut(1); });
  cable.at(after_ms(70'000), [&] { cable.send(stream ^ 1, 10); });
  cable.run();
  // Stalled at 150 ms; again after 0.2 s, 0.4 s, … 6.4 s, and 12.75 s after it stalled.
  EXPECT_EQ(cable.arrivals, (std::vector<Arrival>{{after_ms(150), stream ^ 1, 0},
                                                  {after_ms(12'750), stream, 0},
                                                  {after_ms(70'050), stream ^ 1, 1}}));
  EXPECT_TRUE(cable.timed_out.empty());
}

TEST(Links, WhatWasSentBehindWhatWasGivenUpIsLostWithIt) {
  const sim::Scenario scenario = three_nodes(", tcp_timeout: 1 s");
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  LinkChange slow;
  slow.latency = seconds(5);
  cable.at(after_ms(0), [&] { cable.cut(1, {0, 1, 1}); });
  cable.at(after_ms(1), [&] { cable.send(stream, 10); });  // given up at 1,051 ms
  cable.at(after_ms(2), [&] {
    cable.change(2, 0, 1, slow);
    cable.send(stream, 20);  // would arrive at 5,002 ms
  });
  cable.at(after_ms(2'000), [&] { cable.links.remove_cut(1); });
  cable.run();
  EXPECT_TRUE(cable.arrivals.empty()) << "a stream has no gaps";
  EXPECT_EQ(cable.links.ledger().lost_to_timeout, (sim::Traffic{2, 30}));
}

// --- large frames ------------------------------------------------

TEST(MaxFrame, WhatIsLargerStaysWhereItIsAndIsOnTheBooks) {
  const sim::Scenario scenario = three_nodes(", max_frame: 1 kB");
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(after_ms(0), [&] {
    EXPECT_TRUE(cable.send(stream, 1000));
    EXPECT_FALSE(cable.send(stream, 1001));
    EXPECT_TRUE(cable.send(stream, 10));
  });
  cable.run();
  EXPECT_EQ(cable.arrivals,
            (std::vector<Arrival>{{after_ms(50), stream, 0}, {after_ms(50), stream, 1}}));
  EXPECT_EQ(cable.links.ledger().over_max_frame, (sim::Traffic{1, 1001}));
  EXPECT_EQ(cable.links.ledger().sent, (sim::Traffic{3, 2011}));
  EXPECT_EQ(cable.links.ledger().delivered, (sim::Traffic{2, 1010}));
}

TEST(SizeBook, KeepsSizesOfEveryMagnitude) {
  sim::SizeBook book;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> under_way;
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::uint64_t bits = 0; bits < 50; ++bits) {
      for (const std::uint64_t bytes : {(std::uint64_t{1} << bits) - 1, std::uint64_t{1} << bits}) {
        for (int times = 0; times < 3; ++times) under_way.emplace_back(book.put(bytes), bytes);
      }
    }
    // The half that was put last leaves first.
    for (std::size_t i = 0; i < 150; ++i) {
      EXPECT_LT(under_way.back().first, 1u << sim::Pending::kSizeBits);
      EXPECT_EQ(book.take(under_way.back().first), under_way.back().second);
      under_way.pop_back();
    }
  }
  for (const auto& [code, bytes] : under_way) EXPECT_EQ(book.take(code), bytes);
}

}  // namespace
