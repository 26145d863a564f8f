// What rows say together: which of them count, and the statistics of each point.
//
// Pure: rows in, tables of numbers out, whoever made the rows and in whatever order. A point's
// values are taken in the order of seeds. Where the plan has `until`, a point is the smallest
// number of its first seeds that is enough, so that runs which went on beside do not change the
// outcome.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "net-sim/statistics.h"
#include "net-sim/sweep/journal.h"

namespace sim {

// Of one measure at one point.
struct SweepSummary {
  std::size_t n = 0;       // values
  std::size_t n_null = 0;  // runs that had none
  // Where there are enough values.
  std::optional<double> mean = {}, median = {}, deviation = {}, low = {}, high = {};
};

// `values`: of runs in the order of seeds, null where a run has none. A null counts as longest for
// the median, and for nothing else. The interval is Student's, of 95 %.
SweepSummary summary_of(const std::vector<Json>& values);

// Rows of one point in the order of seeds, from the plan's first on.
using PointRows = std::vector<const SweepRow*>;

// Whether the first `count` rows of a point are enough: all seeds, or intervals that are narrow.
bool suffice(const SweepPlan& plan, const PointRows& rows, std::size_t count);

// Of the rows that are there without a gap, how many count; nothing while more are needed.
std::optional<std::size_t> seeds_that_suffice(const SweepPlan& plan, const PointRows& rows);

// The rows that count, by point and seed. Of a point that needs more rows, those that there are.
std::vector<SweepRow> rows_that_count(const SweepPlan& plan, std::vector<SweepRow> rows);

// Of rows that count: those of a point.
std::span<const SweepRow> rows_of(const std::vector<SweepRow>& rows, std::size_t point);

// The values of a measure, a row each.
std::vector<Json> values_of(std::span<const SweepRow> rows, std::size_t measure);

// Of a point: the one that has the baseline's values and its own otherwise; nothing for those of
// the baseline themselves.
std::optional<std::size_t> baseline_of(const SweepPlan& plan, std::size_t point);

}  // namespace sim
