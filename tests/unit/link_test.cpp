// What a connection does, with figures that can be checked by hand. Random ones: property tests.
#include "net-sim/link.h"

#include <gtest/gtest.h>

#include "tests/support/cable.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using sim::StreamId;
using test::Cable;
using Rates = sim::Links::Rates;

sim::Scenario network(const std::string& more = "") {
  return test::scenario_of("network: {nodes: 3, latency: 50 ms" + more + "}");
}

// kB a second: 1 kB takes 1 ms.
constexpr std::uint64_t kPerMs = 1'000'000;

Time ms(std::int64_t n) { return kTimeZero + milliseconds(n); }

TEST(Link, TransmissionIsRoundedUp) {
  EXPECT_EQ(sim::transmission_time(1, 3), Duration{333'333'334});
  EXPECT_EQ(sim::transmission_time(1000, sim::kUnlimited), Duration{});
  EXPECT_EQ(sim::transmission_time(std::uint64_t{1} << 50, std::uint64_t{1} << 50), seconds(1));
}

TEST(Link, AnUnlimitedMessageTakesTheLatency) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(ms(10), [&] { cable.send(stream, 1'000'000); });
  cable.at(ms(20), [&] { cable.send(stream ^ 1, 1); });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 2u);
  EXPECT_EQ(cable.arrivals[0], (Cable::Arrival{ms(60), stream, 0}));
  EXPECT_EQ(cable.arrivals[1], (Cable::Arrival{ms(70), stream ^ 1, 0}));
}

// 10 kB at 1 kB/ms up and 2 kB/ms down: 10 ms up, 50 ms of latency, and the downlink keeps pace.
TEST(Link, TheSlowerEndDecidesAndStagesOverlap) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, {{kPerMs, sim::kUnlimited}, {sim::kUnlimited, 2 * kPerMs}, {}});
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(ms(0), [&] {
    cable.send(stream, 10'000);
    cable.send(stream, 10'000);
  });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 2u);
  EXPECT_EQ(cable.arrivals[0].at, ms(60));
  EXPECT_EQ(cable.arrivals[1].at, ms(70)) << "it waited 10 ms for the uplink";
}

TEST(Link, TwoSendersShareTheDownlinkOfOne) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, {{}, {}, {sim::kUnlimited, kPerMs}});
  const StreamId a = cable.links.connect(0, 2);
  const StreamId b = cable.links.connect(1, 2);
  cable.at(ms(0), [&] { cable.send(a, 10'000); });
  cable.at(ms(1), [&] { cable.send(b, 10'000); });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 2u);
  EXPECT_EQ(cable.arrivals[0], (Cable::Arrival{ms(60), a, 0}));
  EXPECT_EQ(cable.arrivals[1], (Cable::Arrival{ms(70), b, 0}));
}

TEST(Link, ASmallMessageOvertakesOthersButNotItsOwnStream) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, {{kPerMs, sim::kUnlimited}, {}, {}});
  const StreamId to_1 = cable.links.connect(0, 1);
  const StreamId to_2 = cable.links.connect(0, 2);
  cable.at(ms(0), [&] {
    cable.send(to_1, 100'000);
    cable.send(to_2, 1000);
    cable.send(to_1, 1000);
  });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 3u);
  EXPECT_EQ(cable.arrivals[0], (Cable::Arrival{ms(51), to_2, 0}));
  EXPECT_EQ(cable.arrivals[1], (Cable::Arrival{ms(150), to_1, 0}));
  EXPECT_EQ(cable.arrivals[2], (Cable::Arrival{ms(151), to_1, 1}));
}

TEST(Link, ACloseIsHeardOfBehindTheData) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(ms(0), [&] {
    cable.send(stream, 10);
    cable.links.close(stream, ms(0));
  });
  cable.at(ms(10), [&] { cable.send(stream ^ 1, 10); });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 1u);
  ASSERT_EQ(cable.closed.size(), 1u);
  EXPECT_EQ(cable.closed[0], std::pair(ms(50), stream));
  EXPECT_EQ(cable.links.ledger().lost_to_close, (sim::Traffic{1, 10}))
      << "what 1 said to the closed end";
}

TEST(Link, AnEndTimesOutWhenNothingIsAcknowledged) {
  const sim::Scenario scenario = network(", tcp_timeout: 30 s");
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(ms(0), [&] { cable.cut(1, {0, 1, 1}); });
  cable.at(ms(100), [&] { cable.send(stream, 10); });
  cable.run();
  ASSERT_EQ(cable.timed_out.size(), 1u);
  EXPECT_EQ(cable.timed_out[0], std::pair(ms(30'150), stream)) << "30 s after it did not arrive";
  EXPECT_FALSE(cable.links.is_open(stream));
  EXPECT_TRUE(cable.links.is_open(stream ^ 1)) << "half-open: nobody told it";
  EXPECT_EQ(cable.links.ledger().lost_to_timeout, (sim::Traffic{1, 10}));
  EXPECT_EQ(cable.links.in_flight(), 0u);
}

TEST(Link, WhatStalledArrivesBeforeWhatWasSentLater) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  cable.at(ms(0), [&] { cable.cut(1, {0, 1, 1}); });
  cable.at(ms(1), [&] { cable.send(stream, 10); });  // stalls at 51, again at 251
  cable.at(ms(100), [&] { cable.links.remove_cut(1); });
  cable.at(ms(201), [&] { cable.send(stream, 10); });  // due at 251
  cable.at(ms(210), [&] { cable.send(stream, 10); });  // due at 260
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 3u);
  EXPECT_EQ(cable.arrivals[0], (Cable::Arrival{ms(251), stream, 0}));
  EXPECT_EQ(cable.arrivals[1], (Cable::Arrival{ms(251), stream, 1}));
  EXPECT_EQ(cable.arrivals[2], (Cable::Arrival{ms(260), stream, 2}));
}

TEST(Link, RulesAddUpInTheirOrderAndGoAway) {
  const sim::Scenario scenario = network();
  Cable cable(scenario, std::vector<Rates>(3));
  const StreamId stream = cable.links.connect(0, 1);
  sim::LinkChange slow;
  slow.latency = seconds(2);
  sim::LinkChange thrice;
  thrice.latency_factor = sim::Decimal{3 * sim::kBillion};
  cable.links.add_rule(1, {{1, 2, 0}, slow});
  cable.links.add_rule(2, {{1, 2, 0}, thrice});
  cable.at(ms(0), [&] { cable.send(stream, 10); });
  cable.at(ms(10'000), [&] {
    cable.links.remove_rule(1);
    cable.send(stream, 10);
    cable.links.remove_rule(2);
  });
  cable.at(ms(20'000), [&] { cable.send(stream, 10); });
  cable.run();
  ASSERT_EQ(cable.arrivals.size(), 3u);
  EXPECT_EQ(cable.arrivals[0].at, ms(6'000));
  EXPECT_EQ(cable.arrivals[1].at, ms(10'150));
  EXPECT_EQ(cable.arrivals[2].at, ms(20'050));
}

}  // namespace
