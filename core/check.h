// CHECK: what must be true, in every build.
//
// A failed CHECK is a programmer's error: the process ends with file, line and expression, because
// going on with a broken invariant would make a result nobody can trust. What peers or files do
// wrong is data (result.h, io.h).
#pragma once

namespace chain {

[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace chain

#define CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::chain::check_failed(#expression, __FILE__, __LINE__))
