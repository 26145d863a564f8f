// What a run writes: the page, the tables, JUnit; and which of several exit codes counts.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "net-sim/csv.h"
#include "net-sim/junit.h"
#include "net-sim/page.h"
#include "net-sim/run_command.h"
#include "net-sim/tables.h"
#include "tests/support/sim_run.h"

namespace {

namespace fs = std::filesystem;
using sim::Json;

const char* const kScenario = R"(# Is it short?
protocol: push_chain
duration: 2 min
chain: {block_interval: 10 s, block_size: 1 kB}
network: {nodes: 4, topology: ring, latency: 50 ms}
expect:
  - distinct_tips: {equals: 1}
  - blocks.stale: {above: 1000}
)";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class OutputTest : public testing::Test {
 protected:
  OutputTest()
      : scenario_(test::scenario_of(kScenario)),
        simulator_(test::run(scenario_)),
        report_(sim::run_report(*simulator_, sim::Ending::duration, {0.5, 1'000'000})),
        folder_(fs::temp_directory_path() / ("output_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~OutputTest() override { fs::remove_all(folder_); }

  sim::Scenario scenario_;
  std::unique_ptr<sim::Simulator> simulator_;
  Json report_;
  sim::FirstMessages first_{*simulator_};
  fs::path folder_;
};

TEST_F(OutputTest, ThePageSaysWhatTheDocumentSays) {
  const std::string page = sim::run_page(scenario_, report_, false);
  EXPECT_EQ(page.rfind("test: Is it short?", 0), 0u);
  EXPECT_NE(page.find(report_["digest"].get<std::string>()), std::string::npos);
  EXPECT_NE(page.find("met     distinct_tips equals 1"), std::string::npos);
  EXPECT_NE(page.find("NOT MET blocks.stale above 1000"), std::string::npos);
  EXPECT_EQ(page.find('\033'), std::string::npos);
  EXPECT_NE(sim::run_page(scenario_, report_, true).find("\033[31m"), std::string::npos);
}

TEST_F(OutputTest, ARunWithoutBlocksHasAPageToo) {
  const sim::Scenario empty = test::scenario_of("duration: 1 s\nmining: {power: none}\n");
  const auto simulator = test::run(empty);
  const Json report = sim::run_report(*simulator, sim::Ending::duration, {});
  EXPECT_TRUE(report["events_per_second"].is_null());
  EXPECT_NE(sim::run_page(empty, report, false).find("none"), std::string::npos);
}

TEST_F(OutputTest, SecondsAreExactDecimals) {
  EXPECT_EQ(sim::csv_seconds(0), "0.000000000");
  EXPECT_EQ(sim::csv_seconds(12'345'678'901), "12.345678901");
  EXPECT_EQ(sim::csv_seconds(chain::kNever.ns), "9223372036.854775807");
}

TEST_F(OutputTest, TablesCountWhatTheReportCounts) {
  const auto written = sim::write_tables(folder_ / "a" / "b", *simulator_, report_, &first_);
  ASSERT_TRUE(written.ok());
  const std::string blocks = text_of(*written / "blocks.csv");
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(blocks.begin(), blocks.end(), '\n')),
            report_["blocks"]["mined"].get<std::uint64_t>() + 1);
  EXPECT_EQ(Json::parse(text_of(*written / "summary.json")), report_);
  EXPECT_EQ(text_of(*written / "first_messages.csv"), first_.csv());
  for (const auto& entry : fs::directory_iterator(*written)) {
    EXPECT_NE(entry.path().extension(), ".part");
  }
}

TEST_F(OutputTest, ATableThatCannotBeWrittenIsNamed) {
  fs::create_directories(folder_ / "tips.csv" / "full");
  const auto written = sim::write_tables(folder_, *simulator_, report_, &first_);
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().find("tips.csv"), std::string::npos);
  EXPECT_FALSE(sim::write_tables("/dev/null/x", *simulator_, report_, &first_).ok());
}

TEST_F(OutputTest, JUnitEscapesAndCounts) {
  const fs::path file = folder_ / "report.xml";
  Json odd = report_;
  odd["expectations"][0]["expect"] = "a < b & \"c\"\n";
  ASSERT_TRUE(sim::write_junit(file.string(), {{"one", "", odd}, {"two", "stopped", nullptr}}));
  const std::string xml = text_of(file);
  EXPECT_NE(xml.find("a &lt; b &amp; &quot;c&quot; "), std::string::npos);
  EXPECT_NE(xml.find(R"(name="one" tests="3" failures="1")"), std::string::npos);
  EXPECT_NE(xml.find(R"(name="two" tests="1" failures="1")"), std::string::npos);
  EXPECT_FALSE(sim::write_junit((folder_ / "no" / "report.xml").string(), {}));
}

TEST(ExitCodes, TheWorstCounts) {
  const int by_severity[] = {sim::kAsExpected, sim::kNotMet, sim::kWallLimit,  sim::kOutputFailed,
                             sim::kBadInput,   sim::kUnsafe, sim::kInterrupted};
  for (std::size_t i = 0; i < std::size(by_severity); ++i) {
    for (std::size_t j = 0; j < std::size(by_severity); ++j) {
      EXPECT_EQ(sim::worse(by_severity[i], by_severity[j]), by_severity[std::max(i, j)]);
    }
  }
}

TEST(Seeds, ARangeOrOne) {
  using Range = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(*sim::parse_seeds("1..20"), (Range{1, 20}));
  EXPECT_EQ(*sim::parse_seeds("7"), (Range{7, 7}));
  for (const char* bad :
       {"", "..", "1..", "..2", "2..1", "1...2", "a", "-1..2", "1..2000000", "1 2"}) {
    EXPECT_FALSE(sim::parse_seeds(bad).ok()) << bad;
  }
}

}  // namespace
