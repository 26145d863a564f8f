// Time as the core knows it: integer nanoseconds that somebody else counts.
//
// There is no now(): time is something a node is told, so that a simulator can tell it anything and
// a recording can tell it again. Time zero is the start of a run (net-sim) or the Unix epoch
// (net-real); `Clock` turns it into the milliseconds that stand in a block.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace chain {

struct Duration {
  std::int64_t ns = 0;

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return {ns + other.ns}; }
  constexpr Duration operator-(Duration other) const { return {ns - other.ns}; }
  constexpr Duration operator*(std::int64_t factor) const { return {ns * factor}; }
  constexpr Duration operator/(std::int64_t divisor) const { return {ns / divisor}; }
  constexpr double seconds() const { return static_cast<double>(ns) / 1e9; }  // for showing only
};

constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }
constexpr Duration minutes(std::int64_t n) { return {n * 60'000'000'000}; }

struct Time {
  std::int64_t ns = 0;

  constexpr auto operator<=>(const Time&) const = default;
  constexpr Time operator+(Duration d) const { return {ns + d.ns}; }
  constexpr Time operator-(Duration d) const { return {ns - d.ns}; }
  constexpr Duration operator-(Time other) const { return {ns - other.ns}; }
  constexpr double seconds() const { return static_cast<double>(ns) / 1e9; }  // for showing only
};

inline constexpr Time kTimeZero{0};
inline constexpr Time kNever{std::numeric_limits<std::int64_t>::max()};

// Where a node's time zero stands on the calendar, in Unix milliseconds; a skewed clock is another
// origin.
struct Clock {
  std::int64_t origin_ms = 0;

  constexpr std::int64_t unix_ms(Time t) const { return origin_ms + t.ns / 1'000'000; }
  constexpr Time at_unix_ms(std::int64_t ms) const { return {(ms - origin_ms) * 1'000'000}; }
};

}  // namespace chain
