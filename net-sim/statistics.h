// What a handful of runs says about all of them: mean, spread, and intervals of 95 %.
//
// An interval of 95 % covers the true value in 95 of 100 repetitions of the whole study. Floating
// point is fine here, for nothing in a run depends on it; but sweeps stop and files are compared by
// these numbers, so only + - * / and square roots are used, which IEEE 754 rounds alike everywhere,
// and sums are taken in the order given.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace sim {

struct Estimate {
  double value = 0;
  double low = 0, high = 0;  // the interval of 95 %; infinite where nothing is known
};

// The 97.5 % quantile of the standard normal distribution.
inline constexpr double kNormal975 = 1.959963984540054;

// REQUIRES: at least one value.
double mean(const std::vector<double>& values);

// Of a sample: squares are divided by n - 1.  REQUIRES: at least two values.
double standard_deviation(const std::vector<double>& values);

// The 97.5 % quantile of Student's t distribution, within 1e-7 of itself: an interval of 95 % is
// the mean plus and minus this times the standard deviation over the root of n.
// REQUIRES: degrees > 0; of n values, n - 1.
double student_t_975(std::uint64_t degrees);

// Mean and Student's interval ("Student" 1908); of one value, it is infinite.  REQUIRES: a value.
Estimate mean_estimate(const std::vector<double>& values);

// A share that was seen `successes` times of `trials`, and Wilson's score interval (Wilson 1927):
// it stays within 0 and 1, and holds its 95 % for rare successes, too.
// REQUIRES: trials > 0, successes <= trials.
Estimate share_estimate(std::uint64_t successes, std::uint64_t trials);

// The quantile `share` of a distribution by a sorted sample of `size`: the index of its estimate,
// and of the two order statistics between which it lies with 95 % (Hahn and Meeker 1991, 5.2: the
// number of values below it is binomial, here by its normal approximation).
// REQUIRES: size > 0, 0 < share < 1.
struct QuantileRanks {
  std::size_t value = 0, low = 0, high = 0;
};
QuantileRanks quantile_ranks(std::size_t size, double share);

}  // namespace sim
