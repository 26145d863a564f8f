// Quantities with units as people write them (`50 ms`, `1.5 MB`, `20 Mbit/s`, `30 %`), in exact
// integers.
//
// A quantity is parsed in decimal and rounded once, to the nearest nanosecond, byte, byte per
// second or part per billion; no floating point, so that `0.1 s` is the same everywhere. Writing is
// exact: what is written reads back as the same integer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace sim {

enum class Dimension : std::uint8_t { time, size, rate, share, number };

// What was found and what was expected, for an error line.
struct Mismatch {
  std::string found;
  std::string expected;
  bool too_large = false;  // for 64 bits; who asks knows a better limit to expect
};

// A text as an error line shows it: in one line, and not all of it when it is long.
std::string shown(std::string_view text);
// The same in backquotes.
std::string in_quotes(std::string_view text);

struct Quantity {
  Dimension dimension = Dimension::number;
  std::int64_t value = 0;  // ns, bytes, bytes per second, parts per billion, or billionths
};

// A number and a unit of any dimension, or a bare number.
chain::Result<Quantity, Mismatch> parse_quantity(std::string_view text);

// The same when only one dimension will do.
chain::Result<std::int64_t, Mismatch> parse_quantity(std::string_view text, Dimension wanted);

// "a duration such as `50 ms` or `10 min`"
std::string expected_quantity(Dimension dimension);

// The shortest exact text: `1.5 s`, `20 kB`, `10 Mbit/s`, `30 %`, `2.5`.
std::string quantity_text(Dimension dimension, std::int64_t value);
inline std::string duration_text(chain::Duration d) { return quantity_text(Dimension::time, d.ns); }

// A whole number without sign, without unit.
chain::Result<std::uint64_t, Mismatch> parse_count(std::string_view text);

}  // namespace sim
