#include "net-sim/validate_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/version.h"

namespace sim {
namespace {

const char* verdict_of(const Finding& finding) {
  return finding.met ? "pass" : finding.failed() ? "FAIL" : "miss";
}

std::string formatted(double value, const char* format) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// Without its unit, so that two can share one.
std::string bare(double value, FindingUnit unit) {
  switch (unit) {
    case FindingUnit::share:
      return formatted(value * 100, "%.3f");
    case FindingUnit::seconds:
      return formatted(value, "%.4g");
    case FindingUnit::exact_seconds:
      return formatted(value, "%.9f");
    case FindingUnit::sameness:
      return value == 1 ? "same" : "different";
    case FindingUnit::count:
      return formatted(value, "%.0f");
  }
  return "";
}

const char* sign_of(FindingUnit unit) {
  switch (unit) {
    case FindingUnit::share:
      return " %";
    case FindingUnit::seconds:
    case FindingUnit::exact_seconds:
      return " s";
    case FindingUnit::sameness:
    case FindingUnit::count:
      return "";
  }
  return "";
}

std::string with_unit(double value, FindingUnit unit) { return bare(value, unit) + sign_of(unit); }

std::string interval(const Estimate& estimate, FindingUnit unit) {
  if (std::isinf(estimate.low)) return "unknown";
  if (estimate.low == estimate.high) return "-";
  return bare(estimate.low, unit) + " to " + with_unit(estimate.high, unit);
}

std::string reference(const Finding& finding) {
  const FindingUnit unit = finding.check.unit;
  const auto& sampled = finding.check.reference_interval;
  return with_unit(finding.reference, unit) +
         (sampled ? " (" + interval(*sampled, unit) + ")" : "");
}

std::string tolerance(const Check& check) {
  if (check.rule == Rule::at_least) return "or more";
  return check.tolerance == 0 ? "exactly" : formatted(check.tolerance * 100, "%.3g") + " %";
}

using Row = std::array<std::string, 7>;

Row row_of(const Finding& finding) {
  const Check& check = finding.check;
  return {finding.name(),
          with_unit(finding.ours.value, check.unit),
          interval(finding.ours, check.unit),
          reference(finding),
          tolerance(check),
          check.source,
          verdict_of(finding)};
}

// The columns that a terminal shows, not the bytes: UTF-8's further bytes take no room.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string coloured(const std::string& verdict, bool colour) {
  if (!colour) return verdict;
  return (verdict == "pass" ? "\033[32m" : "\033[31m") + verdict + "\033[0m";
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json interval_json(const std::optional<Estimate>& estimate) {
  if (!estimate) return nullptr;
  return {number_or_null(estimate->low), number_or_null(estimate->high)};
}

Json check_json(const Finding& finding) {
  const Check& check = finding.check;
  static constexpr const char* kUnitWords[] = {"share", "seconds", "seconds", "sameness", "count"};
  static constexpr const char* kRules[] = {"whole interval", "value", "at least"};
  return {{"suite", finding.suite},
          {"check", finding.name()},
          {"question", finding.question},
          {"unit", kUnitWords[static_cast<std::size_t>(check.unit)]},
          {"runs", finding.runs},
          {"value", finding.ours.value},
          {"interval95", interval_json(finding.ours)},
          {"reference", finding.reference},
          {"reference_interval95", interval_json(check.reference_interval)},
          {"tolerance", check.tolerance},
          {"judged", kRules[static_cast<std::size_t>(check.rule)]},
          {"source", check.source},
          {"verdict", finding.failed() ? "fail" : verdict_of(finding)}};
}

}  // namespace

std::size_t failed(const std::vector<Finding>& findings) {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [](const Finding& finding) { return finding.failed(); }));
}

std::size_t met(const std::vector<Finding>& findings) {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [](const Finding& finding) { return finding.met; }));
}

std::string findings_page(const std::vector<Finding>& findings, const ValidationFacts& facts,
                          bool colour) {
  std::vector<Row> rows{
      {"check", "ours", "95 % interval", "reference", "tolerance", "source", "verdict"}};
  for (const Finding& finding : findings) rows.push_back(row_of(finding));
  std::array<std::size_t, 7> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      text += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    text += coloured(row.back(), colour && &row != &rows.front()) + "\n";
  }
  const std::size_t good = met(findings), bad = failed(findings);
  const std::size_t missed = findings.size() - good - bad;
  text += "\n" + std::to_string(findings.size()) + " checks: " + std::to_string(good) + " pass, " +
          std::to_string(bad) + " fail" +
          (missed > 0 ? ", " + std::to_string(missed) + " miss, judged together" : "") + "; " +
          std::to_string(facts.runs) + " runs in " + formatted(facts.wall_seconds, "%.1f") + " s\n";
  return text;
}

Json findings_json(const std::vector<Finding>& findings, const ValidationFacts& facts) {
  Json checks = Json::array();
  for (const Finding& finding : findings) checks.push_back(check_json(finding));
  return {{"version", std::string(chain::version())},
          {"suite", facts.suite},
          {"long", facts.thorough},
          {"interrupted", facts.interrupted},
          {"checks", checks},
          {"passed", met(findings)},
          {"failed", failed(findings)},
          {"runs", facts.runs},
          {"wall_seconds", facts.wall_seconds}};
}

}  // namespace sim
