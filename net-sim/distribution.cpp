#include "net-sim/distribution.h"

#include <algorithm>

#include "core/check.h"
#include "core/fixed_math.h"

namespace sim {
namespace {

using chain::exp2_q32;
using chain::kOneQ32;
using chain::log2_q32;
using chain::mul_q32;

constexpr std::int64_t kNormalP90Q32 = 5504222020;  // 1.2815515655446004 * 2^32

std::int64_t divide_q32(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<chain::Int128>(a) * kOneQ32 / b);
}

// 2^x for an x in Q32, in whole units; a tail beyond 2^61 (73 years in nanoseconds) is cut there.
std::int64_t exp2_units(std::int64_t x) {
  const std::int64_t whole = x >> 32;
  if (whole < 30) return exp2_q32(x) >> 32;
  if (whole > 60) return std::int64_t{1} << 61;
  const std::int64_t mantissa = exp2_q32((std::int64_t{30} << 32) + (x & (kOneQ32 - 1)));  // Q62
  return mantissa >> (62 - whole);
}

}  // namespace

std::int64_t normal_q32(chain::Random& random) {
  while (true) {
    // A point in the square (-1, 1)^2 in Q31, kept if it lies in the unit circle.
    const std::int64_t u = static_cast<std::int64_t>(random.next() >> 32) - (std::int64_t{1} << 31);
    const std::int64_t v = static_cast<std::int64_t>(random.next() >> 32) - (std::int64_t{1} << 31);
    const std::uint64_t s = static_cast<std::uint64_t>(u * u) + static_cast<std::uint64_t>(v * v);
    if (s == 0 || s >= std::uint64_t{1} << 62) continue;
    // z = (u / sqrt(s)) * sqrt(-2 ln s): the sine of a uniform angle times a Rayleigh draw.
    const std::int64_t sine =
        u * (std::int64_t{1} << 31) / static_cast<std::int64_t>(chain::isqrt(s));  // Q31
    const auto ln = static_cast<std::uint64_t>(chain::minus_ln_q32(s << 2));       // Q32
    const auto radius = static_cast<std::int64_t>(chain::isqrt(ln << 25));         // Q28
    return sine * radius / (std::int64_t{1} << 27);
  }
}

Sampler::Sampler(const Distribution& distribution) : distribution_(distribution) {
  if (distribution.kind == Distribution::Kind::lognormal && distribution.median > 0) {
    log2_location_ = log2_q32(static_cast<std::uint64_t>(distribution.median));
    log2_spread_ = divide_q32(
        log2_q32(static_cast<std::uint64_t>(distribution.p90)) - log2_location_, kNormalP90Q32);
  }
  if (distribution.kind == Distribution::Kind::pareto) {
    // mean = scale * shape / (shape - 1), hence scale = mean * (shape - 1) / shape.
    const std::int64_t shape = distribution.shape.billionths;
    const auto scale = static_cast<std::int64_t>(static_cast<chain::Int128>(distribution.mean) *
                                                 (shape - kBillion) / shape);
    log2_location_ = log2_q32(static_cast<std::uint64_t>(std::max<std::int64_t>(scale, 1)));
    log2_spread_ = divide_q32(kBillion, shape);
  }
}

std::int64_t Sampler::draw(chain::Random& random) const {
  switch (distribution_.kind) {
    case Distribution::Kind::constant:
      return distribution_.value;
    case Distribution::Kind::lognormal: {
      if (distribution_.median == 0) return 0;
      const std::int64_t z = normal_q32(random);
      return exp2_units(log2_location_ + mul_q32(log2_spread_, z));
    }
    default:
      return quantile(random.next());
  }
}

std::int64_t Sampler::quantile(std::uint64_t uniform) const {
  switch (distribution_.kind) {
    case Distribution::Kind::constant:
      return distribution_.value;
    case Distribution::Kind::uniform: {
      const auto width = static_cast<std::uint64_t>(distribution_.max - distribution_.min) + 1;
      return distribution_.min +
             static_cast<std::int64_t>((static_cast<chain::Uint128>(uniform) * width) >> 64);
    }
    case Distribution::Kind::exponential:
      return mul_q32(distribution_.mean, chain::minus_ln_q32(uniform));
    case Distribution::Kind::pareto: {
      // scale * U^(-1/shape), in logarithms; -log2(U) with U = uniform / 2^64.
      const std::int64_t minus_log2 =
          (std::int64_t{64} << 32) - log2_q32(std::max(uniform, std::uint64_t{1}));
      return exp2_units(log2_location_ + mul_q32(log2_spread_, minus_log2));
    }
    case Distribution::Kind::quantiles: {
      const std::vector<std::int64_t>& values = distribution_.values;
      if (values.size() == 1) return values.front();
      const chain::Uint128 place = static_cast<chain::Uint128>(uniform) * (values.size() - 1);
      const auto step = static_cast<std::size_t>(place >> 64);
      const auto part = static_cast<std::int64_t>(static_cast<std::uint64_t>(place) >> 32);
      return values[step] + mul_q32(values[step + 1] - values[step], part);
    }
    case Distribution::Kind::lognormal:
    case Distribution::Kind::regions:
      break;
  }
  CHECK(false);
  return 0;
}

}  // namespace sim
