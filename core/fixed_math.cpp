#include "core/fixed_math.h"

#include <array>
#include <bit>
#include <limits>

#include "core/check.h"

namespace chain {
namespace {

constexpr int kTableBits = 7;
constexpr int kTableSize = 1 << kTableBits;
constexpr std::uint64_t kLn2Q62 = 3196577161300663915u;     // ln 2 * 2^62
constexpr std::uint64_t kInvLn2Q61 = 3326628274461080622u;  // 2^61 / ln 2
constexpr std::uint64_t kLn2Q32 = 2977044472u;              // ln 2 * 2^32

constexpr std::uint64_t mul_shift(std::uint64_t a, std::uint64_t b, int shift) {
  return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> shift);
}

// log2 of m / 2^63 in Q62, bit by bit: squaring doubles a logarithm. Slow; makes the table, and the
// tests' oracle.
constexpr std::uint64_t log2_by_squaring(std::uint64_t m) {
  std::uint64_t result = 0;
  for (int bit = 61; bit >= 0; --bit) {
    const Uint128 square = static_cast<Uint128>(m) * m;  // Q126, in [1, 4)
    if ((square >> 127) != 0) {
      result |= std::uint64_t{1} << bit;
      m = static_cast<std::uint64_t>(square >> 64);
    } else {
      m = static_cast<std::uint64_t>(square >> 63);
    }
  }
  return result;
}

constexpr auto make_log_table() {
  std::array<std::uint64_t, kTableSize> table{};
  for (std::uint64_t i = 0; i < kTableSize; ++i) {
    table[i] = log2_by_squaring((kTableSize + i) << (63 - kTableBits));
  }
  return table;
}

// 2^(i / 128) in Q62, by repeated square roots of two: 2^(1/2), 2^(1/4), ... multiplied where i has
// a bit.
constexpr std::uint64_t sqrt_q62(std::uint64_t x) {
  std::uint64_t low = 0, high = std::uint64_t{1} << 63;
  while (high - low > 1) {
    const std::uint64_t mid = low + (high - low) / 2;
    if (((static_cast<Uint128>(mid) * mid) >> 62) <= x) {
      low = mid;
    } else {
      high = mid;
    }
  }
  return low;
}

constexpr auto make_exp_table() {
  std::array<std::uint64_t, kTableSize> table{};
  std::array<std::uint64_t, kTableBits> roots{};
  std::uint64_t root = std::uint64_t{1} << 63;
  for (auto& r : roots) r = root = sqrt_q62(root);
  for (std::size_t i = 0; i < kTableSize; ++i) {
    std::uint64_t product = std::uint64_t{1} << 62;
    for (std::size_t bit = 0; bit < kTableBits; ++bit) {
      if ((i >> (kTableBits - 1 - bit)) & 1) product = mul_shift(product, roots[bit], 62);
    }
    table[i] = product;
  }
  return table;
}

// 2^126 / ((128 + i) / 128 * 2^63), rounded down: a division by what stands in the table's steps.
constexpr auto make_reciprocals() {
  std::array<std::uint64_t, kTableSize> table{};
  for (std::uint64_t i = 0; i < kTableSize; ++i) {
    const std::uint64_t base = (kTableSize + i) << (63 - kTableBits);
    table[i] = static_cast<std::uint64_t>((static_cast<Uint128>(1) << 126) / base);
  }
  return table;
}

constexpr auto kLogTable = make_log_table();
constexpr auto kReciprocals = make_reciprocals();
constexpr auto kExpTable = make_exp_table();

}  // namespace

std::int64_t log2_q32(std::uint64_t x) {
  CHECK(x > 0);
  const int lead = std::countl_zero(x);
  const std::uint64_t m = x << lead;  // Q63 in [1, 2)
  const std::uint64_t index = (m >> (63 - kTableBits)) & (kTableSize - 1);
  const std::uint64_t base = (kTableSize + index) << (63 - kTableBits);
  // r = m / base - 1 < 2^-7 in Q62; ln(1 + r) = r - r^2/2 + r^3/3 - r^4/4, the next term is below
  // 2^-37.
  std::uint64_t r = mul_shift(m - base, kReciprocals[index], 64);  // or one less
  const auto rest = (static_cast<Uint128>(m - base) << 62) - static_cast<Uint128>(r) * base;
  r += rest >= base ? 1 : 0;
  const std::uint64_t r2 = mul_shift(r, r, 62);
  const std::uint64_t r3 = mul_shift(r2, r, 62);
  const std::uint64_t r4 = mul_shift(r3, r, 62);
  const std::uint64_t ln = r - r2 / 2 + r3 / 3 - r4 / 4;
  const std::uint64_t fraction = kLogTable[index] + mul_shift(ln, kInvLn2Q61, 61);  // Q62
  return (static_cast<std::int64_t>(63 - lead) << 32) + static_cast<std::int64_t>(fraction >> 30);
}

std::int64_t exp2_q32(std::int64_t x) {
  const std::int64_t whole = x >> 32;
  CHECK(whole < 31);
  if (whole < -32) return 0;
  const std::uint64_t fraction = static_cast<std::uint64_t>(x) & 0xffffffffu;
  const std::uint64_t index = fraction >> (32 - kTableBits);
  const std::uint64_t rest = (fraction & ((1u << (32 - kTableBits)) - 1)) << 30;  // Q62, < 2^-7
  const std::uint64_t y = mul_shift(rest, kLn2Q62, 62);
  const std::uint64_t y2 = mul_shift(y, y, 62);
  const std::uint64_t y3 = mul_shift(y2, y, 62);
  const std::uint64_t series =
      (std::uint64_t{1} << 62) + y + y2 / 2 + y3 / 6 + mul_shift(y3, y, 62) / 24;
  const std::uint64_t mantissa = mul_shift(kExpTable[index], series, 62);  // Q62 in [1, 2]
  return static_cast<std::int64_t>(mantissa >> (30 - whole));
}

std::int64_t minus_ln_q32(std::uint64_t u) {
  const std::int64_t log2 = (std::int64_t{64} << 32) - log2_q32(u == 0 ? 1 : u);
  return static_cast<std::int64_t>(mul_shift(static_cast<std::uint64_t>(log2), kLn2Q32, 32));
}

std::uint64_t isqrt(std::uint64_t x) {
  if (x == 0) return 0;
  std::uint64_t r = std::uint64_t{1} << ((std::bit_width(x) + 1) / 2);
  while (true) {  // Newton from above falls until it has the floor
    const std::uint64_t next = (r + x / r) / 2;
    if (next >= r) return r;
    r = next;
  }
}

std::int64_t mul_q32(std::int64_t a, std::int64_t b) {
  const Int128 product = static_cast<Int128>(a) * b / kOneQ32;
  if (product > std::numeric_limits<std::int64_t>::max())
    return std::numeric_limits<std::int64_t>::max();
  if (product < std::numeric_limits<std::int64_t>::min())
    return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(product);
}

}  // namespace chain
