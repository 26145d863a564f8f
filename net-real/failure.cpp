#include "net-real/failure.h"

#include <string_view>

namespace net {
namespace {

// The length of the character at the beginning of `text`, which is not ASCII. 0: no valid UTF-8,
// or a control character (U+0080 to U+009F), which a terminal may obey.
std::size_t bytes_of_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t bytes = 0;
  if (first >= 0xc2 && first < 0xe0) bytes = 2;
  if (first >= 0xe0 && first < 0xf0) bytes = 3;
  if (first >= 0xf0 && first < 0xf5) bytes = 4;
  if (bytes == 0 || text.size() < bytes) return 0;
  // No overlong form, no surrogate, nothing above U+10FFFF.
  unsigned char least = 0x80, most = 0xbf;
  if (first == 0xc2 || first == 0xe0) least = 0xa0;
  if (first == 0xf0) least = 0x90;
  if (first == 0xed) most = 0x9f;
  if (first == 0xf4) most = 0x8f;
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return bytes;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string line;
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const bool is_ascii = first < 0x80;
    const std::size_t bytes = is_ascii ? 1 : bytes_of_character(text);
    if (is_ascii) {
      line += first < ' ' || first == 0x7f ? ' ' : text.front();
    } else if (bytes > 0) {
      line += text.substr(0, bytes);
    } else {
      line += "\\x";
      line += kDigits[first >> 4];
      line += kDigits[first & 15];
    }
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
  return line;
}

}  // namespace net
