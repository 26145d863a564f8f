#include "net-real/invocation.h"

#include <algorithm>

namespace net {

std::size_t Verb::count_words() const {
  if (words.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::count(words.begin(), words.end(), ' '));
}

}  // namespace net
