#include "core/json_scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace chain {
namespace {

enum CharClass : std::uint8_t { plain, quote, backslash, control, beyond_ascii };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t i = 0; i < 0x20; ++i) classes[i] = control;
  for (std::size_t i = 0x80; i < 256; ++i) classes[i] = beyond_ascii;
  classes['"'] = quote;
  classes['\\'] = backslash;
  return classes;
}
constexpr auto kClasses = make_classes();

// Whether all of eight characters are plain; looks at them at once.
bool eight_plain(const char* text) {
  constexpr std::uint64_t kEach = 0x0101010101010101u;
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  const std::uint64_t below_space = word - kEach * 0x20;
  const std::uint64_t is_quote = (word ^ kEach * '"') - kEach;
  const std::uint64_t is_backslash = (word ^ kEach * '\\') - kEach;
  return ((word | below_space | is_quote | is_backslash) & kEach * 0x80) == 0;
}

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// -1 for what is no digit of either case.
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// REQUIRES: four digits at `at`.
std::uint32_t hex4_value(std::string_view raw, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    value = value * 16 + static_cast<std::uint32_t>(hex_value(raw[i]));
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xe0 | point >> 12);
    } else {
      put(0xf0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3f));
    }
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // a quote, a slash, a backslash
  }
}

}  // namespace

std::string JsonText::text() const {
  if (!escaped) return std::string(raw);
  std::string out;
  out.reserve(raw.size());
  std::size_t i = 0;
  while (i < raw.size()) {
    const std::size_t next = std::min(raw.find('\\', i), raw.size());
    out.append(raw, i, next - i);
    i = next;
    if (i == raw.size()) break;
    if (raw[i + 1] != 'u') {
      out += unescaped(raw[i + 1]);
      i += 2;
      continue;
    }
    std::uint32_t point = hex4_value(raw, i + 2);
    i += 6;
    if (is_high_surrogate(point) && raw.substr(i, 2) == "\\u") {
      const std::uint32_t low = hex4_value(raw, i + 2);
      if (is_low_surrogate(low)) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
    }
    append_utf8(out, point);
  }
  return out;
}

bool JsonScanner::fail(std::string_view code, std::size_t offset) {
  fault_ = {code, offset};
  return false;
}

bool JsonScanner::fail_kind(std::string_view code) {
  const bool begins_value = at_ < text_.size() && (is_digit(text_[at_]) ||
                                                   std::string_view("\"{[-tfn").find(text_[at_]) !=
                                                       std::string_view::npos);
  return begins_value ? fail(code, at_) : fail_here();
}

bool JsonScanner::enter(char open, std::string_view otherwise) {
  if (!take(open)) return fail_kind(otherwise);
  if (depth_left_ <= 0) return fail("too_deep", at_ - 1);
  --depth_left_;
  return true;
}

bool JsonScanner::key(JsonText& out) {
  const std::size_t start = offset();
  if (start == text_.size() || text_[start] != '"') return fail_here();
  return string(out) && (take(':') || fail_here());
}

bool JsonScanner::string(JsonText& out) {
  if (!take('"')) return fail_kind("not_a_text");
  const std::size_t start = at_;
  out.escaped = false;
  while (at_ < text_.size()) {
    while (text_.size() - at_ >= 8 && eight_plain(text_.data() + at_)) at_ += 8;
    if (at_ == text_.size()) break;
    switch (kClasses[static_cast<unsigned char>(text_[at_])]) {
      case plain:
        ++at_;
        break;
      case quote:
        out.raw = text_.substr(start, at_ - start);
        ++at_;
        return true;
      case backslash:
        out.escaped = true;
        if (!escape()) return false;
        break;
      case beyond_ascii:
        if (!utf8()) return false;
        break;
      default:
        return fail_here();
    }
  }
  return fail_here();
}

