#include "core/io.h"

#include <array>

namespace chain {

std::string_view name_of(Offence offence) {
  static constexpr std::array<std::string_view, 3> kNames{"none", "malformed", "oversized"};
  return kNames[static_cast<std::size_t>(offence)];
}

}  // namespace chain
