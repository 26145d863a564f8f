#include "net-sim/expectation.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "net-sim/units.h"

namespace sim {
namespace {

struct Verdict {
  bool met = false;
  std::string measured;
};

std::string rounded(double value, const char* format = "%.6g") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string in_seconds(double seconds) { return rounded(seconds, "%.6g s"); }

// A value in the unit in which its bound was written.
std::string measured_text(const Expectation& expectation, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return value.dump();
  const std::optional<Bound>& bound = expectation.below   ? expectation.below
                                      : expectation.above ? expectation.above
                                                          : expectation.low;
  const auto quantity = parse_quantity(bound ? bound->text : "");
  const Dimension dimension = quantity.ok() ? quantity->dimension : Dimension::number;
  if (dimension == Dimension::share) return rounded(100 * value.get<double>(), "%.4g %%");
  if (dimension == Dimension::time) return in_seconds(value.get<double>());
  const std::string number = value.is_number_float() ? rounded(value.get<double>()) : value.dump();
  return dimension == Dimension::size ? number + " B" : number;
}

Verdict judge_convergence(const Expectation& expectation, const ConvergenceTracker& convergence) {
  if (expectation.after.empty()) {
    return {convergence.agree(expectation.depth),
            std::to_string(convergence.distinct_tips()) + " distinct tips at the end"};
  }
  double longest = -1;
  for (const Convergence& entry : convergence.entries()) {
    if (entry.after != expectation.after) continue;
    if (!entry.took) {
      return {false,
              "never, after the " + expectation.after + " at " + in_seconds(entry.at.seconds())};
    }
    longest = std::max(longest, entry.took->seconds());
  }
  if (longest < 0) return {false, "no " + expectation.after + " took place"};
  const bool met = !expectation.within || longest <= expectation.within->seconds();
  return {met, in_seconds(longest)};
}

bool within_bounds(const Expectation& expectation, double value) {
  return (!expectation.below || value < expectation.below->number) &&
         (!expectation.above || value > expectation.above->number) &&
         (!expectation.low || value >= expectation.low->number) &&
         (!expectation.high || value <= expectation.high->number);
}

bool equal_to(const Expectation& expectation, const Json& value) {
  if (!expectation.equals) return true;
  if (const auto* text = std::get_if<std::string>(&*expectation.equals)) return value == *text;
  if (const auto* truth = std::get_if<bool>(&*expectation.equals)) return value == *truth;
  return value.is_number() && value.get<double>() == std::get<Bound>(*expectation.equals).number;
}

Verdict judge_value(const Expectation& expectation, const Json& report) {
  const Json* value = at_path(report, expectation.path);
  if (value == nullptr) return {false, "there is no " + expectation.path + " in this run"};
  if (value->is_null()) return {false, "null"};
  const bool bounded =
      expectation.below || expectation.above || expectation.low || expectation.high;
  if (bounded && !value->is_number()) return {false, value->dump() + ", no number"};
  const bool met = (!bounded || within_bounds(expectation, value->get<double>())) &&
                   equal_to(expectation, *value);
  return {met, measured_text(expectation, *value)};
}

}  // namespace

const Json* at_path(const Json& report, const std::string& path) {
  const Json* value = &report;
  std::stringstream parts(path);
  for (std::string part; std::getline(parts, part, '.');) {
    if (value->is_array()) {
      const bool number =
          !part.empty() && part.size() < 10 &&
          std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!number || std::stoul(part) >= value->size()) return nullptr;
      value = &(*value)[std::stoul(part)];
    } else {
      if (!value->is_object() || !value->contains(part)) return nullptr;
      value = &(*value)[part];
    }
  }
  return value;
}

Json convergence_json(const ConvergenceTracker& tracker) {
  Json list = Json::array();
  for (const Convergence& entry : tracker.entries()) {
    list.push_back({{"after", entry.after},
                    {"at_seconds", entry.at.seconds()},
                    {"seconds", entry.took ? Json(entry.took->seconds()) : Json(nullptr)}});
  }
  return list;
}

Json judge(const Scenario& scenario, const Json& report, const TrackerOf& tracker_of) {
  Json verdicts = Json::array();
  for (const Expectation& expectation : scenario.expect) {
    Verdict verdict;
    switch (expectation.kind) {
      case Expectation::Kind::converged:
        verdict = judge_convergence(expectation, tracker_of(expectation.depth));
        break;
      case Expectation::Kind::value:
        verdict = judge_value(expectation, report);
        break;
      case Expectation::Kind::digest:
        verdict = {report["digest"] == expectation.digest, report["digest"].get<std::string>()};
        break;
    }
    verdicts.push_back({{"expect", expectation.text},
                        {"verdict", verdict.met ? "met" : "not met"},
                        {"measured", verdict.measured}});
  }
  return verdicts;
}

bool all_met(const Json& report) {
  return std::all_of(report["expectations"].begin(), report["expectations"].end(),
                     [](const Json& entry) { return entry["verdict"] == "met"; });
}

}  // namespace sim
