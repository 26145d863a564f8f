#include "net-sim/codec.h"

#include <limits>

namespace sim {
namespace {

using chain::Result;

Json quantity_schema(Dimension dimension) {
  const char* unit = dimension == Dimension::time   ? "(ns|us|µs|ms|s|min|h|d)"
                     : dimension == Dimension::size ? "(B|kB|MB|GB|KiB|MiB|GiB)"
                     : dimension == Dimension::rate ? "([kMG]?bit/s|[kMG]?B/s)"
                                                    : "%";
  if (dimension == Dimension::number) return {{"type", "number"}};
  return {{"type", Json::array({"string", "integer"})},
          {"pattern", std::string("^-?[0-9]+([.][0-9]+)? *") + unit + "$|^0$|^unlimited$"},
          {"maximum", 0}};
}

}  // namespace

Codec<std::int64_t> quantity(Dimension dimension, std::int64_t min, std::int64_t max) {
  Codec<std::int64_t> codec;
  codec.schema = quantity_schema(dimension);
  codec.read = [=](const Value& value) {
    const auto parsed = parse_quantity(value.text_or_fail(expected_quantity(dimension)), dimension);
    if (!parsed && !parsed.error().too_large) {
      value.fail(parsed.error().found, parsed.error().expected);
    }
    const auto text = [&](std::int64_t number) { return quantity_text(dimension, number); };
    if (!parsed || *parsed > max) {
      value.fail(value.described() + " is too large", "at most " + text(max));
    }
    if (*parsed < min) {
      value.fail(value.described() + " is too small",
                 min == 1 ? "more than 0" : "at least " + text(min));
    }
    return *parsed;
  };
  codec.write = [=](const std::int64_t& number) {
    if (dimension != Dimension::number) return Json(quantity_text(dimension, number));
    return Json::parse(quantity_text(dimension, number));
  };
  return codec;
}

Codec<Duration> duration(Duration min, Duration max) {
  const auto inner = quantity(Dimension::time, min.ns, max.ns);
  return {[=](const Value& value) { return Duration{inner.read(value)}; },
          [=](const Duration& d) { return inner.write(d.ns); }, inner.schema};
}

Codec<Share> share(Share max) {
  const auto inner = quantity(Dimension::share, 0, max.ppb);
  return {[=](const Value& value) { return Share{inner.read(value)}; },
          [=](const Share& s) { return inner.write(s.ppb); }, inner.schema};
}

Codec<Share> probability() {
  const auto percent = share();
  const auto fraction = quantity(Dimension::number, 0, kBillion);
  return {[=](const Value& value) {
            const bool bare = value.is_text() && !value.text().ends_with('%');
            return bare ? Share{fraction.read(value)} : percent.read(value);
          },
          [=](const Share& s) { return percent.write(s); },
          {{"anyOf", {percent.schema, {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}}}}};
}

namespace {

Codec<std::uint64_t> or_unlimited(Dimension dimension) {
  const auto inner = quantity(dimension, 1, static_cast<std::int64_t>(kMaxBytes));
  return {[=](const Value& value) {
            const bool free = value.is_text() && value.text() == "unlimited";
            return free ? kUnlimited : static_cast<std::uint64_t>(inner.read(value));
          },
          [=](const std::uint64_t& number) {
            return number == kUnlimited ? Json("unlimited")
                                        : inner.write(static_cast<std::int64_t>(number));
          },
          inner.schema};
}

}  // namespace

Codec<std::uint64_t> rate() { return or_unlimited(Dimension::rate); }
Codec<std::uint64_t> limit_in_bytes() { return or_unlimited(Dimension::size); }

Codec<Decimal> decimal(Decimal min, Decimal max) {
  const auto inner = quantity(Dimension::number, min.billionths, max.billionths);
  return {[=](const Value& value) { return Decimal{inner.read(value)}; },
          [=](const Decimal& d) { return inner.write(d.billionths); }, inner.schema};
}

Codec<bool> boolean() {
  auto codec = words<bool>({{"true", true}, {"false", false}});
  codec.write = [](const bool& flag) { return Json(flag); };
  codec.schema = {{"type", "boolean"}};
  return codec;
}

Codec<std::string> text(const std::string& expected) {
  return {[=](const Value& value) {
            const std::string& found = value.text_or_fail(expected);
            if (found.empty()) value.fail("an empty text", expected);
            return found;
          },
          [](const std::string& found) { return Json(found); },
          {{"type", "string"}}};
}

Codec<std::uint64_t> count64(std::uint64_t min, std::uint64_t max) {
  const std::string expected =
      "a whole number" + (max == std::numeric_limits<std::uint64_t>::max()
                              ? std::string()
                              : " from " + std::to_string(min) + " to " + std::to_string(max));
  return {[=](const Value& value) {
            const auto parsed = parse_count(value.text_or_fail(expected));
            if (!parsed) value.fail(parsed.error().found, expected);
            if (*parsed < min) value.fail(value.described() + " is too small", expected);
            if (*parsed > max) value.fail(value.described() + " is too large", expected);
            return *parsed;
          },
          [](const std::uint64_t& number) { return Json(number); },
          {{"type", "integer"}, {"minimum", min}, {"maximum", max}}};
}

Codec<std::uint32_t> count(std::uint32_t min, std::uint32_t max) {
  const auto inner = count64(min, max);
  return {[=](const Value& value) { return static_cast<std::uint32_t>(inner.read(value)); },
          [=](const std::uint32_t& number) { return inner.write(number); }, inner.schema};
}

Codec<NodeIndex> node_index() {
  const std::string expected = "the number of a node";
  return {[=](const Value& value) {
            const auto parsed = parse_count(value.text_or_fail(expected));
            if (!parsed) value.fail(parsed.error().found, expected);
            const std::uint32_t nodes = value.document().nodes;
            if (*parsed >= nodes) {
              value.fail("node " + value.text() + " of a network of " + std::to_string(nodes),
                         nodes == 1 ? "0" : "0 to " + std::to_string(nodes - 1));
            }
            return static_cast<NodeIndex>(*parsed);
          },
          [](const NodeIndex& node) { return Json(node); },
          {{"type", "integer"}, {"minimum", 0}}};
}

}  // namespace sim
