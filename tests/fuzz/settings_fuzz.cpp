// Any bytes as a --config file: settings of its lines, in their order, or a line that is to blame.
#include <algorithm>
#include <cstdint>

#include "core/check.h"
#include "net-real/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto found = net::parse_settings(text);
  if (!found) {
    const std::string& why = found.error();
    CHECK(why.find(": ") != why.npos && why.front() >= '1' && why.front() <= '9');
    return 0;
  }
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  std::size_t last = 0;
  for (const net::FileSetting& setting : *found) {
    CHECK(setting.line > last && setting.line <= lines);
    CHECK(!setting.key.empty());
    last = setting.line;
  }
  return 0;
}
