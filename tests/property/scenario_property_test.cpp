// The scenario reader against files that nobody meant: whatever stands in them, an answer comes
// back, and an error is one line that names the file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/random.h"
#include "net-sim/check_command.h"
#include "net-sim/scenario_reader.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace sim;

std::vector<std::string> shipped() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(SCENARIO_DIR)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts = {scenario_template()};
  for (const std::string& path : paths) {
    std::ifstream in(path);
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return texts;
}

// A byte changed, a piece lost, doubled or taken from another file.
void mutate(std::string& text, const std::vector<std::string>& others, chain::Random& random) {
  static const std::string kTelling = "{}[]:,-&*#!|>'\"%@`\n\t ~?0123456789.\xff\xc3";
  if (text.empty()) return;
  const std::size_t at = random.below(text.size());
  const std::size_t length = random.below(std::min<std::size_t>(text.size() - at, 40) + 1);
  switch (random.below(5)) {
    case 0:
      text[at] = kTelling[random.below(kTelling.size())];
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(at, text.substr(at, length));
      break;
    case 3:
      text.insert(at, 1, kTelling[random.below(kTelling.size())]);
      break;
    default: {
      const std::string& other = others[random.below(others.size())];
      text.insert(at, other.substr(random.below(other.size()), length));
    }
  }
}

void break_files(std::uint64_t seed, int count) {
  const std::vector<std::string> texts = shipped();
  ASSERT_GE(texts.size(), 6u);
  chain::Random random(seed);
  int accepted = 0, refused = 0;
  for (int i = 0; i < count; ++i) {
    std::string text = texts[random.below(texts.size())];
    for (std::uint64_t n = random.below(4) + 1; n > 0; --n) mutate(text, texts, random);
    const auto scenario = read_scenario_text(text, "any.yaml");
    if (scenario.ok()) {
      ++accepted;
      const auto page = check_json(*scenario);
      ASSERT_TRUE(page.ok() || page.error().starts_with("any.yaml: ")) << page.error();
      continue;
    }
    ++refused;
    ASSERT_TRUE(scenario.error().starts_with("any.yaml:")) << scenario.error() << "\n" << text;
    ASSERT_EQ(scenario.error().find('\n'), std::string::npos) << scenario.error();
    ASSERT_NE(scenario.error().find("; "), std::string::npos) << scenario.error();
  }
  EXPECT_GT(accepted, count / 20);  // else mutations are too wild to reach beyond the parser
  EXPECT_GT(refused, count / 20);
}

TEST(ScenarioReader, AnswersWhateverTheFileHolds) { break_files(20, test::scaled(4'000)); }

TEST(LongScenarioReader, AnswersWhateverTheFileHolds) {
  break_files(test::fresh_seed(), test::scaled(400'000));
}

TEST(ScenarioReader, AnswersWhateverIsSet) {
  const std::string text = scenario_template();
  const std::vector<std::string> paths = {"network",
                                          "network.nodes",
                                          "network.topology.kind",
                                          "events",
                                          "events.0",
                                          "events.0.mine.node",
                                          "expect.0",
                                          "mining.power",
                                          "chain.block_size",
                                          "network.latency.kind",
                                          "seed",
                                          "a.b.c",
                                          "protocol",
                                          "events.0.at.x",
                                          "",
                                          ".",
                                          "0",
                                          "expect.99999999999.a",
                                          "network.nodes.x",
                                          "until.blocks"};
  const std::vector<std::string> values = {"5",
                                           "0",
                                           "-1",
                                           "x",
                                           "[]",
                                           "{}",
                                           "[1, 2]",
                                           "{a: b}",
                                           "",
                                           "~",
                                           "1 s",
                                           "%",
                                           "&a",
                                           "*a",
                                           "ring",
                                           "[0, 1]",
                                           "{kind: ring}",
                                           "a: b: c",
                                           "- x",
                                           "1e9",
                                           "&a [*a]",
                                           "18446744073709551616",
                                           "!!int 5",
                                           "\"",
                                           "none",
                                           "{at: 1 s, heal: all}"};
  int refused = 0;
  for (const std::string& path : paths) {
    for (const std::string& value : values) {
      const auto scenario = read_scenario_text(text, "any.yaml", {{path, value}});
      if (scenario.ok()) continue;
      ++refused;
      const std::string& error = scenario.error();
      EXPECT_TRUE(error.starts_with("--set ") || error.starts_with("any.yaml:")) << error;
      EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
  }
  EXPECT_GT(refused, 300);
}

}  // namespace