// Four hex digits, next to come.
bool JsonScanner::hex4(std::uint32_t& out) {
  if (text_.size() - at_ < 4) return fail_here();
  for (std::size_t i = at_; i < at_ + 4; ++i) {
    if (hex_value(text_[i]) < 0) return fail_here();
  }
  out = hex4_value(text_, at_);
  at_ += 4;
  return true;
}

bool JsonScanner::escape() {
  ++at_;
  if (at_ == text_.size()) return fail_here();
  const char letter = text_[at_++];
  if (letter != 'u') {
    return std::string_view("\"\\/bfnrt").find(letter) != std::string_view::npos || fail_here();
  }
  std::uint32_t unit = 0;
  return hex4(unit);
}

// One character beyond ASCII: RFC 3629, so no overlong form, no surrogate, nothing above U+10FFFF.
bool JsonScanner::utf8() {
  const auto byte = [this](std::size_t i) {
    return at_ + i < text_.size() ? static_cast<unsigned char>(text_[at_ + i]) : 0u;
  };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  unsigned lowest = 0x80;  // of the second byte
  unsigned highest = 0xbf;
  if (lead == 0xe0) lowest = 0xa0;
  if (lead == 0xed) highest = 0x9f;
  if (lead == 0xf0) lowest = 0x90;
  if (lead == 0xf4) highest = 0x8f;
  bool valid = lead >= 0xc2 && lead <= 0xf4 && byte(1) >= lowest && byte(1) <= highest;
  for (std::size_t i = 2; i < length; ++i) valid = valid && byte(i) >> 6 == 2;
  if (!valid) return fail("not_utf8", at_);
  at_ += length;
  return true;
}

bool JsonScanner::integer(std::int64_t& out) {
  const std::size_t start = offset();
  const bool negative = take('-');
  if (at_ == text_.size() || !is_digit(text_[at_])) {
    return negative ? fail_here() : fail_kind("not_an_integer");
  }
  std::int64_t value = 0;
  const std::size_t first = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) {
    if (value > kMaxInteger / 10) return fail("out_of_range", start);
    value = value * 10 + (text_[at_++] - '0');
  }
  if (value > kMaxInteger) return fail("out_of_range", start);
  if (text_[first] == '0' && at_ - first > 1) return fail_here();
  const char next = at_ < text_.size() ? text_[at_] : ' ';
  if (next == '.' || next == 'e' || next == 'E') return fail("not_an_integer", start);
  if (negative && value == 0) return fail("not_an_integer", start);
  out = negative ? -value : value;
  return true;
}

std::size_t JsonScanner::digits() {
  const std::size_t start = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ - start;
}

bool JsonScanner::number() {
  const auto next_is = [this](char a, char b) {
    return at_ < text_.size() && (text_[at_] == a || text_[at_] == b);
  };
  if (next_is('-', '-')) ++at_;
  if (next_is('0', '0')) {
    ++at_;
  } else if (digits() == 0) {
    return fail_here();
  }
  if (next_is('.', '.')) {
    ++at_;
    if (digits() == 0) return fail_here();
  }
  if (next_is('e', 'E')) {
    ++at_;
    if (next_is('+', '-')) ++at_;
    if (digits() == 0) return fail_here();
  }
  return true;
}

bool JsonScanner::skip_value() {
  const std::string_view rest = text_.substr(offset());
  if (rest.empty()) return fail_here();
  JsonText text;
  std::uint32_t seen = 0;
  switch (rest.front()) {
    case '"':
      return string(text);
    case '[':
      return array([this] { return skip_value(); });
    case '{':
      return object([](std::string_view) { return -1; }, [](int) { return true; }, seen);
    default:
      break;
  }
  for (const std::string_view word : {"true", "false", "null"}) {
    if (rest.substr(0, word.size()) == word) {
      at_ += word.size();
      return true;
    }
  }
  return number();
}

bool JsonScanner::end() {
  skip_space();
  return at_ == text_.size() || fail_here();
}

bool JsonScanner::distinct(std::vector<std::string>& keys) {
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

}  // namespace chain
