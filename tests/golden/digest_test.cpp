// Same scenario, same seed: same digest, on any machine, in any build, on any thread.
//
// digests.txt holds the digest of every shipped scenario and of those under golden/scenarios, for
// two seeds; since every configuration of tools/test reads the same file, it also says that g++ and
// clang, -O0 and -O2, with sanitizers and without, agree. GOLDEN_REWRITE=1 writes it anew; a digest
// that changes is named in the commit that changes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "tests/support/sim_run.h"

namespace {

namespace fs = std::filesystem;

const std::string kDigests = std::string(GOLDEN_DIR) + "/digests.txt";

struct GoldenRun {
  std::string name;  // "partition 1"
  std::string file;
  std::uint64_t seed_offset;
};
void PrintTo(const GoldenRun& run, std::ostream* out) { *out << run.name; }

std::vector<GoldenRun> runs() {
  std::vector<GoldenRun> all;
  for (const std::string folder : {SCENARIO_DIR, GOLDEN_DIR "/scenarios"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".yaml") continue;
      for (const std::uint64_t offset : {0u, 1u}) {
        const std::string name = entry.path().stem().string() + (offset > 0 ? "_next_seed" : "");
        all.push_back({name, entry.path().string(), offset});
      }
    }
  }
  std::sort(all.begin(), all.end(),
            [](const GoldenRun& a, const GoldenRun& b) { return a.name < b.name; });
  return all;
}

sim::Scenario scenario_of(const GoldenRun& run) {
  sim::Scenario scenario = test::scenario_file(run.file);
  scenario.seed.run += run.seed_offset;
  // Of a large one the first blocks tell as much: builds without optimisation run it, too.
  constexpr std::uint64_t kMostNodeBlocks = 100'000;
  const std::uint64_t most = kMostNodeBlocks / scenario.network.nodes;
  if (scenario.until.kind == sim::Until::Kind::blocks && scenario.until.count > most) {
    scenario.until.count = most;
  }
  return scenario;
}

std::map<std::string, std::string> golden_digests() {
  std::map<std::string, std::string> digests;
  std::ifstream in(kDigests);
  for (std::string name, digest; in >> name >> digest;) digests[name] = digest;
  return digests;
}

class GoldenDigest : public testing::TestWithParam<GoldenRun> {};

TEST_P(GoldenDigest, IsTheOneOnRecord) {
  const std::string digest = test::digest_of(scenario_of(GetParam()));
  std::map<std::string, std::string> golden = golden_digests();
  if (std::getenv("GOLDEN_REWRITE") == nullptr) {
    EXPECT_EQ(digest, golden[GetParam().name]);
    return;
  }
  golden[GetParam().name] = digest;
  std::ofstream out(kDigests);
  for (const auto& [name, value] : golden) out << name << ' ' << value << '\n';
}

std::string test_name(const testing::TestParamInfo<GoldenRun>& run) { return run.param.name; }

INSTANTIATE_TEST_SUITE_P(Scenarios, GoldenDigest, testing::ValuesIn(runs()), test_name);

TEST(GoldenDigests, NameNoScenarioThatIsGone) {
  const std::vector<GoldenRun> all = runs();
  for (const auto& entry : golden_digests()) {
    const std::string& name = entry.first;
    const bool there =
        std::any_of(all.begin(), all.end(), [&](const GoldenRun& run) { return run.name == name; });
    EXPECT_TRUE(there) << name << ": delete its line from digests.txt";
  }
}

constexpr std::size_t kSeeds = 8;

sim::Scenario seeded(std::size_t seed) {
  static const sim::Scenario faults = test::scenario_file(GOLDEN_DIR "/scenarios/faults.yaml");
  sim::Scenario scenario = faults;
  scenario.seed = {.run = seed, .topology = {}, .latency = {}, .mining = {}, .faults = {}};
  return scenario;
}

TEST(Determinism, TheSameRunTwiceAndNoOtherSeedAlike) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t seed = 0; seed < kSeeds; ++seed) {
    const std::string digest = test::digest_of(seeded(seed));
    EXPECT_EQ(digest, test::digest_of(seeded(seed)));
    EXPECT_TRUE(seen.emplace(digest, seed).second) << "seeds " << seen[digest] << ", " << seed;
  }
}

TEST(Determinism, RunsInParallelAreWhatTheyAreAlone) {
  std::vector<std::string> parallel(kSeeds);
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < 4; ++first) {
    threads.emplace_back([first, &parallel] {
      for (std::size_t seed = first; seed < kSeeds; seed += 4) {
        parallel[seed] = test::digest_of(seeded(seed));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t seed = 0; seed < kSeeds; ++seed) {
    EXPECT_EQ(parallel[seed], test::digest_of(seeded(seed)));
  }
}

TEST(Determinism, ASeedOfOneStreamLeavesTheOthersAlone) {
  sim::Scenario scenario = seeded(1);
  const auto before = test::run(scenario);
  scenario.seed.mining = 99;
  const auto after = test::run(scenario);
  EXPECT_EQ(before->edges(), after->edges());
  EXPECT_NE(before->digest(), after->digest());
}

}  // namespace
