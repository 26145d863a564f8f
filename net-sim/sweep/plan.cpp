#include "net-sim/sweep/plan.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/digest.h"
#include "net-sim/expectation.h"
#include "net-sim/run_command.h"
#include "net-sim/sweep/values.h"
#include "net-sim/units.h"
#include "net-sim/yaml_value.h"

namespace sim {
namespace {

struct KnownMeasure {
  const char* name;
  const char* column;
  const char* path;
};
constexpr KnownMeasure kKnownMeasures[] = {
    {"convergence_time", "convergence_time_seconds", ""},
    {"stale_rate", "stale_rate", "stale_rate.of_all"},
    {"forked_heights", "forked_heights", "stale_rate.forked_heights"},
    {"propagation_time", "propagation_time_seconds", "propagation_seconds.p50"},
    {"bytes_total", "bytes_total", "bytes_total"},
    {"reorg_depth", "reorg_depth", "reorgs.max_depth"},
    {"attack_rate", "attack_rate", "attack.rate"},
    {"attack_revenue", "attack_revenue", "attack.revenue"},
};
const std::vector<std::string> kPlanKeys{"scenario", "vary",  "seeds",
                                         "measure",  "until", "compare"};
// What only some runs have.
const std::vector<std::string> kOptionalParts{"attack", "violations"};

std::string text_of_file(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// The document of a run that hardly takes place, to know what documents have.
Json smallest_report() {
  const auto scenario = read_scenario_text("duration: 1 s\nnetwork: {nodes: 2}\n", "smallest");
  const auto simulator = Simulator::create(*scenario);
  return run_report(**simulator, (*simulator)->run([] { return std::nullopt; }), {});
}

SweepMeasure measure_of(const Value& value, const std::string& name, const Json& example) {
  std::vector<std::string> words;
  for (const KnownMeasure& known : kKnownMeasures) {
    if (name == known.name) return {name, known.column, known.path};
    words.push_back(known.name);
  }
  const std::string first = name.substr(0, name.find('.'));
  for (const auto& [key, unused] : example.items()) words.push_back(key);
  for (const std::string& part : kOptionalParts) words.push_back(part);
  const Json* there = at_path(example, first);
  const bool optional = std::count(kOptionalParts.begin(), kOptionalParts.end(), first) > 0;
  if (there == nullptr && !optional) {
    value.fail_unknown("no measure `" + name + "`", first, words);
  }
  const bool whole =
      name == first && there != nullptr && (there->is_structured() || there->is_string());
  if (whole) value.fail("`" + name + "`, which is no number", "a path such as `blocks.stale`");
  return {name, name, name};
}

// One measure, or one divided by another.
SweepMeasure measure_of(const Value& value, const Json& example) {
  const std::string& name = value.text_or_fail("the name of a measure");
  const std::size_t slash = name.find('/');
  SweepMeasure measure = measure_of(value, name.substr(0, slash), example);
  if (slash == std::string::npos) return measure;
  const SweepMeasure over = measure_of(value, name.substr(slash + 1), example);
  if (over.path.empty()) value.fail("`" + name + "`", "a divisor that is no convergence time");
  return {name, measure.column + "/" + over.column, measure.path, over.path};
}

Json number_at(const Json& report, const std::string& path) {
  const Json* value = at_path(report, path);
  return value != nullptr && value->is_number() ? *value : Json(nullptr);
}

// Null if there was none, or one that was not reached.
Json longest_convergence(const Json& report) {
  Json longest = nullptr;
  for (const Json& entry : report["convergence"]) {
    const Json& seconds = entry["seconds"];
    if (seconds.is_null()) return nullptr;
    if (longest.is_null() || seconds > longest) longest = seconds;
  }
  return longest;
}

class PlanReader {
 public:
  PlanReader(const std::string& text, const std::string& file)
      : document_(parse_document(text, file, {})), file_(file) {
    plan_.name = std::filesystem::path(file).stem().string();
  }

  SweepPlanRead read() {
    const Value root(document_, document_.root, "");
    if (!root.is_map()) root.fail(root.described(), "a map with `scenario`, `seeds`, `measure`");
    for (const Value::Member& member : root.members()) {
      if (std::count(kPlanKeys.begin(), kPlanKeys.end(), member.key) == 0) {
        member.key_place.fail_unknown("no key `" + member.key + "` in a plan", member.key,
                                      kPlanKeys);
      }
    }
    read_scenario_name(root);
    plan_.points.emplace_back();
    with(root, "vary", [&](const Value& vary) { read_vary(vary); });
    with(root, "seeds", [&](const Value& seeds) { read_seeds(seeds); });
    read_measures(root);
    with(root, "until", [&](const Value& until) { read_until(until); });
    with(root, "compare", [&](const Value& compare) { read_compare(compare); });
    std::vector<Scenario> scenarios = read_points();
    return {std::move(plan_), std::move(scenarios)};
  }

 private:
  template <typename Read>
  bool with(const Value& map, const std::string& key, const Read& read) {
    for (const Value::Member& member : map.members()) {
      if (member.key != key) continue;
      read(member.value);
      return true;
    }
    return false;
  }

  void read_scenario_name(const Value& root) {
    const bool given = with(root, "scenario", [&](const Value& value) {
      const std::string& name = value.text_or_fail("the path of a scenario file");
      scenario_ = (std::filesystem::path(file_).parent_path() / name).string();
      if (!std::filesystem::is_regular_file(scenario_)) {
        value.fail("no file " + scenario_, "a scenario's path, relative to the plan");
      }
    });
    if (!given) root.fail("no `scenario`", "the path of one");
    text_ = text_of_file(scenario_);
  }

  // Crosses what there is with the columns of one key, or of several that move together.
  void cross(const Value& place,
             const std::vector<std::pair<std::string, std::vector<std::string>>>& columns) {
    for (const auto& [key, values] : columns) {
      if (std::count(plan_.parameters.begin(), plan_.parameters.end(), key) > 0) {
        place.fail("`" + key + "` for the second time", "each key once");
      }
      if (values.size() != columns.front().second.size()) {
        place.fail(std::to_string(values.size()) + " values of `" + key + "`",
                   "as many as of `" + columns.front().first + "`, " +
                       std::to_string(columns.front().second.size()));
      }
      plan_.parameters.push_back(key);
    }
    if (columns.empty()) return;
    const std::size_t count = columns.front().second.size();
    if (count * plan_.points.size() > kMostPoints) {
      place.fail("more than " + std::to_string(kMostPoints) + " points", "fewer");
    }
    std::vector<std::vector<std::string>> crossed;
    for (const std::vector<std::string>& point : plan_.points) {
      for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> next = point;
        for (const auto& [key, values] : columns) next.push_back(values[i]);
        crossed.push_back(std::move(next));
      }
    }
    plan_.points = std::move(crossed);
  }

  void read_vary(const Value& vary) {
    if (!vary.is_map()) vary.fail(vary.described(), "a map from keys to values");
    for (const Value::Member& member : vary.members()) {
      if (member.key != "zip") {
        cross(member.value, {{member.key, swept_values(member.value)}});
        continue;
      }
      const Value& zip = member.value;
      for (const Value& group : zip.is_list() ? zip.items() : std::vector<Value>{zip}) {
        if (!group.is_map()) group.fail(group.described(), "a map of keys that move together");
        std::vector<std::pair<std::string, std::vector<std::string>>> columns;
        for (const Value::Member& each : group.members()) {
          columns.emplace_back(each.key, swept_values(each.value));
        }
        cross(group, columns);
      }
    }
  }

  void read_seeds(const Value& value) {
    const std::string& text = value.text_or_fail("a range such as `1..30`");
    const auto seeds = parse_seeds(text);
    if (!seeds) value.fail("`" + text + "`", "a range such as `1..30`, at most a million seeds");
    std::tie(plan_.first_seed, plan_.last_seed) = *seeds;
  }

  void read_measures(const Value& root) {
    const Json example = smallest_report();
    const bool given = with(root, "measure", [&](const Value& measures) {
      for (const Value& each :
           measures.is_list() ? measures.items() : std::vector<Value>{measures}) {
        SweepMeasure measure = measure_of(each, example);
        for (const SweepMeasure& other : plan_.measures) {
          if (other.column == measure.column)
            each.fail("`" + measure.name + "` for the second time", "each once");
        }
        plan_.measures.push_back(std::move(measure));
      }
    });
    if (!given || plan_.measures.empty()) root.fail("no `measure`", "a list of measures");
  }

  std::size_t index_of_measure(const Value& place, const std::string& name) {
    std::vector<std::string> names;
    for (const SweepMeasure& measure : plan_.measures) names.push_back(measure.name);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      place.fail_unknown("`" + name + "`, which is not measured", name, names);
    return static_cast<std::size_t>(found - names.begin());
  }

  void read_until(const Value& until) {
    if (!until.is_map()) until.fail(until.described(), "a map such as `{stale_rate: ±5 %}`");
    for (const Value::Member& member : until.members()) {
      const std::string& text = member.value.text_or_fail("a share such as `±5 %`");
      constexpr std::string_view kPlusMinus = "±";
      const auto share = parse_quantity(
          text.starts_with(kPlusMinus) ? text.substr(kPlusMinus.size()) : text, Dimension::share);
      if (!share || *share <= 0) member.value.fail("`" + text + "`", "a share such as `±5 %`");
      plan_.until.emplace_back(index_of_measure(member.key_place, member.key),
                               static_cast<double>(*share) / 1e9);
    }
  }

  void read_compare(const Value& compare) {
    const bool given =
        compare.is_map() && with(compare, "baseline", [&](const Value& baseline) {
          if (!baseline.is_map()) baseline.fail(baseline.described(), "a map of parameters");
          for (const Value::Member& member : baseline.members()) {
            const auto found =
                std::find(plan_.parameters.begin(), plan_.parameters.end(), member.key);
            if (found == plan_.parameters.end()) {
              member.key_place.fail_unknown("`" + member.key + "`, which does not vary", member.key,
                                            plan_.parameters);
            }
            const auto index = static_cast<std::size_t>(found - plan_.parameters.begin());
            const std::string value = member.value.yaml();
            const bool taken =
                std::any_of(plan_.points.begin(), plan_.points.end(),
                            [&](const auto& point) { return point[index] == value; });
            if (!taken)
              member.value.fail("`" + value + "`", "one of the values of `" + member.key + "`");
            plan_.baseline.emplace_back(index, value);
          }
        });
    if (!given || plan_.baseline.empty()) {
      compare.fail("no baseline", "`{baseline: {key: value}}`");
    }
  }

  std::vector<Scenario> read_points() {
    std::vector<Scenario> scenarios;
    for (const std::vector<std::string>& point : plan_.points) {
      std::vector<Override> overrides;
      for (std::size_t i = 0; i < point.size(); ++i) {
        overrides.push_back({plan_.parameters[i], point[i]});
      }
      auto scenario = read_scenario_text(text_, scenario_, overrides);
      if (!scenario) throw ScenarioError{file_ + ": " + scenario.error()};
      scenarios.push_back(std::move(*scenario));
    }
    return scenarios;
  }

 public:
  const std::string& scenario_text() const { return text_; }

 private:
  Document document_;
  const std::string file_;
  SweepPlan plan_;
  std::string scenario_, text_;
};

}  // namespace

chain::Result<SweepPlanRead> read_sweep_plan(const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) {
    return chain::Error(file + ": no such file; expected a plan");
  }
  const std::string text = text_of_file(file);
  try {
    PlanReader reader(text, file);
    SweepPlanRead read = reader.read();
    chain::WordHash hash;
    for (const std::string& part : {text, reader.scenario_text()}) {
      hash.mix(part.size());
      for (const char c : part) hash.mix(static_cast<unsigned char>(c));
    }
    read.plan.fingerprint = chain::hex16(hash.value());
    return read;
  } catch (const ScenarioError& error) {
    return chain::Error(error.line);
  }
}

