#include "net-sim/sweep/values.h"

#include <algorithm>
#include <map>

#include "core/fixed_math.h"
#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::uint64_t kMostSteps = 10'000;
constexpr std::int64_t kBillionths = 1'000'000'000;
const std::vector<std::string> kRangeKeys{"from", "to", "steps", "scale"};

struct Range {
  Quantity from, to;
  std::uint64_t steps = 2;
  bool log = false;
};

Quantity quantity_of(const Value& value) {
  const std::string& text = value.text_or_fail("a quantity");
  const auto quantity = parse_quantity(text);
  if (!quantity) value.fail(quantity.error().found, "a number, with a unit maybe");
  return *quantity;
}

Range range_of(const Value& value) {
  Range range;
  std::map<std::string, Value> given;
  for (const Value::Member& member : value.members()) {
    if (std::count(kRangeKeys.begin(), kRangeKeys.end(), member.key) == 0) {
      member.key_place.fail_unknown("no key `" + member.key + "` in a range", member.key,
                                    kRangeKeys);
    }
    given.emplace(member.key, member.value);
  }
  for (const char* key : {"from", "to", "steps"}) {
    if (given.count(key) == 0) value.fail(std::string("no `") + key + "`", "`{from, to, steps}`");
  }
  range.from = quantity_of(given.at("from"));
  range.to = quantity_of(given.at("to"));
  if (range.from.dimension != range.to.dimension) {
    given.at("to").fail("another unit than that of `from`", "one of the same kind");
  }
  const std::string& steps = given.at("steps").text_or_fail("a number of steps");
  const auto count = parse_count(steps);
  if (!count || *count < 2 || *count > kMostSteps) {
    given.at("steps").fail("`" + steps + "`", "a number of steps from 2 to 10000");
  }
  range.steps = *count;
  if (given.count("scale") > 0) {
    const std::string& scale = given.at("scale").text_or_fail("`linear` or `log`");
    if (scale != "linear" && scale != "log") {
      given.at("scale").fail_unknown("`" + scale + "`", scale, {"linear", "log"});
    }
    range.log = scale == "log";
  }
  const bool positive = range.from.value > 0 && range.to.value > 0;
  if (range.log && !positive)
    value.fail("a logarithmic range with 0 in it", "`from` and `to` above 0");
  return range;
}

std::int64_t rounded_to_digits(std::int64_t value, std::int64_t least) {
  std::int64_t unit = 1;
  while (value / unit >= 10'000 || value / unit <= -10'000) unit *= 10;
  unit = std::max(unit, least);
  const std::int64_t half = value < 0 ? -unit / 2 : unit / 2;
  return (value + half) / unit * unit;
}

std::vector<std::string> values_of(const Range& range, const Value& place) {
  const Dimension dimension = range.from.dimension;
  const auto whole = [](const Quantity& q) { return q.value % kBillionths == 0; };
  const bool counts = dimension == Dimension::number && whole(range.from) && whole(range.to);
  std::vector<std::string> values;
  const auto last = static_cast<std::int64_t>(range.steps - 1);
  for (std::int64_t i = 0; i <= last; ++i) {
    std::int64_t value = i == 0 ? range.from.value : range.to.value;
    if (i > 0 && i < last && !range.log) {
      const chain::Int128 way = chain::Int128{range.to.value} - range.from.value;
      value = range.from.value + static_cast<std::int64_t>(way * i / last);
    } else if (i > 0 && i < last) {
      const std::int64_t way = chain::log2_q32(static_cast<std::uint64_t>(range.to.value)) -
                               chain::log2_q32(static_cast<std::uint64_t>(range.from.value));
      const std::int64_t exponent = way / last * i + way % last * i / last;
      if (exponent >= 31 * chain::kOneQ32)
        place.fail("a range over more than nine decades", "less");
      const chain::Int128 product = chain::Int128{range.from.value} * chain::exp2_q32(exponent);
      value = static_cast<std::int64_t>(product >> 32);
    }
    if (i > 0 && i < last) value = rounded_to_digits(value, counts ? kBillionths : 1);
    const std::string text = quantity_text(dimension, value);
    if (values.empty() || values.back() != text) values.push_back(text);
  }
  return values;
}

// "1..10"
std::vector<std::string> counts_of(const Value& value, std::size_t dots) {
  const std::string& text = value.text();
  const auto first = parse_count(text.substr(0, dots)), last = parse_count(text.substr(dots + 2));
  if (!first || !last || *first > *last || *last - *first >= kMostSteps) {
    value.fail("`" + text + "`", "a range such as `1..10`, or a list");
  }
  std::vector<std::string> values;
  for (std::uint64_t i = *first; i <= *last; ++i) values.push_back(std::to_string(i));
  return values;
}

}  // namespace

std::vector<std::string> swept_values(const Value& value) {
  if (value.is_map()) return values_of(range_of(value), value);
  std::vector<std::string> values;
  if (value.is_list()) {
    for (const Value& each : value.items()) values.push_back(each.yaml());
  } else if (value.is_text()) {
    const std::size_t dots = value.text().find("..");
    if (dots != std::string::npos) return counts_of(value, dots);
    values.push_back(value.yaml());
  }
  if (values.empty()) value.fail(value.described(), "a list of values, or a range");
  return values;
}

}  // namespace sim
