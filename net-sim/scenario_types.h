// The numbers of a scenario: units, ranges, and the limits of the language.
//
// Each number is an integer in one unit (nanoseconds, bytes, bytes per second, parts per billion),
// since decisions of a run depend on it and floating point differs between machines.
#pragma once

#include <cstdint>

#include "core/protocol.h"

namespace sim {

using chain::Duration;
using chain::Time;

using NodeIndex = std::uint32_t;

inline constexpr std::int64_t kBillion = 1'000'000'000;
inline constexpr std::uint64_t kUnlimited = 0;  // of rates and of sizes that are limits

// Limits of the language: what is larger is refused by the reader.
inline constexpr std::uint32_t kMaxNodes = 1'000'000;  // a run keeps some kB for each
inline constexpr Duration kMaxDuration =
    chain::minutes(52'560'000);  // 100 years; 292 fit in 64 bits
inline constexpr std::uint64_t kMaxBytes = std::uint64_t{1}
                                           << 50;            // of a size, and of a rate per second
inline constexpr std::int64_t kMaxBlock = 1'000'000'000;     // bytes; its filler is hashed
inline constexpr std::uint32_t kMaxRegions = 250;            // a law of latency for each pair
inline constexpr std::uint32_t kMaxRuleSet = kMaxNodes - 1;  // each node may have its own
inline constexpr std::uint32_t kMaxFirings = 1'000'000;      // occurrences of one repeated event

// A share of a whole, or a probability: 0 to 1,000,000,000 parts per billion.
struct Share {
  std::int64_t ppb = 0;
  constexpr auto operator<=>(const Share&) const = default;
};
inline constexpr Share kWhole{kBillion};

// A number without unit and with a fraction (an exponent, a factor, a mean degree), in billionths.
struct Decimal {
  std::int64_t billionths = 0;
  constexpr auto operator<=>(const Decimal&) const = default;
};

using chain::ProtocolKind;
using chain::Relay;
using chain::RulesKind;
using chain::TieBreak;

}  // namespace sim
