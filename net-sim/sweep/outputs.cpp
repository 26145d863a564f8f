#include "net-sim/sweep/outputs.h"

#include <algorithm>

#include "net-sim/csv.h"
#include "net-sim/output_file.h"
#include "net-sim/sweep/database.h"

namespace sim {
namespace {

Json cell(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

// A number of the plan stays one, so that `ORDER BY` and plots need no second thought.
Json parameter_cell(const std::string& text) {
  const Json number = Json::parse(text, nullptr, false);
  return number.is_number() ? number : Json(text);
}

void add_parameters(const SweepPlan& plan, std::size_t point, std::vector<Json>& row) {
  for (const std::string& value : plan.points[point]) row.push_back(parameter_cell(value));
}

TextTable runs_table(const SweepPlan& plan, const std::vector<SweepRow>& rows) {
  TextTable table{"runs", {"point"}, {}};
  table.columns.insert(table.columns.end(), plan.parameters.begin(), plan.parameters.end());
  table.columns.insert(table.columns.end(), {"seed", "digest"});
  for (const SweepMeasure& measure : plan.measures) table.columns.push_back(measure.column);
  table.columns.push_back("error");
  for (const SweepRow& row : rows) {
    std::vector<Json> cells{row.point};
    add_parameters(plan, row.point, cells);
    cells.push_back(row.seed);
    cells.push_back(row.digest.empty() ? Json(nullptr) : Json(row.digest));
    for (std::size_t i = 0; i < plan.measures.size(); ++i) {
      cells.push_back(row.values.empty() ? Json(nullptr) : row.values[i]);
    }
    cells.push_back(row.error.empty() ? Json(nullptr) : Json(row.error));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void add_summary(const SweepSummary& summary, std::vector<Json>& cells) {
  cells.push_back(summary.n);
  cells.push_back(summary.n_null);
  for (const auto& value :
       {summary.mean, summary.median, summary.deviation, summary.low, summary.high}) {
    cells.push_back(cell(value));
  }
}

const std::vector<std::string> kSummaryColumns{
    "measure", "n", "n_null", "mean", "median", "standard_deviation", "low95", "high95"};

// A row a point and measure.
TextTable summary_table(const SweepPlan& plan, const std::vector<SweepRow>& rows) {
  TextTable table{"summary", {"point"}, {}};
  table.columns.insert(table.columns.end(), plan.parameters.begin(), plan.parameters.end());
  table.columns.insert(table.columns.end(), kSummaryColumns.begin(), kSummaryColumns.end());
  for (std::size_t point = 0; point < plan.points.size(); ++point) {
    const std::span<const SweepRow> of_point = rows_of(rows, point);
    if (of_point.empty()) continue;  // not run yet
    for (std::size_t i = 0; i < plan.measures.size(); ++i) {
      std::vector<Json> cells{point};
      add_parameters(plan, point, cells);
      cells.push_back(plan.measures[i].column);
      add_summary(summary_of(values_of(of_point, i)), cells);
      table.rows.push_back(std::move(cells));
    }
  }
  return table;
}

// Of a point to its baseline: the difference of each measure, seed by seed, where both have a
// value; and under it what all seeds say together.
struct Paired {
  TextTable differences{"paired", {"point", "baseline"}, {}};
  TextTable summary{"paired_summary", {"point", "baseline"}, {}};
};

Paired paired_tables(const SweepPlan& plan, const std::vector<SweepRow>& rows) {
  Paired paired;
  for (TextTable* table : {&paired.differences, &paired.summary}) {
    table->columns.insert(table->columns.end(), plan.parameters.begin(), plan.parameters.end());
  }
  auto& columns = paired.differences.columns;
  columns.push_back("seed");
  for (const SweepMeasure& measure : plan.measures)
    columns.push_back(measure.column + "_difference");
  paired.summary.columns.insert(paired.summary.columns.end(), kSummaryColumns.begin(),
                                kSummaryColumns.end());
  for (std::size_t point = 0; point < plan.points.size(); ++point) {
    const auto baseline = baseline_of(plan, point);
    if (!baseline) continue;
    std::vector<std::vector<Json>> by_measure(plan.measures.size());
    const std::span<const SweepRow> others = rows_of(rows, *baseline);
    for (const SweepRow& row : rows_of(rows, point)) {
      const auto other =
          std::lower_bound(others.begin(), others.end(), row.seed,
                           [](const SweepRow& r, std::uint64_t seed) { return r.seed < seed; });
      if (other == others.end() || other->seed != row.seed) continue;
      std::vector<Json> cells{point, *baseline};
      add_parameters(plan, point, cells);
      cells.push_back(row.seed);
      for (std::size_t i = 0; i < plan.measures.size(); ++i) {
        const bool both = !row.values.empty() && !other->values.empty() &&
                          row.values[i].is_number() && other->values[i].is_number();
        const Json difference =
            both ? Json(row.values[i].get<double>() - other->values[i].get<double>())
                 : Json(nullptr);
        by_measure[i].push_back(difference);
        cells.push_back(difference);
      }
      paired.differences.rows.push_back(std::move(cells));
    }
    for (std::size_t i = 0; i < plan.measures.size(); ++i) {
      if (by_measure[i].empty()) continue;
      std::vector<Json> cells{point, *baseline};
      add_parameters(plan, point, cells);
      cells.push_back(plan.measures[i].column + "_difference");
      add_summary(summary_of(by_measure[i]), cells);
      paired.summary.rows.push_back(std::move(cells));
    }
  }
  return paired;
}

TextTable timing_table(std::vector<SweepRow> rows) {
  std::sort(rows.begin(), rows.end());
  TextTable table{"timing", {"point", "seed", "wall_seconds", "peak_memory_bytes", "host"}, {}};
  for (const SweepRow& row : rows) {
    table.rows.push_back({row.point, row.seed, row.wall_seconds, row.peak_memory_bytes, row.host});
  }
  return table;
}

}  // namespace

chain::Result<std::filesystem::path> write_sweep(const std::filesystem::path& directory,
                                                 const SweepPlan& plan,
                                                 const std::vector<SweepRow>& rows) {
  const std::vector<SweepRow> counted = rows_that_count(plan, rows);
  std::vector<TextTable> tables{runs_table(plan, counted), summary_table(plan, counted)};
  if (!plan.baseline.empty()) {
    Paired paired = paired_tables(plan, counted);
    tables.push_back(std::move(paired.differences));
    tables.push_back(std::move(paired.summary));
  }
  const auto stored = write_database(directory / "results.sqlite", tables);
  if (!stored) return chain::Error(stored.error());
  tables.push_back(timing_table(rows));
  for (const TextTable& table : tables) {
    const std::filesystem::path file = directory / (table.name + ".csv");
    if (!write_file(file, csv_text(table))) return chain::Error("cannot write " + file.string());
  }
  return directory;
}

}  // namespace sim
