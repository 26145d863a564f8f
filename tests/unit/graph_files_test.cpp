// What a run leaves for other programs and for itself: graphs, and the scenario to run it again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "net-sim/first_messages.h"
#include "net-sim/graph_files.h"
#include "net-sim/kept_scenario.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/tables.h"
#include "net-sim/topology_file.h"
#include "tests/support/sim_run.h"

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class GraphFilesTest : public testing::Test {
 protected:
  GraphFilesTest()
      : folder_(fs::temp_directory_path() / ("graph_files_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~GraphFilesTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(GraphFilesTest, ATopologyIsReadBackAsItWas) {
  const sim::Edges edges{{0, 3}, {2, 1}, {3, 1}};
  sim::LinkOwn slow;
  slow.latency = chain::Duration{1'234'567};
  slow.bandwidth = 12'345;
  slow.loss = sim::Share{1};
  const auto read = sim::read_topology_text(sim::topology_graphml(5, edges, {{1, slow}}));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->nodes, 5u);
  ASSERT_EQ(read->edges.size(), 3u);
  EXPECT_EQ(read->edges[1], std::pair(sim::NodeIndex{2}, sim::NodeIndex{1}));
  ASSERT_EQ(read->own.size(), 1u);
  EXPECT_EQ(read->own[0].edge, 1u);
  EXPECT_EQ(read->own[0].own, slow);
  EXPECT_TRUE(read->notes.empty());
}

TEST_F(GraphFilesTest, ForkedBlocksStandInBothFormats) {
  const auto simulator = test::run(test::scenario_file(SCENARIO_DIR "/unhealed_fork.yaml"));
  const auto left_out = sim::write_graphs(folder_, *simulator);
  ASSERT_TRUE(left_out.ok());
  EXPECT_EQ(*left_out, "");
  const std::string dot = text_of(folder_ / "blocks.dot");
  EXPECT_NE(dot.find("b3 -> b2;"), std::string::npos);
  EXPECT_NE(dot.find("b4 -> b2;"), std::string::npos);
  EXPECT_NE(dot.find("style=dashed"), std::string::npos);
  EXPECT_NE(text_of(folder_ / "topology.dot").find("2 -- 3;"), std::string::npos);
  const auto tree = sim::read_topology_text(text_of(folder_ / "topology.graphml"));
  EXPECT_EQ(tree->edges.size(), 7u);
  EXPECT_NE(text_of(folder_ / "blocks.graphml").find("<data key=\"main_chain\">false</data>"),
            std::string::npos);
}

TEST_F(GraphFilesTest, LargeGraphsAreLeftOutWithThoseOfAnEarlierRun) {
  const auto simulator =
      test::run("duration: 1 s\nnetwork: {nodes: 5001, topology: line}\nmining: {power: none}\n");
  std::ofstream(folder_ / "topology.dot") << "old";
  const auto left_out = sim::write_graphs(folder_, *simulator);
  ASSERT_TRUE(left_out.ok());
  EXPECT_EQ(*left_out, "topology.graphml, topology.dot");
  EXPECT_FALSE(fs::exists(folder_ / "topology.dot"));
  EXPECT_TRUE(fs::exists(folder_ / "blocks.dot"));
}

TEST_F(GraphFilesTest, ARunLeavesWhatItTakesToRunItAgain) {
  std::ofstream(folder_ / "links.txt") << "0 1 12.5\n1 2 7 100 0.01\n2 3\n";
  std::ofstream(folder_ / "mine.yaml")
      << "# Is it\n# the same?\nduration: 5 min\nnetwork: {topology: {kind: file, path: "
         "links.txt}}\n"
      << "mining: {power: {preset: pools-2015}}\nnodes: [{select: [0, 3], mesh: true}]\n";
  auto scenario = sim::read_scenario((folder_ / "mine.yaml").string());
  ASSERT_FALSE(scenario.ok());  // more miners than nodes: the figures of a preset are judged, too
  scenario = sim::read_scenario((folder_ / "mine.yaml").string(),
                                {{"mining.power", "[50 %, 30 %, 20 %]"}});
  ASSERT_TRUE(scenario.ok()) << scenario.error();
  scenario->seed.run = 7;
  const auto simulator = test::run(*scenario);
  const sim::Json report = sim::run_report(*simulator, sim::Ending::duration, {0.5, 1});
  ASSERT_TRUE(sim::write_tables(folder_ / "out", *simulator, report, nullptr).ok());
  ASSERT_TRUE(sim::write_kept_scenario(folder_ / "out", simulator->scenario()).ok());
  fs::remove(folder_ / "links.txt");
  const auto kept = sim::read_kept_run(folder_ / "out");
  ASSERT_TRUE(kept.ok()) << kept.error();
  EXPECT_EQ(kept->scenario.name, "mine");
  EXPECT_EQ(kept->scenario.question, "Is it the same?");
  EXPECT_EQ(kept->digest, test::digest_of(kept->scenario));
}

}  // namespace
