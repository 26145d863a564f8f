// What `simchain validate` makes of what its experiments measure: verdicts, table, JSON, and that
// none depends on how many runs go on at a time. The experiments themselves are its own business.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/header_first.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/validate_command.h"
#include "net-sim/validate_page.h"

namespace {

using sim::Check;
using sim::Experiment;
using sim::Finding;
using sim::Observed;

// Each run measures the seed; three of them: 1, 2 and 3, a mean of 2 between -0.48 and 4.48.
Experiment seeds_as_values(const Check& check) {
  return {.suite = "test",
          .name = "test.seeds",
          .yaml = "# What is the seed?\nduration: 1 s\n",
          .seeds = 3,
          .measure = [](const sim::Scenario& scenario, const sim::Watch&) -> std::vector<Observed> {
            return {{.value = static_cast<double>(scenario.seed.run)}};
          },
          .checks = {check}};
}

Finding found(const Check& check) {
  const auto findings = sim::find_out({seeds_as_values(check)}, 1, true);
  EXPECT_TRUE(findings.ok());
  EXPECT_EQ(findings->size(), 1u);
  return findings->front();
}

Check mean_is(double reference, double tolerance) {
  return {.name = "mean",
          .unit = sim::FindingUnit::seconds,
          .reference = reference,
          .source = "arithmetic",
          .tolerance = tolerance,
          .pool = sim::mean_of_runs};
}

TEST(Validate, AWideIntervalIsNoPass) {
  const Finding wide = found(mean_is(2, 1.2));
  EXPECT_DOUBLE_EQ(wide.ours.value, 2);
  EXPECT_NEAR(wide.ours.high, 4.484, 0.001);
  EXPECT_EQ(wide.runs, 3u);
  EXPECT_FALSE(wide.met);
  EXPECT_TRUE(found(mean_is(2, 1.25)).met);
}

TEST(Validate, OfASampledReferenceTheValueCounts) {
  Check check = mean_is(2.2, 0.1);
  check.rule = sim::Rule::value;
  EXPECT_TRUE(found(check).met);
  check.reference = 2.3;
  EXPECT_FALSE(found(check).met);
}

TEST(Validate, OneRunAloneProvesNothingOfAMean) {
  Experiment once = seeds_as_values(mean_is(1, 0.5));
  once.seeds = 1;
  const auto findings = sim::find_out({once}, 1, true);
  EXPECT_FALSE(findings->front().met);
  EXPECT_EQ(sim::findings_json(*findings, {})["checks"][0]["interval95"],
            sim::Json::parse("[null, null]"));
}

TEST(Validate, ExactlyMeansToTheLastBit) {
  Check check{.name = "only", .reference = 1.0, .source = "a", .pool = sim::of_the_only_run};
  Experiment once = seeds_as_values(check);
  once.seeds = 1;
  EXPECT_TRUE(sim::judge(once, 0, {{.value = 1.0}}, "").met);
  EXPECT_FALSE(sim::judge(once, 0, {{.value = 1.0 + 1e-15}}, "").met);
  once.checks[0].reference.reset();
  EXPECT_TRUE(sim::judge(once, 0, {{.value = 7, .reference = 7}}, "").met);
}

// `met` of three experiments meet their reference; two of three are enough.
std::vector<Finding> of_a_quorum(int met) {
  std::vector<Finding> findings;
  for (int i = 0; i < 3; ++i) {
    Experiment one = seeds_as_values(mean_is(i < met ? 2 : 0.1, 2));
    one.name += std::to_string(i);
    one.checks.push_back(one.checks.front());
    one.checks.front().reference = 2.0;
    one.quorum = sim::Quorum{"test.together", 2, 3};
    for (std::size_t check = 0; check < 2; ++check) {
      findings.push_back(sim::judge(one, check, {{.value = 1}, {.value = 2}, {.value = 3}}, "?"));
    }
  }
  return findings;
}

TEST(Validate, AQuorumIsJudgedTogether) {
  for (int met = 0; met <= 3; ++met) {
    std::vector<Finding> findings = of_a_quorum(met);
    EXPECT_EQ(sim::failed(findings), 0u);
    EXPECT_EQ(sim::met(findings), 3u + static_cast<std::size_t>(met));
    const std::vector<Finding> together = sim::quorum_findings(findings);
    ASSERT_EQ(together.size(), 1u);
    EXPECT_EQ(together[0].ours.value, met);
    EXPECT_EQ(together[0].met, met >= 2);
    EXPECT_EQ(together[0].failed(), met < 2);
    EXPECT_EQ(together[0].runs, 0u);
    findings.resize(4);  // not all of its experiments
    EXPECT_TRUE(sim::quorum_findings(findings).empty());
  }
  const std::string page = sim::findings_page(of_a_quorum(1), {}, false);
  EXPECT_NE(page.find(" miss\n"), std::string::npos);
  EXPECT_NE(page.find("6 checks: 4 pass, 0 fail, 2 miss, judged together;"), std::string::npos);
}

TEST(Validate, SharesArePooledOverRuns) {
  const sim::Estimate estimate =
      sim::share_of_trials({{.successes = 1, .trials = 10}, {.successes = 80, .trials = 253}});
  EXPECT_DOUBLE_EQ(estimate.value, 81.0 / 263);
  EXPECT_NEAR(estimate.low, 0.2553, 5e-5);
}

TEST(Validate, EveryScenarioCanBeReadAndEveryCheckHasASource) {
  std::set<std::string> names;
  for (const Experiment& experiment : sim::all_experiments(true)) {
    const auto scenario = sim::read_scenario_text(experiment.yaml, experiment.name);
    ASSERT_TRUE(scenario.ok()) << scenario.error();
    EXPECT_EQ(scenario->question.back(), '?') << experiment.name;
    EXPECT_EQ(experiment.name.rfind(experiment.suite + ".", 0), 0u) << experiment.name;
    EXPECT_GT(experiment.seeds, 0u);
    ASSERT_FALSE(experiment.checks.empty()) << experiment.name;
    for (const Check& check : experiment.checks) {
      EXPECT_TRUE(names.insert(experiment.name + " " + check.name).second) << check.name;
      EXPECT_FALSE(check.source.empty()) << experiment.name;
    }
  }
}

TEST(Validate, FindingsAreTheSameForAnyNumberOfJobs) {
  std::vector<Experiment> experiments = sim::propagation_experiments();
  for (const Experiment& experiment : sim::determinism_experiments(sim::propagation_experiments()))
    experiments.push_back(experiment);
  experiments.push_back(seeds_as_values(mean_is(2, 2)));
  const auto document = [&](unsigned jobs) {
    const auto findings = sim::find_out(experiments, jobs, true);
    EXPECT_EQ(sim::failed(*findings), 0u);
    return sim::findings_json(*findings, {}).dump();
  };
  EXPECT_EQ(document(1), document(4));
}

TEST(Validate, SuitesAndExperimentsAreSelectedByName) {
  const std::vector<Experiment> all = sim::all_experiments(false);
  EXPECT_EQ(sim::selected(all, "")->size(), all.size());
  for (const std::string& suite : sim::suite_names()) {
    const auto some = sim::selected(all, suite);
    ASSERT_TRUE(some.ok());
    EXPECT_TRUE(std::all_of(some->begin(), some->end(),
                            [&](const Experiment& one) { return one.suite == suite; }));
  }
  EXPECT_EQ(sim::selected(all, "propagation.star")->size(), 1u);
  EXPECT_NE(sim::selected(all, "propagatoin").error().find("did you mean `propagation`?"),
            std::string::npos);
}

TEST(Validate, ColumnsStandUnderTheirTitles) {
  const auto findings = sim::find_out(
      {seeds_as_values(mean_is(2, 2)), sim::propagation_experiments().front()}, 1, true);
  std::istringstream page(sim::findings_page(*findings, {}, false));
  std::string title, line;
  std::getline(page, title);
  for (std::size_t i = 0; i < findings->size(); ++i) {
    std::getline(page, line);
    for (const char* column : {"ours", "reference", "tolerance", "source", "verdict"}) {
      const std::size_t at = title.find(column);
      EXPECT_EQ(line[at - 1], ' ') << line;
      EXPECT_NE(line[at], ' ') << line;
    }
    EXPECT_EQ(line.substr(title.find("verdict")), "pass");
  }
  EXPECT_EQ(sim::findings_page(*findings, {}, false).find('\033'), std::string::npos);
  EXPECT_NE(sim::findings_page(*findings, {}, true).find('\033'), std::string::npos);
}

// --- the suite of published measurements --------------------------

sim::Scenario scenario_of(const Experiment& experiment) {
  const auto scenario = sim::read_scenario_text(experiment.yaml, experiment.name);
  EXPECT_TRUE(scenario.ok());
  return *scenario;
}

Experiment published(const std::string& name) {
  const auto found = sim::selected(sim::all_experiments(true), name);
  EXPECT_TRUE(found.ok());
  return found->front();
}

double mean_size(const sim::Scenario& scenario) {
  const auto& values = scenario.chain.block_size.values;
  double sum = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    sum += static_cast<double>(values[i - 1] + values[i]) / 2;
  }
  return sum / static_cast<double>(values.size() - 1);
}

