// Distributions as scenarios write them: of times, of sizes, of rates.
#include "core/fixed_math.h"
#include "core/spelling.h"
#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

constexpr std::int64_t kMaxLatency = chain::minutes(1440).ns;

using DistributionKind = KindOf<Distribution, Distribution::Kind>;

Field<Distribution> per_field() {
  using Per = Distribution::Per;
  return field("per", &Distribution::per,
               words<Per>({{"link", Per::link}, {"message", Per::message}}),
               "drawn once for each link when the network is built, or for each message");
}

// `unit` and `values`: bare numbers are in that unit, which stands in `value` while they are read.
Fields<Distribution> quantile_fields(Dimension dimension, std::int64_t min, std::int64_t max) {
  const auto amount = quantity(dimension, min, max);
  static constexpr char expected[] = "a list of values from the 0 % to the 100 % quantile";
  auto values = field("values", &Distribution::values, list_of(amount, 2, expected), expected);
  values.read = [=](const Value& value, Distribution& into) {
    if (!value.is_list()) value.fail(value.described(), expected);
    for (const Value& item : value.items()) {
      const auto bare = parse_quantity(item.text_or_fail("a number"), Dimension::number);
      if (bare.ok() && into.value != 0) {
        const auto scaled = static_cast<chain::Int128>(*bare) * into.value / kBillion;
        if (scaled < min || scaled > max) {
          item.fail(item.described() + " is out of range",
                    quantity_text(dimension, min) + " to " + quantity_text(dimension, max));
        }
        into.values.push_back(static_cast<std::int64_t>(scaled));
      } else {
        into.values.push_back(amount.read(item));
      }
      if (into.values.size() > 1 && into.values.back() < into.values[into.values.size() - 2]) {
        item.fail(item.described() + " after a larger value", "ascending values");
      }
    }
    into.value = 0;
    if (into.values.size() < 2)
      value.fail("too few quantiles", std::string(expected) + ", at least 2");
  };
  Field<Distribution> unit{"unit",
                           "the unit of the values, such as `kB` or `ms`",
                           false,
                           [=](const Value& value, Distribution& into) {
                             const std::string one = "1 " + value.text_or_fail("a unit");
                             const auto parsed = parse_quantity(one, dimension);
                             if (!parsed) value.fail(parsed.error().found, parsed.error().expected);
                             into.value = *parsed;
                           },
                           [](const Distribution&) { return Json(); },
                           {{"type", "string"}}};
  return {unit, required(values)};
}

std::vector<DistributionKind> distribution_kinds(Dimension dimension) {
  using D = Distribution;
  const bool time = dimension == Dimension::time;
  const auto max = time ? kMaxLatency : kMaxBlock;
  const auto amount = quantity(dimension, 0, max);
  const auto positive = quantity(dimension, 1, max);
  std::vector<DistributionKind> all = {
      {"constant", D::Kind::constant, {required(field("value", &D::value, amount, "the value"))}},
      {"uniform",
       D::Kind::uniform,
       {required(field("min", &D::min, amount, "the least value")),
        required(field("max", &D::max, amount, "the greatest value"))}},
      {"exponential",
       D::Kind::exponential,
       {required(field("mean", &D::mean, positive, "the mean"))}},
      {"lognormal",
       D::Kind::lognormal,
       {required(field("median", &D::median, positive, "the median")),
        required(field("p90", &D::p90, positive, "what 90 % of draws stay below"))}},
      {"pareto",
       D::Kind::pareto,
       {required(field("mean", &D::mean, positive, "the mean")),
        required(field("shape", &D::shape, decimal({kBillion + 1}, {1000 * kBillion}),
                       "the exponent of the tail, above 1"))}},
      {"quantiles", D::Kind::quantiles, quantile_fields(dimension, 0, max)}};
  if (time) {
    all.push_back({"regions",
                   D::Kind::regions,
                   {unless_empty(field("preset", &D::preset, text("the name of a preset"),
                                       "shares, matrix and bandwidth from scenarios/presets"))}});
    for (auto& each : all) each.fields.push_back(per_field());
  }
  return all;
}

void check_distribution(const Value& value, const Distribution& d) {
  if (d.kind == Distribution::Kind::uniform && d.min > d.max) {
    value.fail("a `min` above its `max`", "`min` up to `max`");
  }
  if (d.kind == Distribution::Kind::lognormal && d.p90 < d.median) {
    value.fail("a `p90` below the `median`", "`p90` from the median up");
  }
}

}  // namespace

Codec<Distribution> distribution_codec(const std::string& name, Dimension dimension) {
  const auto inner = kinds<Distribution, Distribution::Kind>(
      name, &Distribution::kind, distribution_kinds(dimension), check_distribution);
  std::vector<std::string> kind_words;
  for (const auto& each : distribution_kinds(dimension)) kind_words.emplace_back(each.word);
  const auto constant = distribution_kinds(dimension).front().fields.front();
  Codec<Distribution> codec = inner;
  codec.schema["anyOf"].push_back(constant.schema);
  codec.read = [=](const Value& value) {
    const bool bare =
        value.is_text() && !value.text().empty() && value.text().find_first_of("0123456789") <= 1;
    if (!bare) {
      const bool word = value.is_text() && chain::near_miss(value.text(), kind_words).empty();
      if (word) value.fail(value.described(), expected_quantity(dimension) + ", or {kind: …}");
      return inner.read(value);
    }
    Distribution into;
    constant.read(value, into);
    return into;
  };
  return codec;
}

Codec<Distribution> region_law_codec() {
  using D = Distribution;
  return kinds<D, D::Kind>(
      "distribution", &D::kind,
      {{"constant", D::Kind::constant, {per_field()}},
       {"exponential", D::Kind::exponential, {per_field()}},
       {"pareto",
        D::Kind::pareto,
        {field("shape", &D::shape, decimal({0}, {1000 * kBillion}),
               "the exponent of the tail, above 1; 0: a fifth of the mean in ms"),
         per_field()}}},
      [](const Value& value, D& d) {
        const bool pareto = d.kind == D::Kind::pareto && d.shape != Decimal{};
        if (!pareto || d.shape > Decimal{kBillion}) return;
        value.fail("a `shape` of " + quantity_text(Dimension::number, d.shape.billionths),
                   "more than 1, or 0 for a fifth of the mean in ms");
      });
}

Codec<Distribution> region_rate_codec() {
  using D = Distribution;
  const auto constant = rate();
  const auto table = kinds<D, D::Kind>(
      "a rate", &D::kind,
      {{"quantiles", D::Kind::quantiles,
        quantile_fields(Dimension::rate, 1, static_cast<std::int64_t>(kMaxBytes))}});
  return {[=](const Value& value) {
            if (value.is_map()) return table.read(value);
            return D{.value = static_cast<std::int64_t>(constant.read(value))};
          },
          [=](const D& from) {
            if (from.kind == D::Kind::quantiles) return table.write(from);
            return constant.write(static_cast<std::uint64_t>(from.value));
          },
          {{"anyOf", {constant.schema, table.schema}}}};
}

}  // namespace sim
