// What a sweep says of rows, and the values that a key takes.
#include <gtest/gtest.h>

#include "net-sim/sweep/study.h"
#include "net-sim/sweep/values.h"

namespace {

using sim::Json;
using sim::SweepPlan;
using sim::SweepRow;
using Texts = std::vector<std::string>;

Texts swept(const std::string& yaml) {
  sim::Document document = sim::parse_document("key: " + yaml, "plan", {});
  const sim::Value root(document, document.root, "");
  return sim::swept_values(root.members().front().value);
}

std::string refusal(const std::string& yaml) {
  try {
    swept(yaml);
  } catch (const sim::ScenarioError& error) {
    return error.line;
  }
  return "";
}

TEST(SweptValues, ListsAndRanges) {
  EXPECT_EQ(swept("[20, 50]"), (Texts{"20", "50"}));
  EXPECT_EQ(swept("ring"), Texts{"ring"});
  EXPECT_EQ(swept("[{kind: outbound, links: 8}]"), Texts{"{kind: outbound, links: 8}"});
  EXPECT_EQ(swept("3..5"), (Texts{"3", "4", "5"}));
  EXPECT_EQ(swept("{from: 5 s, to: 40 s, steps: 4, scale: log}"),
            (Texts{"5 s", "10 s", "20 s", "40 s"}));
  EXPECT_EQ(swept("{from: 0 %, to: 50 %, steps: 3}"), (Texts{"0 %", "25 %", "50 %"}));
  EXPECT_EQ(swept("{from: 10, to: 1000, steps: 4, scale: log}"), (Texts{"10", "46", "215", "1000"}))
      << "counts stay counts";
  EXPECT_EQ(swept("{from: 40 s, to: 5 s, steps: 2, scale: log}"), (Texts{"40 s", "5 s"}));
}

TEST(SweptValues, Refusals) {
  EXPECT_NE(refusal("{from: 5 s, to: 40, steps: 4}").find("another unit"), std::string::npos);
  EXPECT_NE(refusal("{from: 0 s, to: 40 s, steps: 4, scale: log}").find("with 0 in it"),
            std::string::npos);
  EXPECT_NE(refusal("{from: 1 s, to: 40 s, stops: 4}").find("did you mean `steps`?"),
            std::string::npos);
  EXPECT_NE(refusal("5..3").find("a range such as `1..10`"), std::string::npos);
}

TEST(SweepSummary, NullsAreLongestForTheMedianAlone) {
  const auto summary = sim::summary_of({3, nullptr, 1, 2});
  EXPECT_EQ(summary.n, 3u);
  EXPECT_EQ(summary.n_null, 1u);
  EXPECT_EQ(summary.mean, 2.0);
  EXPECT_EQ(summary.median, 2.5);
  EXPECT_EQ(summary.deviation, 1.0);
  EXPECT_NEAR(*summary.high, 2 + 4.302652729911275 / std::sqrt(3.0), 1e-6) << "Student's, n = 3";
  EXPECT_EQ(sim::summary_of({1, nullptr, nullptr}).median, std::nullopt);
  EXPECT_EQ(sim::summary_of({1, nullptr}).low, std::nullopt);
  EXPECT_EQ(sim::summary_of({nullptr}).mean, std::nullopt);
}

SweepPlan plan_until(double share, std::uint64_t seeds) {
  SweepPlan plan;
  plan.parameters = {"a"};
  plan.points = {{"1"}, {"2"}};
  plan.last_seed = seeds;
  plan.measures = {{"m", "m", "m"}};
  if (share > 0) plan.until = {{0, share}};
  return plan;
}

SweepRow row(std::size_t point, std::uint64_t seed, double value) {
  SweepRow made;
  made.point = point;
  made.seed = seed;
  made.values = {value};
  return made;
}

TEST(SweepStudy, APointIsTheFewestSeedsThatAreEnough) {
  const SweepPlan plan = plan_until(0.1, 9);
  // Of 10, 20 the interval is wide; of 10, 20, 15.1 still; the values of later seeds do not count.
  std::vector<SweepRow> rows;
  for (const double value : {10.0, 20.0, 15.0, 15.0, 15.0, 15.0, 15.0, 15.0, 15.0}) {
    rows.push_back(row(0, rows.size() + 1, value));
  }
  sim::PointRows all;
  for (const SweepRow& each : rows) all.push_back(&each);
  EXPECT_EQ(sim::seeds_that_suffice(plan, {all.begin(), all.begin() + 2}), std::nullopt);
  EXPECT_EQ(sim::seeds_that_suffice(plan, all), 9u);  // 15 +- 1.9 of eight, +- 1.66 of nine: all
  const SweepPlan wide = plan_until(0.2, 9);
  const auto enough = sim::seeds_that_suffice(wide, all);
  ASSERT_TRUE(enough.has_value());
  EXPECT_LT(*enough, 9u);
  std::vector<SweepRow> shuffled(rows.rbegin(), rows.rend());
  EXPECT_EQ(sim::rows_that_count(wide, shuffled).size(), *enough);
  EXPECT_EQ(sim::rows_that_count(plan_until(0, 9), shuffled).size(), 9u);
  shuffled.erase(shuffled.end() - 2);  // seed 2 is missing yet: what is behind it cannot count
  EXPECT_EQ(sim::rows_that_count(wide, shuffled).size(), 1u);
}

TEST(SweepStudy, TheBaselineOfAPoint) {
  SweepPlan plan;
  plan.parameters = {"a", "b"};
  plan.points = {{"1", "x"}, {"1", "y"}, {"2", "x"}, {"2", "y"}};
  plan.baseline = {{0, "1"}};
  EXPECT_EQ(sim::baseline_of(plan, 0), std::nullopt);
  EXPECT_EQ(sim::baseline_of(plan, 3), 1u);
  plan.baseline = {{0, "1"}, {1, "x"}};
  EXPECT_EQ(sim::baseline_of(plan, 3), 0u);
  plan.points.pop_back();
  plan.points.erase(plan.points.begin());
  EXPECT_EQ(sim::baseline_of(plan, 0), std::nullopt) << "a zip need not have it";
}

TEST(SweepPlan, IsTheSameFromItsOwnDocument) {
  SweepPlan plan = plan_until(0.05, 3);
  plan.name = "p";
  plan.fingerprint = "0123456789abcdef";
  plan.baseline = {{0, "1"}};
  const Json json = sim::plan_json(plan);
  EXPECT_EQ(sim::plan_json(sim::plan_from(json)), json);
}

}  // namespace