// What the suite measures of a run without mining but for these events.
std::vector<Observed> measured(const std::string& network, const std::string& events) {
  const auto scenario = sim::read_scenario_text(
      "duration: 4 min\nrelay: block\nchain: {block_size: 0 B}\nnetwork: {" + network +
          ", latency: 50 ms}\nmining: {power: none}\nevents:\n" + events,
      "events");
  EXPECT_TRUE(scenario.ok());
  return published("published.10s").measure(*scenario, {});
}

// In ms: the finder of the first, 50; of the second, 50; then 100 and 50, 150 and 100, 200 and 150.
// The median over pairs of a block and a node would be 100.
TEST(PublishedSuite, TheMedianIsThatOfTheNodesMeans) {
  const auto observed =
      measured("nodes: 5, topology: line",
               "  - {at: 1 min, mine: {node: 0}}\n  - {at: 2 min, mine: {node: 1}}\n");
  ASSERT_EQ(observed.size(), 2u);
  EXPECT_NEAR(observed[1].value, 0.075, 1e-9);
  EXPECT_EQ(observed[0].successes, 0u);
}

TEST(PublishedSuite, OfTwoBlocksAtOnceOneIsStale) {
  const auto observed =
      measured("nodes: 2, topology: line",
               "  - {at: 1 min, mine: {node: 0}}\n  - {at: 1 min, mine: {node: 1}}\n"
               "  - {at: 2 min, mine: {node: 1}}\n");
  EXPECT_EQ(observed[0].successes, 1u);
  EXPECT_EQ(observed[0].trials, 3u);
}

