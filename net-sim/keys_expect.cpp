// The table of `expect`: what a run must show.
#include <charconv>
#include <cmath>
#include <tuple>

#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

constexpr char kBound[] = "a number, with its unit where it has one";

// --- what a run tells --------------------------------------------

// A path into the JSON of a run, `*` for any part, and what its value is; nothing: a text.
struct ResultPath {
  std::string_view path;
  std::optional<Dimension> dimension = Dimension::number;
};

constexpr ResultPath kResults[] = {
    {"nodes"},
    {"links"},
    {"simulated_seconds", Dimension::time},
    {"ended_by", std::nullopt},
    {"events"},
    {"wall_seconds", Dimension::time},
    {"events_per_second"},
    {"peak_memory_bytes", Dimension::size},
    {"blocks.mined"},
    {"blocks.main_chain"},
    {"blocks.stale"},
    {"stale_rate.of_all", Dimension::share},
    {"stale_rate.of_main_chain", Dimension::share},
    {"stale_rate.forked_heights", Dimension::share},
    {"heights.min"},
    {"heights.max"},
    {"distinct_tips"},
    {"common_prefix.depth"},
    {"convergence.*.after", std::nullopt},
    {"convergence.*.at_seconds", Dimension::time},
    {"convergence.*.seconds", Dimension::time},
    {"propagation_seconds.p50", Dimension::time},
    {"propagation_seconds.p90", Dimension::time},
    {"propagation_seconds.p99", Dimension::time},
    {"propagation_seconds.p100", Dimension::time},
    {"reached_share", Dimension::share},
    {"reorgs.count"},
    {"reorgs.max_depth"},
    {"reorgs.by_depth.*"},
    {"messages.*.count"},
    {"messages.*.bytes", Dimension::size},
    {"bytes_total", Dimension::size},
    {"bytes_per_block", Dimension::size},
    {"redundancy"},
    {"miners.*.node"},
    {"miners.*.power", Dimension::share},
    {"miners.*.main_chain_share", Dimension::share},
    {"miners.*.stale"},
    {"attack.kind", std::nullopt},
    {"attack.attempts"},
    {"attack.successes"},
    {"attack.rate", Dimension::share},
    {"attack.interval95.*", Dimension::share},
    {"attack.revenue", Dimension::share},
};

// Whether `path` is what `pattern` means.
bool matches(std::string_view path, std::string_view pattern) {
  while (true) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::size_t pattern_dot = std::min(pattern.find('.'), pattern.size());
    const bool any = pattern.substr(0, pattern_dot) == "*" && dot > 0;
    if (!any && path.substr(0, dot) != pattern.substr(0, pattern_dot)) return false;
    const bool ends = dot == path.size(), pattern_ends = pattern_dot == pattern.size();
    if (ends || pattern_ends) return ends && pattern_ends;
    path.remove_prefix(dot + 1);
    pattern.remove_prefix(pattern_dot + 1);
  }
}

// --- bounds ------------------------------------------------------

// A number in the unit of the run's JSON: seconds, bytes, shares as fractions.
double in_json_unit(const Quantity& quantity) {
  const auto value = static_cast<double>(quantity.value);
  const bool whole = quantity.dimension == Dimension::size || quantity.dimension == Dimension::rate;
  return whole ? value : value / 1e9;
}

Bound read_bound(const Value& value) {
  const std::string& text = value.text_or_fail(kBound);
  Bound bound{0, text};
  const char* end = text.data() + text.size();
  const auto [stop, error] =
      std::from_chars(text.data(), end, bound.number, std::chars_format::fixed);
  if (error == std::errc() && stop == end && std::isfinite(bound.number)) return bound;
  const auto quantity = parse_quantity(text);
  if (!quantity.ok()) value.fail(quantity.error().found, kBound);
  bound.number = in_json_unit(*quantity);
  return bound;
}

