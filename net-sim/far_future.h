// Sums of simulated times that cannot overflow.
//
// A queue behind a slow link, or a wild draw, may come to times that no run lasts. They are cut at
// kFarFuture: what is due there never happens, and adding to it changes nothing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/fixed_math.h"
#include "net-sim/scenario.h"

namespace sim {

inline constexpr Time kFarFuture = chain::kTimeZero + kMaxDuration * 2;

// `time` + `after`, at most kFarFuture.
inline Time later(Time time, Duration after) {
  return after < kFarFuture - time ? time + after : kFarFuture;
}

// At most kMaxDuration.
inline Duration capped(chain::Int128 nanoseconds) {
  return {static_cast<std::int64_t>(
      std::min(nanoseconds, static_cast<chain::Int128>(kMaxDuration.ns)))};
}

}  // namespace sim
