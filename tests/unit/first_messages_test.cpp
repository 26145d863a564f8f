// The table of a run's first messages: who said what to whom, when, and when it came.
#include "net-sim/first_messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/digest.h"
#include "tests/support/sim_run.h"

namespace {

struct Watched {
  std::vector<std::string> lines;
  std::uint64_t digest = 0;
};

Watched watched(const std::string& yaml) {
  auto simulator = sim::Simulator::create(test::scenario_of(yaml));
  EXPECT_TRUE(simulator.ok());
  sim::FirstMessages first(**simulator);
  (*simulator)->watch(first);
  (*simulator)->run({});
  Watched result{{}, (*simulator)->digest()};
  std::istringstream text(first.csv());
  for (std::string line; std::getline(text, line);) result.lines.push_back(line);
  return result;
}

// Two nodes, half a second apart; node 0 finds a block at 10 s.
const std::string kPair = R"(duration: 1 min
network: {nodes: 2, topology: line, latency: 500 ms}
mining: {power: none}
events:
  - {at: 10 s, mine: {node: 0}}
)";

TEST(FirstMessages, EveryMessageIsALineInTheOrderOfSending) {
  const Watched run = watched(kPair);
  ASSERT_EQ(run.lines.size(), 1u + 3 * 2 + 3);
  EXPECT_EQ(run.lines[0], "sent_s,received_s,from,to,type,block,height");
  EXPECT_EQ(run.lines[1], "0.000000000,0.500000000,0,1,QueryLatest,,");
  EXPECT_EQ(run.lines[2], "0.000000000,0.500000000,1,0,QueryLatest,,");
  EXPECT_EQ(run.lines[3].rfind("0.500000000,1.000000000,", 0), 0u);
  EXPECT_EQ(run.lines[7].rfind("10.000000000,10.500000000,0,1,LatestBlock,", 0), 0u);
  EXPECT_TRUE(run.lines[7].ends_with(",1"));  // the height
  EXPECT_EQ(run.lines[8].rfind("10.500000000,11.000000000,1,0,LatestBlock,", 0), 0u);
  EXPECT_EQ(run.lines[9].rfind("11.000000000,11.500000000,0,1,WholeChain,", 0), 0u);
}

TEST(FirstMessages, WhatNeverArrivesHasNoTimeOfArrival) {
  const Watched run = watched(kPair + "  - {at: 10200 ms, partition: {groups: [0, 1]}}\n");
  ASSERT_EQ(run.lines.size(), 1u + 3 * 2 + 1);
  EXPECT_EQ(run.lines.back().rfind("10.000000000,,0,1,LatestBlock,", 0), 0u);
}

TEST(FirstMessages, ThereAreAtMostSoMany) {
  const Watched run = watched(
      "duration: 10 min\nchain: {block_interval: 10 s}\n"
      "network: {nodes: 8, topology: full_mesh, latency: 20 ms}\n");
  EXPECT_EQ(run.lines.size(), 1 + sim::kFirstMessages);
  for (const std::string& line : run.lines) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 6) << line;
  }
}

TEST(FirstMessages, ABlockThatIsNoValidOneHasNeitherHashNorHeight) {
  const Watched run = watched(
      "duration: 5 min\nprotocol: header_first\nchain: {block_interval: 10 s}\n"
      "network: {nodes: 2, topology: line, latency: 20 ms}\n"
      "nodes: [{select: 0, power: 90 %, behaviour: {kind: forger, fault: work}}]\n");
  const bool forged = std::any_of(run.lines.begin() + 1, run.lines.end(), [](const auto& line) {
    return line.find(",0,1,") != std::string::npos && line.ends_with(",,");
  });
  EXPECT_TRUE(forged);
}

TEST(FirstMessages, WatchingChangesNothing) {
  EXPECT_EQ(chain::hex16(watched(kPair).digest), test::digest_of(test::scenario_of(kPair)));
}

}  // namespace