Json write_bound(const Bound& bound) {
  return bound.text.find(' ') == std::string::npos && !bound.text.ends_with('%')
             ? Json::parse(bound.text, nullptr, false)
             : Json(bound.text);
}

Codec<Bound> bound_codec() {
  return {read_bound, write_bound, {{"type", Json::array({"number", "string"})}}};
}

using Equal = std::variant<Bound, bool, std::string>;

Codec<Equal> equal_codec() {
  return {[](const Value& value) -> Equal {
            const std::string& text = value.text_or_fail("a value");
            if (text == "true" || text == "false") return text == "true";
            const bool number = !text.empty() && text.find_first_of("0123456789") <= 1;
            if (number && parse_quantity(text).ok()) return read_bound(value);
            return text;
          },
          [](const Equal& equal) {
            if (const auto* bound = std::get_if<Bound>(&equal)) return write_bound(*bound);
            if (const auto* flag = std::get_if<bool>(&equal)) return Json(*flag);
            return Json(*std::get_if<std::string>(&equal));
          },
          {{"type", Json::array({"number", "string", "boolean"})}}};
}

// Numbers in `value` have a unit of `dimension`, or none and are in that of the JSON; a bare share
// is a fraction.
void check_units(const Value& value, Dimension dimension) {
  if (value.is_list()) {
    for (const Value& item : value.items()) check_units(item, dimension);
    return;
  }
  const auto quantity = parse_quantity(value.text_or_fail(kBound));
  if (!quantity.ok()) value.fail(quantity.error().found, kBound);
  const bool bare = quantity->dimension == Dimension::number;
  const bool fraction =
      dimension != Dimension::share || (quantity->value >= 0 && quantity->value <= kBillion);
  if (bare ? fraction : quantity->dimension == dimension) return;
  value.fail(value.described(), expected_quantity(dimension));
}

// --- the kinds ---------------------------------------------------

Codec<Expectation> converged_codec() {
  using E = Expectation;
  return object<E>(
      "converged",
      {field("within", &E::within, duration(kInstant), "the longest time it may take"),
       unless_empty(field("after", &E::after, text("an event, such as `heal`"),
                          "an event's word; every occurrence counts")),
       field("depth", &E::depth, count(0), "tips need only agree so far below the highest")},
      [](const Value& value, E& into) {
        into.kind = E::Kind::converged;
        if (into.within && into.after.empty()) {
          value.fail("`within` without `after`", "the event from which time is counted");
        }
        into.text = "converged";
        if (into.depth > 0) into.text += " to depth " + std::to_string(into.depth);
        if (into.within) into.text += " within " + duration_text(*into.within);
        into.text += into.after.empty() ? " at the end" : " after " + into.after;
      });
}

Fields<Expectation> bound_fields() {
  using E = Expectation;
  const auto both = pair_of(bound_codec(), "two numbers, [from, to]");
  return {field("below", &E::below, bound_codec(), "less than this"),
          field("above", &E::above, bound_codec(), "more than this"),
          field("equals", &E::equals, equal_codec(), "exactly this"),
          {"between", "from the first to the second, both included", false,
           [=](const Value& value, E& into) {
             std::tie(into.low, into.high) = both.read(value);
             if (into.low->number > into.high->number) {
               value.fail("a range that falls", "the lower end first");
             }
           },
           [=](const E& from) {
             return from.low ? both.write({*from.low, *from.high}) : Json();
           },
           both.schema}};
}

Fields<Expectation> common_prefix_fields() {
  return {required(field("depth_below", &Expectation::below, bound_codec(),
                         "how far tips may stand above their last common block, plus one"))};
}

std::string value_text(const std::string& name, const Expectation& e) {
  std::string text = name;
  if (e.above) text += " above " + e.above->text;
  if (e.below) text += std::string(e.above ? " and" : "") + " below " + e.below->text;
  if (e.low) text += " between " + e.low->text + " and " + e.high->text;
  if (e.equals) {
    const Json shown = equal_codec().write(*e.equals);
    text += " equals " + (shown.is_string() ? shown.get<std::string>() : shown.dump());
  }
  return text;
}

