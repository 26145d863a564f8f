// Regions and pools: what a preset means, what is given beside it, and where it is looked for.
#include "net-sim/presets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "net-sim/check_command.h"
#include "net-sim/node_rates.h"
#include "net-sim/resolve.h"
#include "net-sim/scenario_keys.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/streams.h"

namespace {

using chain::milliseconds;
using sim::Distribution;
using sim::draw_regions;
using sim::NodeIndex;
using sim::Regions;
using sim::Scenario;
using sim::Share;

chain::Result<Scenario> read_with(const std::string& text, const std::string& file = "test.yaml") {
  return sim::read_scenario_text("protocol: push_chain\n" + text, file);
}

Scenario preset_scenario(const std::string& text, const std::string& file = "test.yaml") {
  const auto scenario = read_with(text, file);
  EXPECT_TRUE(scenario.ok()) << (scenario.ok() ? "" : scenario.error());
  return scenario.ok() ? *scenario : Scenario{};
}

TEST(Presets, AreBuiltInAndSound) {
  std::vector<std::string> names;
  for (const sim::PresetFile& preset : sim::built_in_presets()) names.emplace_back(preset.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"bitcoin-2015", "bitcoin-2019", "ccs2016", "pools-2015"}));
  for (const std::string name : {"bitcoin-2015", "bitcoin-2019", "ccs2016"}) {
    const Scenario s = preset_scenario("network: {regions: {preset: " + name + "}}");
    ASSERT_TRUE(s.network.regions.has_value());
    const Regions& regions = *s.network.regions;
    EXPECT_EQ(regions.names, (std::vector<std::string>{"NA", "EU", "SA", "AP", "JP", "AU"}));
    std::int64_t sum = 0;
    for (const Share share : regions.share) sum += share.ppb;
    EXPECT_EQ(sum, sim::kBillion);
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::size_t j = 0; j < 6; ++j) EXPECT_EQ(regions.latency[i][j], regions.latency[j][i]);
    }
    EXPECT_EQ(regions.distribution->kind, Distribution::Kind::pareto);
    EXPECT_EQ(regions.distribution->shape, sim::Decimal{}) << "a fifth of the mean";
    EXPECT_EQ(s.network.latency.kind, Distribution::Kind::regions);
    EXPECT_EQ(s.network.latency.per,
              name == "ccs2016" ? Distribution::Per::link : Distribution::Per::message);
    EXPECT_TRUE(s.notes.empty());
  }
}

