#include "net-sim/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace sim {
namespace {

// t for 1 to 20 degrees of freedom, where the expansion below is not exact enough. Found by
// bisection of the distribution function (Abramowitz and Stegun 26.7.3 and 26.7.4), which the test
// evaluates again; published tables (NIST/SEMATECH e-Handbook 1.3.6.7.2) have the first digits.
constexpr std::array<double, 20> kStudentT975{
    12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356,
    2.4469118511,  2.3646242516, 2.3060041352, 2.2621571628, 2.2281388520,
    2.2009851601,  2.1788128297, 2.1603686565, 2.1447866879, 2.1314495456,
    2.1199052992,  2.1098155778, 2.1009220402, 2.0930240544, 2.0859634473};

// The Cornish-Fisher expansion of Student's t in powers of 1 / degrees (Abramowitz and Stegun
// 26.7.5), by Horner's rule inside and out.
double expanded_t(double degrees) {
  constexpr double z = kNormal975;
  constexpr double z2 = z * z;
  constexpr double g1 = z * (z2 + 1) / 4;
  constexpr double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
  constexpr double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  constexpr double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
  return z + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees;
}

}  // namespace

double mean(const std::vector<double>& values) {
  CHECK(!values.empty());
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// In two passes: the sum of squares alone would cancel where the spread is small.
double standard_deviation(const std::vector<double>& values) {
  CHECK(values.size() > 1);
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double student_t_975(std::uint64_t degrees) {
  CHECK(degrees > 0);
  if (degrees <= kStudentT975.size()) return kStudentT975[degrees - 1];
  return expanded_t(static_cast<double>(degrees));
}

Estimate mean_estimate(const std::vector<double>& values) {
  constexpr double kAnything = std::numeric_limits<double>::infinity();
  const double middle = mean(values);
  if (values.size() < 2) return {middle, -kAnything, kAnything};
  const double half = student_t_975(values.size() - 1) * standard_deviation(values) /
                      std::sqrt(static_cast<double>(values.size()));
  return {middle, middle - half, middle + half};
}

Estimate share_estimate(std::uint64_t successes, std::uint64_t trials) {
  CHECK(trials > 0 && successes <= trials);
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  constexpr double z2 = kNormal975 * kNormal975;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      kNormal975 / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return {share, successes == 0 ? 0 : std::max(0.0, centre - half),
          successes == trials ? 1 : std::min(1.0, centre + half)};
}

QuantileRanks quantile_ranks(std::size_t size, double share) {
  CHECK(size > 0 && share > 0 && share < 1);
  const auto n = static_cast<double>(size);
  const double below = n * share;
  const double half = kNormal975 * std::sqrt(n * share * (1 - share));
  const auto index = [n](double rank) {
    return static_cast<std::size_t>(std::clamp(rank, 0.0, n - 1));
  };
  return {index(below), index(below - half), index(std::ceil(below + half))};
}

}  // namespace sim
