// Logarithm, power and square root in integers, because libm's last bits differ between machines.
//
// Q32 means a signed 64-bit number with 32 bits after the point. Table and short series: about 5 ns
// a call. The error stays below 2^-29 of the result, or of one where the result is smaller (tests
// compare with long double), which no statistic of a simulation can see; what matters is that every
// machine, compiler and build gets the same bits.
#pragma once

#include <cstdint>

namespace chain {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

inline constexpr std::int64_t kOneQ32 = std::int64_t{1} << 32;

// log2(x) in Q32.  REQUIRES: x > 0.
std::int64_t log2_q32(std::uint64_t x);

// 2^x in Q32 for x in Q32.  REQUIRES: x < 31 * 2^32; below -32 * 2^32 it is 0.
std::int64_t exp2_q32(std::int64_t x);

// -ln(u / 2^64) in Q32, u = 0 taken as 1: an exponential draw of mean 1 when u is uniform.
std::int64_t minus_ln_q32(std::uint64_t u);

// The largest r with r * r <= x.
std::uint64_t isqrt(std::uint64_t x);

// a * b / 2^32, rounded towards zero; saturates at the ends of int64.
std::int64_t mul_q32(std::int64_t a, std::int64_t b);

}  // namespace chain