TEST(Presets, HoldThePublishedFigures) {
  const Scenario s = preset_scenario("network: {regions: {preset: bitcoin-2019}}");
  const Regions& regions = *s.network.regions;
  EXPECT_EQ(regions.share[3], Share{117'700'000});
  EXPECT_EQ(regions.latency[0][1], milliseconds(124));
  EXPECT_EQ(regions.latency[4][3], milliseconds(58));
  EXPECT_EQ(regions.up[0].value, 2'400'000);    // 19.2 Mbit/s
  EXPECT_EQ(regions.down[5].value, 3'737'500);  // 29.9 Mbit/s
  const Scenario ccs = preset_scenario("network: {regions: {preset: ccs2016}}");
  const Distribution& up = ccs.network.regions->up[1];
  EXPECT_EQ(up.kind, Distribution::Kind::quantiles);
  ASSERT_EQ(up.values.size(), 21u);
  EXPECT_EQ(up.values.front(), 12'500);
  EXPECT_EQ(up.values[10], 468'375);
  EXPECT_EQ(up.values.back(), 12'500'000);
}

TEST(Presets, OfLatencyAndOfRegionsMeanTheSame) {
  const Scenario a = preset_scenario("network: {regions: {preset: bitcoin-2019}}");
  const Scenario b = preset_scenario("network: {latency: {kind: regions, preset: bitcoin-2019}}");
  const Scenario both = preset_scenario(
      "network: {latency: {kind: regions, preset: bitcoin-2019}, regions: {preset: bitcoin-2019}}");
  EXPECT_EQ(sim::scenario_codec().write(a), sim::scenario_codec().write(b));
  EXPECT_EQ(sim::scenario_codec().write(a), sim::scenario_codec().write(both));
}

TEST(Presets, GiveWayToKeysOfTheScenario) {
  const Scenario s = preset_scenario(
      "network:\n"
      "  latency: {kind: regions, per: link}\n"
      "  bandwidth: {up: 1 MB/s}\n"
      "  regions: {preset: bitcoin-2019, share: [0 %, 100 %, 0 %, 0 %, 0 %, 0 %]}\n"
      "nodes: [{select: {region: EU}, relay: inv}, {select: 3, region: JP}]\n");
  const auto places = draw_regions(s, sim::stream(s.seed, sim::Stream::regions));
  for (NodeIndex node = 0; node < places.size(); ++node) {
    EXPECT_EQ(places[node], node == 3 ? 4u : 1u);
  }
  EXPECT_EQ(s.network.latency.per, Distribution::Per::link);
  const auto rates = sim::node_rates(s, places);
  EXPECT_EQ(rates[0].up, 1'000'000u) << "given; the preset's would be 20.7 Mbit/s";
  EXPECT_EQ(rates[0].down, 5'000'000u) << "the preset's 40 Mbit/s";
  EXPECT_EQ(rates[3].down, 2'850'000u) << "Japan's 22.8 Mbit/s";
}

TEST(Presets, LeaveALatencyAlone) {
  const Scenario s = preset_scenario("network: {latency: 5 ms, regions: {preset: bitcoin-2015}}");
  EXPECT_EQ(s.network.latency.kind, Distribution::Kind::constant);
  EXPECT_EQ(s.network.latency.value, milliseconds(5).ns);
}

TEST(Presets, AreWrittenAsTheirFigures) {
  const Scenario s = preset_scenario(
      "network: {regions: {preset: ccs2016}}\nmining: {power: {preset: pools-2015}}\n");
  const auto page = sim::check_page(s);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->find("preset:"), std::string::npos);
  const auto again = sim::read_scenario_text(page->substr(page->find("# Every key")), "again.yaml");
  ASSERT_TRUE(again.ok()) << again.error();
  EXPECT_EQ(sim::scenario_codec().write(*again), sim::scenario_codec().write(s));
}

TEST(Presets, PoolsHavePowerAndAPlace) {
  const std::string pools = "mining: {power: {preset: pools-2015}}\n";
  const Scenario s =
      preset_scenario("network: {nodes: 30, regions: {preset: bitcoin-2015}}\n" + pools);
  ASSERT_EQ(s.notes.size(), 1u);
  EXPECT_EQ(s.notes[0],
            "presets/pools-2015.yaml:7:9: powers sum to 100.1 % and were scaled to 100 %");
  const auto places = draw_regions(s, sim::stream(s.seed, sim::Stream::regions));
  const std::vector<std::uint32_t> first(places.begin(), places.begin() + 16);
  EXPECT_EQ(first, (std::vector<std::uint32_t>{3, 3, 3, 0, 3, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0}));
  const auto power = sim::mining_power(s, places);
  EXPECT_EQ(std::accumulate(power.begin(), power.end(), std::int64_t{0}), sim::kBillion);
  EXPECT_EQ(power[0], 288'711'288);  // 28.9 / 100.1
  EXPECT_EQ(power[16], 0);
  EXPECT_TRUE(draw_regions(preset_scenario(pools), chain::Random(1)).empty())
      << "no regions at all";
  const Scenario elsewhere = preset_scenario(
      "network: {regions: {names: [X, NA], share: [100 %, 0 %], latency: [[1 ms, 1 ms], "
      "[1 ms, 1 ms]]}}\n" +
      pools);
  const auto there = draw_regions(elsewhere, chain::Random(1));
  EXPECT_EQ(there[0], 0u) << "AP is no region of this network";
  EXPECT_EQ(there[3], 1u);
}

TEST(Presets, KeysBesideAPresetOfPoolsCountAboveIt) {
  const Scenario s = preset_scenario(
      "mining: {power: {preset: pools-2015, shares: [60 %, 40 %], "
      "regions: [EU]}}");
  EXPECT_EQ(s.mining.shares, (std::vector<Share>{{600'000'000}, {400'000'000}}));
  EXPECT_EQ(s.mining.regions, (std::vector<std::string>{"EU"}));
  EXPECT_TRUE(s.notes.empty());
}

// A folder with a scenario and presets of its own, gone afterwards.
class OwnPresets : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::path(testing::TempDir()) /
             ("presets-" + std::to_string(std::hash<std::string>{}(
                               testing::UnitTest::GetInstance()->current_test_info()->name())));
    std::filesystem::create_directories(folder / "presets");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / "presets" / name) << text;
  }
  std::string scenario() const { return (folder / "scenario.yaml").string(); }

  std::filesystem::path folder;
};

TEST_F(OwnPresets, BesideTheScenarioWin) {
  write("bitcoin-2019.yaml", "names: [X]\nshare: [100 %]\nlatency: [[7 ms]]\n");
  write("mine.yaml", "names: [Y]\nshare: [100 %]\nlatency: [[8 ms]]\n");
  const auto latency_of = [&](const std::string& name) {
    return preset_scenario("network: {regions: {preset: " + name + "}}", scenario())
        .network.regions->latency[0][0];
  };
  EXPECT_EQ(latency_of("bitcoin-2019"), milliseconds(7));
  EXPECT_EQ(latency_of("mine"), milliseconds(8));
  EXPECT_EQ(latency_of("bitcoin-2015"), milliseconds(36));
}

TEST_F(OwnPresets, AreReadAsStrictlyAsAScenario) {
  write("bad.yaml", "names: [X]\nshares: [100 %]\n");
  const auto scenario_read = read_with("network: {regions: {preset: bad}}", scenario());
  ASSERT_FALSE(scenario_read.ok());
  EXPECT_EQ(scenario_read.error(),
            (folder / "presets" / "bad.yaml").string() +
                ":2:1: unknown key `shares` in a preset of regions; did you mean `share`?");
}

}  // namespace
