// Every .run file under tests/golden: a scenario that shows one fault or one attacker, and what
// came of it, in a few exact lines. GOLDEN_REWRITE=1 writes what is seen into the files instead.
#include <gtest/gtest.h>

#include <cstdlib>

#include "net-sim/report.h"
#include "tests/golden/golden_file.h"
#include "tests/support/sim_run.h"

namespace {

constexpr std::uint32_t kMostNodesShown = 8;

// The members of a JSON object on one line.
std::string on_a_line(const std::string& title, const sim::Json& object) {
  std::string line = title;
  for (const auto& [key, value] : object.items()) line += " " + key + " " + value.dump();
  return line;
}

std::vector<std::string> outcome(const sim::Simulator& simulator) {
  const sim::Json report = sim::run_report(simulator, sim::Ending::duration, {});
  std::vector<std::string> lines;
  for (sim::NodeIndex node = 0; node < simulator.scenario().network.nodes; ++node) {
    if (simulator.scenario().network.nodes > kMostNodesShown) break;
    lines.push_back("node " + std::to_string(node) + " height " +
                    std::to_string(simulator.tree().height(simulator.chain(node).tip())));
  }
  lines.push_back(on_a_line("blocks", report["blocks"]) + ", tips " +
                  report["distinct_tips"].dump());
  lines.push_back(on_a_line("reorgs", report["reorgs"]));
  for (const auto& [type, entry] : report["messages"].items()) {
    lines.push_back(on_a_line(type, entry));
  }
  for (const sim::Json& entry : report["convergence"]) {
    lines.push_back(on_a_line("agreed", entry));
  }
  if (report.contains("attack")) lines.push_back(on_a_line("attack", report["attack"]));
  return lines;
}

class GoldenOutcome : public testing::TestWithParam<std::string> {};

TEST_P(GoldenOutcome, EndsAsWritten) {
  const std::string path = std::string(GOLDEN_DIR) + '/' + GetParam();
  test::GoldenFile file = test::GoldenFile::read(path);
  ASSERT_EQ(file.sections.size(), 1u);
  auto& section = file.sections.front();
  EXPECT_EQ(section.commands.front().substr(0, 2), "# ") << "opens with a comment";
  const auto simulator = test::run(test::joined(section.commands));
  const std::vector<std::string> seen = outcome(*simulator);
  if (std::getenv("GOLDEN_REWRITE") == nullptr) {
    EXPECT_EQ(test::joined(seen), test::joined(section.expected));
    return;
  }
  section.expected = seen;
  file.write(path);
}

INSTANTIATE_TEST_SUITE_P(Runs, GoldenOutcome, testing::ValuesIn(test::golden_files(".run")),
                         test::golden_name);

}  // namespace
