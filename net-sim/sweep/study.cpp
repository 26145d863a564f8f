#include "net-sim/sweep/study.h"

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

std::vector<double> numbers_in(const std::vector<Json>& values) {
  std::vector<double> numbers;
  for (const Json& value : values) {
    if (value.is_number()) numbers.push_back(value.get<double>());
  }
  return numbers;
}

// Nulls are longer than all; of two in the middle the mean.
std::optional<double> median_of(std::vector<double> numbers, std::size_t n_null) {
  std::sort(numbers.begin(), numbers.end());
  const std::size_t all = numbers.size() + n_null;
  if (all == 0 || all / 2 >= numbers.size()) return std::nullopt;
  const double upper = numbers[all / 2];
  return all % 2 == 1 ? upper : (numbers[all / 2 - 1] + upper) / 2;
}

bool is_narrow(const SweepPlan& plan, const PointRows& rows, std::size_t count) {
  return std::all_of(plan.until.begin(), plan.until.end(), [&](const auto& target) {
    std::vector<Json> values;
    for (std::size_t i = 0; i < count; ++i) {
      if (!rows[i]->values.empty()) values.push_back(rows[i]->values[target.first]);
    }
    const std::vector<double> numbers = numbers_in(values);
    if (numbers.size() < 2) return false;
    const Estimate estimate = mean_estimate(numbers);
    return estimate.high - estimate.value <= target.second * std::abs(estimate.value);
  });
}

}  // namespace

SweepSummary summary_of(const std::vector<Json>& values) {
  const std::vector<double> numbers = numbers_in(values);
  SweepSummary summary{.n = numbers.size(), .n_null = values.size() - numbers.size()};
  summary.median = median_of(numbers, summary.n_null);
  if (numbers.empty()) return summary;
  summary.mean = mean(numbers);
  if (numbers.size() < 2) return summary;
  summary.deviation = standard_deviation(numbers);
  const Estimate estimate = mean_estimate(numbers);
  summary.low = estimate.low;
  summary.high = estimate.high;
  return summary;
}

bool suffice(const SweepPlan& plan, const PointRows& rows, std::size_t count) {
  return count == plan.seeds() || (!plan.until.empty() && is_narrow(plan, rows, count));
}

std::optional<std::size_t> seeds_that_suffice(const SweepPlan& plan, const PointRows& rows) {
  for (std::size_t n = plan.until.empty() ? rows.size() : 1; n <= rows.size(); ++n) {
    if (suffice(plan, rows, n)) return n;
  }
  return std::nullopt;
}

std::vector<SweepRow> rows_that_count(const SweepPlan& plan, std::vector<SweepRow> rows) {
  std::sort(rows.begin(), rows.end());
  if (plan.until.empty()) return rows;
  std::vector<SweepRow> counted;
  for (std::size_t i = 0; i < rows.size();) {
    PointRows of_point;
    const std::size_t point = rows[i].point;
    for (; i < rows.size() && rows[i].point == point; ++i) {
      if (rows[i].seed == plan.first_seed + of_point.size()) of_point.push_back(&rows[i]);
    }
    const std::size_t count = seeds_that_suffice(plan, of_point).value_or(of_point.size());
    for (std::size_t k = 0; k < count; ++k) counted.push_back(*of_point[k]);
  }
  return counted;
}

std::span<const SweepRow> rows_of(const std::vector<SweepRow>& rows, std::size_t point) {
  const auto before = [](const SweepRow& row, std::size_t of) { return row.point < of; };
  const auto first = std::lower_bound(rows.begin(), rows.end(), point, before);
  const auto last = std::lower_bound(first, rows.end(), point + 1, before);
  return {first, last};
}

std::vector<Json> values_of(std::span<const SweepRow> rows, std::size_t measure) {
  std::vector<Json> values;
  for (const SweepRow& row : rows) {
    values.push_back(row.values.empty() ? Json(nullptr) : row.values[measure]);
  }
  return values;
}

std::optional<std::size_t> baseline_of(const SweepPlan& plan, std::size_t point) {
  std::vector<std::string> wanted = plan.points[point];
  bool is_baseline = true;
  for (const auto& [parameter, value] : plan.baseline) {
    is_baseline = is_baseline && wanted[parameter] == value;
    wanted[parameter] = value;
  }
  if (is_baseline) return std::nullopt;
  const auto found = std::find(plan.points.begin(), plan.points.end(), wanted);
  if (found == plan.points.end()) return std::nullopt;
  return static_cast<std::size_t>(found - plan.points.begin());
}

}  // namespace sim
