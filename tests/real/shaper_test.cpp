// The shaper's carrier against the simulator's links: the same traffic arrives at the same
// instants.
#include <gtest/gtest.h>

#include <map>

#include "net-real/shaper/carrier.h"
#include "tests/support/cable.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;
using net::StreamNumber;
using test::Cable;

// A clock that stands until the next task is due.
class TestAgenda final : public net::Agenda {
 public:
  Time now() const override { return now_; }
  void at(Time when, std::function<void()> task) override {
    tasks_.emplace(std::max(when, now_), std::move(task));
  }
  void run_until(Time end) {
    while (!tasks_.empty() && tasks_.begin()->first <= end) {
      const auto task = tasks_.extract(tasks_.begin());
      now_ = task.key();
      task.mapped()();
    }
    now_ = end;
  }

 private:
  Time now_{};
  std::multimap<Time, std::function<void()>> tasks_;
};

class TestEnds final : public net::Carrier::Ends {
 public:
  explicit TestEnds(TestAgenda& agenda) : agenda_(agenda) {}
  void dialled(StreamNumber stream) override { carrier->accept(stream); }
  void dial_failed(StreamNumber) override {}
  void arrived(StreamNumber stream, net::Piece piece, Time) override {
    arrivals.push_back({agenda_.now(), stream, static_cast<std::uint32_t>(piece.bytes[0])});
  }
  void ended(StreamNumber, Time) override {}

  net::Carrier* carrier = nullptr;
  std::vector<Cable::Arrival> arrivals;

 private:
  TestAgenda& agenda_;
};

// Of one instant, the order of different streams is nobody's business.
std::vector<Cable::Arrival> sorted(std::vector<Cable::Arrival> arrivals) {
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.stream) < std::tie(b.at, b.stream);
  });
  return arrivals;
}

TEST(Shaper, CarriesAsTheSimulatorDoes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const auto rate = [&]() -> std::uint64_t {
      return random.below(3) == 0 ? 0 : 50'000 + random.below(2'000'000);
    };
    std::vector<sim::Links::Rates> rates(4);
    for (auto& each : rates) {
      each.up = rate();
      each.down = rate();
    }
    const sim::Scenario scenario = test::scenario_of("network: {nodes: 4, latency: 50 ms}");
    Cable cable(scenario, rates);
    TestAgenda agenda;
    TestEnds ends(agenda);
    net::Carrier carrier(agenda, ends);
    ends.carrier = &carrier;
    for (net::NodeNumber node = 0; node < 4; ++node) {
      carrier.set_rates(node, {rates[node].up, rates[node].down});
    }
    carrier.set_shaping(false);
    std::map<std::pair<net::NodeNumber, net::NodeNumber>, net::LinkState> states;
    for (net::NodeNumber a = 0; a < 4; ++a) {
      for (net::NodeNumber b = a + 1; b < 4; ++b) {
        const sim::LinkOwn own{.latency = milliseconds(static_cast<std::int64_t>(random.below(90))),
                               .bandwidth = rate(),
                               .loss = {}};
        ASSERT_EQ(cable.links.connect(a, b, own), carrier.dial(a, b));
        states[{a, b}] = states[{b, a}] = {.latency = *own.latency, .rate = *own.bandwidth};
        carrier.set_link(a, b, states[{a, b}]);
        carrier.set_link(b, a, states[{a, b}]);
      }
    }
    agenda.run_until(kTimeZero);
    carrier.set_shaping(true);

    std::vector<std::uint8_t> sent(12);
    for (int i = 0; i < 60; ++i) {
      const auto stream = static_cast<StreamNumber>(random.below(12));
      const std::uint64_t bytes = random.below(2) == 0 ? random.below(1500) : random.below(60'000);
      const Time when = kTimeZero + microseconds(static_cast<std::int64_t>(random.below(900'000)));
      cable.at(when, [&cable, stream, bytes] { cable.send(stream, bytes); });
      agenda.at(when, [&carrier, &sent, stream, bytes] {
        carrier.send(stream, {std::string(1, static_cast<char>(sent[stream]++)), bytes});
      });
    }
    // Node 0 is cut off from the others, both ways or one way, for a while.
    const bool one_way = random.below(2) == 0;
    const auto set_cut = [&](bool cut) {
      for (auto& [pair, state] : states) {
        const bool leaves = pair.first == 0, comes = pair.second == 0 && !one_way;
        if (!leaves && !comes) continue;
        state.cut = cut;
        carrier.set_link(pair.first, pair.second, state);
      }
    };
    const auto begins = microseconds(static_cast<std::int64_t>(random.below(400'000)));
    const auto ends_at = begins + microseconds(static_cast<std::int64_t>(random.below(3'000'000)));
    cable.at(kTimeZero + begins, [&] { cable.links.add_cut(1, {{0, 1, 1, 1}, one_way}); });
    cable.at(kTimeZero + ends_at, [&] { cable.links.remove_cut(1); });
    agenda.at(kTimeZero + begins, [&] { set_cut(true); });
    agenda.at(kTimeZero + ends_at, [&] { set_cut(false); });

    cable.run();
    agenda.run_until(kTimeZero + minutes(10));
    ASSERT_EQ(cable.arrivals.size(), 60u);
    ASSERT_EQ(sorted(ends.arrivals), sorted(cable.arrivals)) << "seed " << seed;
  }
}

// A handshake, a short frame, a masked one of middle length, a ping, a long one.
std::vector<net::Piece> web_socket_pieces() {
  const auto frame = [](std::string head, std::size_t length) {
    return head + std::string(length, 'x');
  };
  return {{"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", 0},
          {frame("\x81\x05", 5), 5},
          {frame(std::string("\x81\xfe\x01\x2c", 4) + "mask", 300), 300},
          {frame("\x89\x03", 3), 0},
          {frame(std::string("\x81\x7f\0\0\0\0\0\x01\x11\x70", 10), 70'000), 70'000}};
}

TEST(FrameCutter, FindsWhatWasSaidAtOnceHoweverItIsRead) {
  const std::vector<net::Piece> pieces = web_socket_pieces();
  std::string stream;
  for (const net::Piece& piece : pieces) stream += piece.bytes;
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    net::FrameCutter cutter;
    std::vector<net::Piece> cut;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = 1 + random.below(round % 2 == 0 ? 9 : 9'000);
      cutter.push(std::string_view(stream).substr(at, size), cut);
      at += size;
    }
    ASSERT_EQ(cut.size(), pieces.size());
    for (std::size_t i = 0; i < cut.size(); ++i) {
      ASSERT_EQ(cut[i].bytes, pieces[i].bytes);
      ASSERT_EQ(cut[i].payload, pieces[i].payload);
    }
  }
}

TEST(FrameCutter, TakesWhatIsNoWebSocketAsItComes) {
  net::FrameCutter cutter;
  std::vector<net::Piece> cut;
  cutter.push("G", cut);
  EXPECT_TRUE(cut.empty());  // it may be a GET
  cutter.push("IVE", cut);
  cutter.push("GET ", cut);
  ASSERT_EQ(cut.size(), 2u);
  EXPECT_EQ(cut[0].bytes, "GIVE");
  EXPECT_EQ(cut[1].payload, 4u);
}

}  // namespace
