#include "net-sim/override.h"

namespace sim {

chain::Result<Override> parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return chain::Error{"--set " + text +
                        ": no key with a value; expected KEY=VALUE, such as network.nodes=500"};
  }
  return Override{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace sim
