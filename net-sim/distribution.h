// Draws from the distributions of a scenario, in integers: the same bits on every machine.
//
// Inverse of the distribution function for uniform, exponential, Pareto and quantile tables; the
// polar method (Marsaglia 1964) for the lognormal. Results are rounded down to whole units and
// never negative.
#pragma once

#include <cstdint>

#include "core/random.h"
#include "net-sim/scenario.h"

namespace sim {

// A distribution made ready to draw from: logarithms taken once.
class Sampler {
 public:
  explicit Sampler(const Distribution& distribution);

  std::int64_t draw(chain::Random& random) const;
  // The quantile of a uniform draw in [0, 2^64); not for lognormal.
  std::int64_t quantile(std::uint64_t uniform) const;
  // Whether a draw is the quantile of one uniform draw.
  bool takes_one() const { return distribution_.kind != Distribution::Kind::lognormal; }
  bool constant() const { return distribution_.kind == Distribution::Kind::constant; }

 private:
  Distribution distribution_;
  std::int64_t log2_location_ = 0;  // Q32: of the median (lognormal) or of the scale (pareto)
  std::int64_t log2_spread_ = 0;    // Q32: standard deviation of log2 (lognormal), 1/shape (pareto)
};

// A standard normal draw in Q32.
std::int64_t normal_q32(chain::Random& random);

}  // namespace sim
