#include "core/message.h"

#include <array>

namespace chain {

std::string_view name_of(MessageType type) {
  static constexpr std::array<std::string_view, kMessageTypes> kNames{"QueryLatest", "LatestBlock",
                                                                      "WholeChain"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace chain
