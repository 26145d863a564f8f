#include "net-real/duration.h"

#include <charconv>

namespace net {

std::optional<chain::Duration> parse_duration(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000;  // of any unit: no overflow, and long enough
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 1 || number > kMost) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text == "ms") return chain::milliseconds(number);
  if (text == "s") return chain::seconds(number);
  if (text == "min") return chain::minutes(number);
  if (text == "h" && number <= kMost / 60) return chain::minutes(60 * number);
  return std::nullopt;
}

}  // namespace net
