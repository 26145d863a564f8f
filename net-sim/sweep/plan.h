// A sweep's plan: a scenario, what of it varies, with which seeds, and what is measured.
//
//   vary: {a: [1, 2], zip: {b: [x, y], c: [u, v]}}   -->  points (1,x,u) (1,y,v) (2,x,u) (2,y,v)
//
// Keys are crossed in the order of the file, the last one varies fastest; what stands under `zip`
// moves together. Every point has the same seeds (common random numbers), so that two points differ
// by what varies and not by luck. A plan is read strictly, as scenarios are, and each of its points
// with it, before anything is run.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "net-sim/report.h"

namespace sim {

struct SweepMeasure {
  std::string name;       // as the plan has it
  std::string column;     // with its unit
  std::string path;       // into the JSON of a run; empty: the longest convergence
  std::string over = {};  // a path to divide by, of `bytes_total/blocks.mined`; empty: none
};

struct SweepPlan {
  std::string name;
  std::string fingerprint;              // of the plan and its scenario, 16 hex digits
  std::vector<std::string> parameters;  // the keys that vary
  // At least one; of each the values of all parameters, as overrides have them.
  std::vector<std::vector<std::string>> points;
  std::uint64_t first_seed = 1, last_seed = 1;
  std::vector<SweepMeasure> measures;
  // Of measures, by index: a point is done once the half-width of the 95 % interval of its mean is
  // at most this share of the mean.
  std::vector<std::pair<std::size_t, double>> until;
  std::vector<std::pair<std::size_t, std::string>>
      baseline;  // of parameters, by index: their value

  std::uint64_t seeds() const { return last_seed - first_seed + 1; }
};

inline constexpr std::size_t kMostPoints = 10'000;

// A plan and what its points mean, one scenario for each. An error is one line.
struct SweepPlanRead {
  SweepPlan plan;
  std::vector<Scenario> scenarios;
};
chain::Result<SweepPlanRead> read_sweep_plan(const std::string& file);

// The plan alone, and back again; throws what nlohmann::json throws of a document that is not ours.
Json plan_json(const SweepPlan& plan);
SweepPlan plan_from(const Json& json);

// What a run's document says: a number, or null where it has none.
Json measured(const SweepMeasure& measure, const Json& report);

}  // namespace sim
