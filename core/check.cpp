#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace chain {

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed\n", file, line, expression);
  std::abort();
}

}  // namespace chain
