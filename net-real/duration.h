// A time as people write it, in flags, settings and chain files.
//
// Whole numbers and few units, so that what is written is what is meant; a scenario's quantities
// (net-sim) know more of them.
#pragma once

#include <optional>
#include <string_view>

#include "core/time.h"

namespace net {

// "500ms", "10 s", "2min", "1h"; nothing if it is none.
std::optional<chain::Duration> parse_duration(std::string_view text);

}  // namespace net