TEST(PublishedSuite, ItsReferencesHaveTheErrorOfTheirTenThousandBlocks) {
  std::size_t rows = 0;
  for (const Experiment& row : sim::published_experiments(false)) {
    const Check& stale = row.checks[0];
    ASSERT_TRUE(stale.reference_interval.has_value());
    const double half = (stale.reference_interval->high - stale.reference_interval->low) / 2;
    EXPECT_GT(half / *stale.reference, 0.08) << row.name;
    EXPECT_LT(half / *stale.reference, 0.17) << row.name;
    EXPECT_EQ(row.checks[0].tolerance, 0.25);
    EXPECT_EQ(row.checks[1].tolerance, 0.25);
    if (!row.quorum) continue;
    ++rows;
    EXPECT_EQ(row.seeds * scenario_of(row).until.count, 10'000u);
    EXPECT_EQ(row.quorum->least, 6u);
    EXPECT_EQ(row.quorum->of, 7u);
  }
  EXPECT_EQ(rows, 7u);
}

TEST(PublishedSuite, BlocksComeAndAreAsLargeAsInTheStudy) {
  const sim::Scenario ten_minutes = scenario_of(published("published.600s"));
  EXPECT_NEAR(ten_minutes.chain.block_interval.seconds(), 631.578, 0.01);  // as they had it
  EXPECT_NEAR(mean_size(ten_minutes), 531'455 + 81, 200);
  const sim::Scenario shortest = scenario_of(published("published.10s"));
  EXPECT_NEAR(mean_size(shortest) - 81, (mean_size(ten_minutes) - 81) / 60, 40);
  EXPECT_EQ(shortest.chain.block_size.values.front(), 522 + 81);
  EXPECT_EQ(scenario_of(published("published.6000.10s")).network.nodes, 6000u);
}

TEST(PublishedSuite, ThePatientRowIsTheSameInAnotherUnitOfTime) {
  const Experiment row = published("published.1500s"), other = published("published.patient.1500s");
  const sim::Scenario slow = scenario_of(row), fast = scenario_of(other);
  const double times = slow.chain.block_interval.seconds() / fast.chain.block_interval.seconds();
  EXPECT_NEAR(chain::kDefaultSyncLimits.body_timeout.seconds() * times, 2 * 1500, 1);
  const auto& rates = slow.network.regions->up[3].values;
  const auto& faster = fast.network.regions->up[3].values;
  EXPECT_NEAR(static_cast<double>(faster[10]) / static_cast<double>(rates[10]), times, 0.01);
  EXPECT_NEAR(slow.chain.validation.per_megabyte.seconds() / times,
              fast.chain.validation.per_megabyte.seconds(), 1e-6);
  EXPECT_NEAR(slow.network.regions->latency[0][1].seconds() / times,
              fast.network.regions->latency[0][1].seconds(), 1e-6);
  EXPECT_EQ(slow.chain.block_size.values, fast.chain.block_size.values);
  EXPECT_FALSE(other.quorum.has_value());  // it fails alone, and explains nothing then
}

// The first forty blocks: far from 10,000, near enough to notice that no body waits for another's,
// which makes it 3 s, or a miner's link ten times too slow.
TEST(PublishedSuite, AFewBlocksOfItsNetworkComeNearTheMedian) {
  const Experiment row = published("published.600s");
  sim::Scenario few = scenario_of(row);
  few.until.count = 40;
  const auto observed = row.measure(few, {});
  EXPECT_GE(observed[0].trials, 40u);
  EXPECT_NEAR(observed[1].value / *row.checks[1].reference, 1, 0.3);
}

}  // namespace
