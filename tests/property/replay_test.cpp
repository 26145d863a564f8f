// A recorded run, stepped again: the same digest; and whatever is changed in it is found at the
// step where it is.
#include <gtest/gtest.h>

#include "tests/support/recording.h"
#include "tests/support/sim_run.h"

namespace {

using namespace chain;

sim::Scenario shipped(const std::string& name) {
  return test::scenario_file(std::string(SCENARIO_DIR) + '/' + name + ".yaml");
}

// Crashes that lose what was not synced, restarts, who comes and who goes, a CPU that takes time.
sim::Scenario eventful(const std::string& protocol) {
  return test::scenario_of("protocol: " + protocol + R"(
duration: 30 min
chain: {block_interval: 20 s, block_size: 20 kB, commit_time: 50 ms,
        validation: {per_block: 20 ms}}
network: {nodes: 12, topology: {kind: random_regular, degree: 4}, latency: 80 ms,
          reconnect: {first: 1 s, max: 1 min}, discovery: true}
events:
  - {at: 4 min, partition: {groups: [50 %, rest], sockets: reset}}
  - {at: 9 min, heal: all}
  - {at: 12 min, crash: {select: 30 %, lose_unsynced: true}, restart_after: 90 s}
  - {at: 15 min, leave: {select: 3}}
  - {at: 18 min, join: {select: 7}}
  - {from: 20 min, to: 29 min, churn: {leave_per_hour: 60, join_per_hour: 60}}
)");
}

TEST(Replay, OfARunHasItsDigest) {
  for (const sim::Scenario& scenario :
       {shipped("partition"), shipped("late_join"), shipped("mixed_network"), shipped("churn"),
        eventful("header_first"), eventful("push_chain"),
        eventful("{push_chain: 50 %, header_first: 50 %}")}) {
    const auto run = test::recorded_run(scenario);
    const auto again = test::replayed(run.parts);
    EXPECT_EQ(again.fault, "");
    EXPECT_FALSE(again.differs_at) << *again.differs_at;
    EXPECT_EQ(again.digest, run.digest);
    EXPECT_EQ(run.digest, test::digest_of(scenario)) << "recording changes nothing";
    EXPECT_GE(again.counts.nodes, 2u);
  }
}

TEST(Replay, OfARunWithAdversariesHasTheHonestNodes) {
  for (const char* name : {"forged_block", "selfish_mining", "eclipse"}) {
    sim::Scenario scenario = shipped(name);
    scenario.duration = std::min(scenario.duration, minutes(60));
    const auto run = test::recorded_run(scenario);
    const auto again = test::replayed(run.parts);
    EXPECT_EQ(again.fault, "");
    EXPECT_FALSE(again.differs_at);
    EXPECT_GT(again.counts.left_out, 0u);
    EXPECT_EQ(again.digest, run.digest) << "the adversaries' part is recorded as a sum";
    EXPECT_EQ(run.digest, test::digest_of(scenario));
  }
}

TEST(Replay, GoesThroughAllParts) {
  const auto run = test::recorded_run(shipped("partition"), 500'000);
  ASSERT_GT(run.parts.size(), 2u);
  EXPECT_EQ(test::replayed(run.parts).digest, run.digest);
  EXPECT_EQ(test::replayed({run.parts[1]}).counts.worlds, 0u) << "its lives began before";
  EXPECT_NE(test::replayed({run.parts[0], run.parts[2]}).fault, "");
}

TEST(Replay, OfATornRecordingGoesAsFarAsItIsWhole) {
  const auto run = test::recorded_run(eventful("header_first"));
  const std::string& part = run.parts.front();
  std::uint64_t steps = 0;
  for (std::size_t length = kPartHeader; length < part.size(); length += part.size() / 50) {
    const auto again = test::replayed({part.substr(0, length)});
    EXPECT_EQ(again.fault, "");
    EXPECT_FALSE(again.differs_at);
    EXPECT_GE(again.counts.steps, steps);
    steps = again.counts.steps;
  }
  EXPECT_GT(steps, 0u);
}

// Where a step's time stands: after its tag and a node below 128.
constexpr std::uint64_t kTimeAt = 2;

TEST(Replay, FindsWhatWasPlantedAtThatVeryStep) {
  const auto run = test::recorded_run(eventful("header_first"));
  const std::string& part = run.parts.front();
  const auto read = test::read_back(run.parts);
  std::uint64_t step = 0;
  std::uint64_t received = 0;
  for (std::size_t i = 0; i + 1 < read.records.size(); ++i) {
    const auto* taken = std::get_if<StepTaken>(&read.records[i]);
    if (taken == nullptr) continue;
    const std::uint64_t number = step++;
    if (!std::holds_alternative<Received>(taken->input) || ++received % 500 != 0) continue;
    const std::uint64_t at = read.offsets[i];
    const std::uint64_t end = read.offsets[i + 1];
    std::uint64_t from_at = at + kTimeAt;
    while ((part[from_at++] & 0x80) != 0) {
    }
    for (const std::uint64_t byte : {end - 1, at + kTimeAt, from_at}) {
      const auto again = test::replayed({test::planted(part, byte, 1)});
      EXPECT_EQ(again.fault, "");
      ASSERT_TRUE(again.differs_at) << number;
      EXPECT_EQ(*again.differs_at, number);
    }
  }
  EXPECT_GT(received, 500u);
}

}  // namespace
