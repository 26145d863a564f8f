#include "net-sim/units.h"

#include <array>
#include <limits>
#include <optional>

#include "core/fixed_math.h"

namespace sim {
namespace {

using chain::Error;
using chain::Int128;

// `numerator / denominator` of the dimension's own integer unit make one of this.
struct Unit {
  const char* name;
  Dimension dimension;
  std::int64_t numerator;
  std::int64_t denominator = 1;
  bool written = true;           // quantity_text uses it,
  std::int64_t fraction = 1000;  // for whole multiples of one over this
};

// Within a dimension the largest first.
constexpr std::array kUnits = {
    Unit{"d", Dimension::time, 86'400'000'000'000, 1, true, 1},
    Unit{"h", Dimension::time, 3'600'000'000'000, 1, true, 1},
    Unit{"min", Dimension::time, 60'000'000'000, 1, true, 1},
    Unit{"s", Dimension::time, 1'000'000'000},
    Unit{"ms", Dimension::time, 1'000'000},
    Unit{"us", Dimension::time, 1'000},
    Unit{"µs", Dimension::time, 1'000, 1, false},
    Unit{"ns", Dimension::time, 1},
    Unit{"GiB", Dimension::size, 1 << 30, 1, false},
    Unit{"MiB", Dimension::size, 1 << 20, 1, false},
    Unit{"KiB", Dimension::size, 1 << 10, 1, false},
    Unit{"GB", Dimension::size, 1'000'000'000},
    Unit{"MB", Dimension::size, 1'000'000},
    Unit{"kB", Dimension::size, 1'000},
    Unit{"B", Dimension::size, 1},
    Unit{"Gbit/s", Dimension::rate, 125'000'000},
    Unit{"Mbit/s", Dimension::rate, 125'000},
    Unit{"kbit/s", Dimension::rate, 125},
    Unit{"bit/s", Dimension::rate, 1, 8, false},
    Unit{"GB/s", Dimension::rate, 1'000'000'000, 1, false},
    Unit{"MB/s", Dimension::rate, 1'000'000, 1, false},
    Unit{"kB/s", Dimension::rate, 1'000, 1, false},
    Unit{"B/s", Dimension::rate, 1},
    Unit{"%", Dimension::share, 10'000'000},
    Unit{"", Dimension::number, 1'000'000'000},
};

const char* noun(Dimension dimension) {
  switch (dimension) {
    case Dimension::time:
      return "a duration";
    case Dimension::size:
      return "a size";
    case Dimension::rate:
      return "a rate";
    case Dimension::share:
      return "a share";
    case Dimension::number:
      return "a number without unit";
  }
  return "";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `digits` / 10^`decimals`.
struct Number {
  Int128 digits = 0;
  int decimals = 0;
};

constexpr std::size_t kMaxShown = 60;  // bytes of a value in an error line
constexpr int kMaxDigits =
    24;  // more than any quantity here can need; keeps Int128 far from its end

// Takes the number off the front of `text`; nothing if there is none, or one with too many digits.
std::optional<Number> take_number(std::string_view& text) {
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++i;
  Number number;
  int digits = 0;
  bool point = false;
  const std::size_t first = i;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    number.digits = number.digits * 10 + (text[i] - '0');
    if (point) ++number.decimals;
    if (++digits > kMaxDigits) return std::nullopt;
  }
  if (digits == 0 || !is_digit(text[first]) || text[i - 1] == '.') return std::nullopt;
  if (negative) number.digits = -number.digits;
  text.remove_prefix(i);
  return number;
}

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// Rounded half away from zero.
Int128 rounded_quotient(Int128 numerator, Int128 denominator) {
  const Int128 half = denominator / 2;
  return (numerator < 0 ? numerator - half : numerator + half) / denominator;
}

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (name == unit.name) return &unit;
  }
  return nullptr;
}

std::string unit_names(Dimension dimension) {
  std::string names;
  for (const Unit& unit : kUnits) {
    if (unit.dimension == dimension && unit.written) {
      names = std::string(unit.name) + (names.empty() ? "" : ", ") + names;
    }
  }
  return names;
}

}  // namespace

std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (line.size() >= kMaxShown && (byte & 0xc0) != 0x80) return line + "…";
    line += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return line;
}

std::string in_quotes(std::string_view text) { return "`" + shown(text) + "`"; }

std::string expected_quantity(Dimension dimension) {
  switch (dimension) {
    case Dimension::time:
      return "a duration such as `50 ms` or `10 min`";
    case Dimension::size:
      return "a size such as `20 kB` or `1.5 MB`";
    case Dimension::rate:
      return "a rate such as `10 Mbit/s`";
    case Dimension::share:
      return "a share such as `30 %`";
    case Dimension::number:
      return "a number without unit such as `2.5`";
  }
  return "";
}

chain::Result<Quantity, Mismatch> parse_quantity(std::string_view text) {
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number) return Error{Mismatch{in_quotes(text) + " is no quantity", "a number and a unit"}};
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const Unit* unit = find_unit(rest);
  if (unit == nullptr) {
    return Error{Mismatch{"unknown unit " + in_quotes(rest) + " in " + in_quotes(text),
                          "one of " + unit_names(Dimension::time) + "; " +
                              unit_names(Dimension::size) + "; " + unit_names(Dimension::rate) +
                              "; %"}};
  }
  const Int128 scaled = number->digits * unit->numerator;
  const Int128 value = rounded_quotient(scaled, power_of_ten(number->decimals) * unit->denominator);
  if (value == 0 && scaled != 0) {
    return Error{Mismatch{in_quotes(text) + " is too small to tell from 0",
                          "0 or at least " + quantity_text(unit->dimension, 1)}};
  }
  constexpr Int128 kLimit = std::numeric_limits<std::int64_t>::max();
  if (value > kLimit || value < -kLimit) {
    return Error{Mismatch{in_quotes(text) + " is too large", "less", true}};
  }
  return Quantity{unit->dimension, static_cast<std::int64_t>(value)};
}

chain::Result<std::int64_t, Mismatch> parse_quantity(std::string_view text, Dimension wanted) {
  const std::string expected = expected_quantity(wanted);
  auto quantity = parse_quantity(text);
  if (!quantity) {
    const bool unit_is_unknown = quantity.error().found.starts_with("unknown unit");
    const bool number_is_bad = quantity.error().found.ends_with("is no quantity");
    if (number_is_bad)
      return Error{Mismatch{in_quotes(text) + " is not " + noun(wanted), expected}};
    if (!unit_is_unknown) return Error{quantity.error()};
    const std::string units =
        wanted == Dimension::number ? expected : "one of " + unit_names(wanted);
    return Error{Mismatch{quantity.error().found, units}};
  }
  if (quantity->dimension == wanted) return quantity->value;
  if (quantity->dimension != Dimension::number) {
    return Error{Mismatch{in_quotes(text) + " is " + noun(quantity->dimension), expected}};
  }
  if (quantity->value == 0 && wanted != Dimension::number) return std::int64_t{0};  // 0 of anything
  return Error{Mismatch{in_quotes(text) + " has no unit", expected}};
}

std::string quantity_text(Dimension dimension, std::int64_t value) {
  if (value == 0 && dimension == Dimension::time) return "0 s";
  const bool negative = value < 0;
  const Int128 magnitude = negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
  for (const Unit& unit : kUnits) {
    if (unit.dimension != dimension || !unit.written) continue;
    const bool last =
        unit.numerator == 1 || dimension == Dimension::share || dimension == Dimension::number;
    if (magnitude < unit.numerator && !last) continue;
    // Exact with so many decimals, or the next smaller unit.
    const Int128 decimals = last ? unit.numerator : unit.fraction;
    if ((magnitude * decimals) % unit.numerator != 0) continue;
    std::string text = std::to_string(static_cast<std::int64_t>(magnitude / unit.numerator));
    std::string fraction;
    Int128 rest = magnitude % unit.numerator;
    while (rest != 0) {
      rest *= 10;
      fraction += static_cast<char>('0' + static_cast<int>(rest / unit.numerator));
      rest %= unit.numerator;
    }
    if (!fraction.empty()) text += "." + fraction;
    if (*unit.name != '\0') text += std::string(" ") + unit.name;
    return (negative ? "-" : "") + text;
  }
  return std::to_string(value);  // not reached: every dimension has a unit of one
}

chain::Result<std::uint64_t, Mismatch> parse_count(std::string_view text) {
  const std::string expected = "a whole number";
  std::uint64_t count = 0;
  if (text.empty()) return Error{Mismatch{"nothing", expected}};
  for (const char c : text) {
    if (!is_digit(c)) return Error{Mismatch{in_quotes(text) + " is not a whole number", expected}};
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (count > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      return Error{Mismatch{in_quotes(text) + " is too large", "less than 2^64", true}};
    }
    count = count * 10 + digit;
  }
  return count;
}

}  // namespace sim