// The entry of the table for the path of an expectation; fails if there is none.
const ResultPath& result_for(const Value::Member& member, const std::string& path) {
  std::vector<std::string> words{"converged", "digest", "stale_rate", "common_prefix"};
  for (const ResultPath& result : kResults) {
    if (matches(path, result.path)) return result;
    words.emplace_back(result.path);
  }
  member.key_place.fail_unknown("unknown measure `" + shown(member.key) + "`", member.key, words);
}

Expectation read_value(const Value::Member& member) {
  Expectation into;
  into.path = member.key;
  if (member.key == "common_prefix") {
    into.path = "common_prefix.depth";
    read_fields(member.value, common_prefix_fields(), into, "`common_prefix`");
    into.text = value_text("common_prefix depth", into);
    return into;
  }
  if (member.key == "stale_rate") into.path = "stale_rate.of_all";
  const ResultPath& result = result_for(member, into.path);
  read_fields(member.value, bound_fields(), into, "`" + member.key + "`");
  for (const auto& bound : member.value.members()) {
    const bool number = bound.key != "equals" || std::holds_alternative<Bound>(*into.equals);
    if (result.dimension && number) check_units(bound.value, *result.dimension);
  }
  if (!into.below && !into.above && !into.equals && !into.low) {
    member.value.fail("no bound", "below, above, equals or between");
  }
  into.text = value_text(member.key, into);
  return into;
}

Expectation read_digest(const Value& value) {
  const std::string expected = "16 hex digits";
  Expectation into;
  into.kind = Expectation::Kind::digest;
  into.digest = value.text_or_fail(expected);
  const bool hex = into.digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (into.digest.size() != 16 || !hex) value.fail(value.described(), expected);
  into.text = "digest " + into.digest;
  return into;
}

Expectation read_expectation(const Value& value) {
  const std::string expected = "one measure, such as `stale_rate: {below: 14 %}`";
  if (!value.is_map()) value.fail(value.described(), expected);
  const auto members = value.members();
  if (members.size() != 1) {
    value.fail("a map of " + std::to_string(members.size()) + " keys", expected);
  }
  const auto& member = members[0];
  static const Codec<Expectation> converged = converged_codec();
  Expectation into = member.key == "converged" ? converged.read(member.value)
                     : member.key == "digest"  ? read_digest(member.value)
                                               : read_value(member);
  into.where = value.where();
  return into;
}

Json write_expectation(const Expectation& e) {
  switch (e.kind) {
    case Expectation::Kind::converged:
      return {{"converged", converged_codec().write(e)}};
    case Expectation::Kind::digest:
      return {{"digest", e.digest}};
    case Expectation::Kind::value:
      break;
  }
  if (e.path == "common_prefix.depth" && e.below && !e.above) {
    return {{"common_prefix", write_fields(common_prefix_fields(), e)}};
  }
  return {{e.path, write_fields(bound_fields(), e)}};
}

}  // namespace

Codec<Expectation> expectation_codec() {
  Json properties = {{"converged", converged_codec().schema},
                     {"digest", {{"type", "string"}, {"pattern", "^[0-9a-f]{16}$"}}},
                     {"common_prefix", schema_of(common_prefix_fields(), Expectation{})}};
  properties["converged"].erase("default");
  const Json bounds = schema_of(bound_fields(), Expectation{});
  std::string any = "stale_rate";
  for (const ResultPath& result : kResults) {
    any += '|';
    for (const char c : result.path)
      any += c == '*' ? "[^.]+" : c == '.' ? "[.]" : std::string(1, c);
  }
  return {read_expectation,
          write_expectation,
          {{"type", "object"},
           {"minProperties", 1},
           {"maxProperties", 1},
           {"properties", properties},
           {"patternProperties", {{"^(" + any + ")$", Json::object()}}},
           {"additionalProperties", false}}};
}

}  // namespace sim
