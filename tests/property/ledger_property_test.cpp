// The books of the traffic, whatever happens: every message and every byte that was sent arrived,
// is under way, or was lost in a way that has a name; and streams have neither gaps nor doubles.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/cable.h"
#include "tests/support/random_blocks.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using sim::LinkChange;
using sim::StreamId;
using sim::Traffic;
using test::Cable;
using Rates = sim::Links::Rates;

constexpr std::uint32_t kLedgerNodes = 6;
constexpr Duration kSpan = minutes(2);  // in which everything is sent and broken

Duration up_to(Random& random, Duration most) {
  return Duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.ns)))};
}

std::uint64_t random_rate(Random& random) {
  return random.below(3) == 0 ? sim::kUnlimited : 5'000 + random.below(5'000'000);
}

sim::Scenario random_network(Random& random) {
  const std::vector<std::string> latencies = {
      "70 ms", "{kind: exponential, mean: 1 s, per: message}",
      "{kind: quantiles, unit: ms, values: [1, 5, 9000], per: message}",
      "{kind: pareto, mean: 200 ms, shape: 1.5, per: message}"};
  const std::vector<std::string> models = {"shared", "per_link", "one_upload"};
  const std::string latency = latencies[random.below(latencies.size())];
  const std::string model = models[random.below(models.size())];
  const std::string loss = std::to_string(random.below(2) == 0 ? 0 : random.below(30));
  return test::scenario_of("network: {nodes: 6, latency: " + latency + ", loss: " + loss +
                           " %, bandwidth: {model: " + model +
                           "}, tcp_timeout: 20 s, max_frame: 60 kB}");
}

LinkChange random_change(Random& random) {
  LinkChange change;
  change.one_way = random.below(2) == 0;
  switch (random.below(5)) {
    case 0:
      change.cut = true;
      break;
    case 1:
      change.loss = sim::Share{static_cast<std::int64_t>(random.below(sim::kBillion / 2))};
      break;
    case 2:
      change.bandwidth = random_rate(random);
      break;
    case 3:
      change.latency = up_to(random, seconds(3));
      break;
    default:
      change.latency_factor = sim::Decimal{static_cast<std::int64_t>(random.below(5'000'000'000))};
  }
  return change;
}

// Cuts and changes, each for a while; all are over in the end.
void plan_faults(Cable& cable, Random& random) {
  for (std::uint64_t key = 0; key < 12; ++key) {
    const Time from = kTimeZero + up_to(random, kSpan);
    const Time to = from + Duration{1} + up_to(random, minutes(1));
    if (key % 2 == 0) {
      std::vector<std::uint32_t> groups(kLedgerNodes);
      for (std::uint32_t& group : groups) group = static_cast<std::uint32_t>(random.below(2));
      const bool one_way = random.below(2) == 0;
      cable.at(from, [&cable, key, groups, one_way] { cable.cut(key, groups, one_way); });
      cable.at(to, [&cable, key] { cable.links.remove_cut(key); });
    } else {
      const auto a = static_cast<sim::NodeIndex>(random.below(kLedgerNodes));
      const auto b = static_cast<sim::NodeIndex>(random.below(kLedgerNodes));
      const LinkChange change = random_change(random);
      cable.at(from, [&cable, key, a, b, change] { cable.change(key, a, b, change); });
      cable.at(to, [&cable, key] { cable.links.remove_rule(key); });
    }
  }
}

// What the test itself knows of the traffic.
struct Books {
  Traffic sent, refused, delivered;
  std::map<std::pair<StreamId, std::uint32_t>, std::uint64_t> bytes;  // of each message
  std::map<StreamId, std::uint32_t> next;
};

void plan_sends(Cable& cable, Random& random, const std::vector<StreamId>& streams, Books& books) {
  for (int i = 0; i < 600; ++i) {
    const StreamId stream = streams[random.below(streams.size())];
    const std::uint64_t bytes = 1 + random.below(random.below(2) == 0 ? 3'000 : 70'000);
    cable.at(kTimeZero + up_to(random, kSpan), [&cable, &books, stream, bytes] {
      if (!cable.links.is_open(stream)) return;
      books.sent.add(bytes);
      if (!cable.send(stream, bytes)) return books.refused.add(bytes);
      books.bytes[{stream, books.next[stream]++}] = bytes;
    });
  }
  for (std::uint64_t closes = random.below(6); closes > 0; --closes) {
    const StreamId stream = streams[random.below(streams.size())];
    cable.at(kTimeZero + up_to(random, kSpan), [&cable, stream] {
      if (cable.links.is_open(stream)) cable.links.close(stream, cable.now());
    });
  }
}

// Counts what has arrived since the last look, and compares.
void audit(const Cable& cable, Books& books, std::map<StreamId, std::uint32_t>& arrived,
           std::size_t& counted) {
  for (; counted < cable.arrivals.size(); ++counted) {
    const Cable::Arrival& arrival = cable.arrivals[counted];
    ASSERT_EQ(arrival.number, arrived[arrival.stream]++) << "stream " << arrival.stream;
    books.delivered.add(books.bytes.at({arrival.stream, arrival.number}));
  }
  const sim::TrafficLedger& ledger = cable.links.ledger();
  ASSERT_EQ(ledger.sent, books.sent);
  ASSERT_EQ(ledger.delivered, books.delivered);
  ASSERT_EQ(ledger.over_max_frame, books.refused);
  ASSERT_LE(ledger.in_flight().messages, books.sent.messages) << "less than nothing under way";
  ASSERT_LE(ledger.in_flight().bytes, books.sent.bytes);
}

void run_books(std::uint64_t seed, Traffic& to_close, Traffic& to_timeout) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const sim::Scenario scenario = random_network(random);
  std::vector<Rates> rates(kLedgerNodes);
  for (Rates& rate : rates) {
    rate.up = random_rate(random);
    rate.down = random_rate(random);
  }
  Cable cable(scenario, rates);
  const std::vector<StreamId> streams = cable.full_mesh();
  Books books;
  std::map<StreamId, std::uint32_t> arrived;
  std::size_t counted = 0;
  plan_faults(cable, random);
  plan_sends(cable, random, streams, books);
  for (int i = 0; i < 20; ++i) {
    cable.at(kTimeZero + up_to(random, kSpan * 2), [&] { audit(cable, books, arrived, counted); });
  }
  cable.run();
  audit(cable, books, arrived, counted);
  EXPECT_EQ(cable.links.ledger().in_flight(), Traffic{}) << "nothing is left to happen";
  EXPECT_EQ(cable.links.signals(), 0u);
  to_close += cable.links.ledger().lost_to_close;
  to_timeout += cable.links.ledger().lost_to_timeout;
}

void expect_books(std::uint64_t first_seed, int seeds) {
  Traffic to_close, to_timeout;
  for (int i = 0; i < seeds; ++i) {
    run_books(first_seed + static_cast<std::uint64_t>(i), to_close, to_timeout);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(to_close.bytes, 0u);
  EXPECT_GT(to_timeout.bytes, 0u);
}

TEST(Ledger, BalancesWhateverHappens) { expect_books(1, test::scaled(300)); }

TEST(LongLedger, BalancesWhateverHappens) {
  expect_books(test::fresh_seed(), test::scaled(100'000));
}

}  // namespace
