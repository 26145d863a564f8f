// The findings of `simchain validate` as a table for people and as a JSON document.
//
// Both say the same: the JSON in plain numbers (seconds, shares of one), the table in units. What
// depends on the machine, the wall time, stands in the last line and under its own key.
#pragma once

#include <string>
#include <vector>

#include "net-sim/report.h"
#include "net-sim/validate.h"

namespace sim {

struct ValidationFacts {
  std::string suite;      // as asked for; "all"
  bool thorough = false;  // --long
  bool interrupted = false;
  std::size_t runs = 0;
  double wall_seconds = 0;
};

std::size_t met(const std::vector<Finding>& findings);
// The rest neither met its reference nor is judged alone.
std::size_t failed(const std::vector<Finding>& findings);

std::string findings_page(const std::vector<Finding>& findings, const ValidationFacts& facts,
                          bool colour);
Json findings_json(const std::vector<Finding>& findings, const ValidationFacts& facts);

}  // namespace sim