Json plan_json(const SweepPlan& plan) {
  Json measures = Json::array();
  for (const SweepMeasure& each : plan.measures) {
    measures.push_back({each.name, each.column, each.path, each.over});
  }
  return {{"name", plan.name},
          {"fingerprint", plan.fingerprint},
          {"parameters", plan.parameters},
          {"points", plan.points},
          {"seeds", {plan.first_seed, plan.last_seed}},
          {"measures", measures},
          {"until", plan.until},
          {"baseline", plan.baseline}};
}

SweepPlan plan_from(const Json& json) {
  SweepPlan plan;
  json.at("name").get_to(plan.name);
  json.at("fingerprint").get_to(plan.fingerprint);
  json.at("parameters").get_to(plan.parameters);
  json.at("points").get_to(plan.points);
  json.at("seeds").at(0).get_to(plan.first_seed);
  json.at("seeds").at(1).get_to(plan.last_seed);
  for (const Json& each : json.at("measures")) {
    plan.measures.push_back({each.at(0), each.at(1), each.at(2), each.at(3)});
  }
  json.at("until").get_to(plan.until);
  json.at("baseline").get_to(plan.baseline);
  return plan;
}

Json measured(const SweepMeasure& measure, const Json& report) {
  const Json value =
      measure.path.empty() ? longest_convergence(report) : number_at(report, measure.path);
  if (measure.over.empty() || value.is_null()) return value;
  const Json over = number_at(report, measure.over);
  if (over.is_null() || over == 0) return nullptr;
  return value.get<double>() / over.get<double>();
}

}  // namespace sim
