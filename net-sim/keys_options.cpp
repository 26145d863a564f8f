// The table of `options`: the limits and timeouts of core/sync_limits.h as keys, section by
// section.
#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

using chain::LimitUnit;
using chain::SyncLimitRow;
using chain::SyncLimits;

Codec<std::int64_t> limit_codec(const SyncLimitRow& row) {
  if (row.unit() == LimitUnit::duration) return quantity(Dimension::time, row.min, row.max);
  if (row.unit() == LimitUnit::bytes) return quantity(Dimension::size, row.min, row.max);
  const auto whole =
      count64(static_cast<std::uint64_t>(row.min), static_cast<std::uint64_t>(row.max));
  return {[=](const Value& value) { return static_cast<std::int64_t>(whole.read(value)); },
          [=](const std::int64_t& limit) { return whole.write(static_cast<std::uint64_t>(limit)); },
          whole.schema};
}

void put(SyncLimits& limits, const SyncLimitRow& row, std::int64_t value) {
  chain::set_limit(limits, row, value);
}
std::optional<std::int64_t> get(const SyncLimits& limits, const SyncLimitRow& row) {
  return chain::limit_value(limits, row);
}
void put(LimitOverrides& limits, const SyncLimitRow& row, std::int64_t value) {
  limits.values.emplace_back(&row, value);
}
std::optional<std::int64_t> get(const LimitOverrides& limits, const SyncLimitRow& row) {
  for (const auto& [own, value] : limits.values) {
    if (own == &row) return value;
  }
  return std::nullopt;
}

template <typename T>
Field<T> limit_field(const SyncLimitRow& row) {
  const auto codec = limit_codec(row);
  return {row.name,
          row.sentence,
          false,
          [&row, codec](const Value& value, T& into) { put(into, row, codec.read(value)); },
          [&row, codec](const T& from) {
            const auto value = get(from, row);
            return value ? codec.write(*value) : Json();
          },
          codec.schema};
}

template <typename T>
Codec<T> limits_codec() {
  Fields<T> sections;
  std::string_view begun;
  for (const SyncLimitRow& first : chain::sync_limit_rows()) {
    if (first.section == begun) continue;  // the rows of a section stand together
    begun = first.section;
    Fields<T> fields;
    for (const SyncLimitRow& row : chain::sync_limit_rows()) {
      if (row.section == begun) fields.push_back(limit_field<T>(row));
    }
    const std::string name = "options." + std::string(begun);
    const Json schema = schema_of(fields, T{});
    const auto shared = std::make_shared<const Fields<T>>(std::move(fields));
    sections.push_back(
        {begun, begun == "node" ? "of every node" : "of nodes that speak it", false,
         [=](const Value& value, T& into) { read_fields(value, *shared, into, name); },
         [=](const T& from) {
           Json json = write_fields(*shared, from);
           return json.empty() ? Json() : json;
         },
         schema});
  }
  return object<T>("options", std::move(sections));
}

}  // namespace

Codec<SyncLimits> options_codec() { return limits_codec<SyncLimits>(); }
Codec<LimitOverrides> own_options_codec() { return limits_codec<LimitOverrides>(); }

}  // namespace sim
