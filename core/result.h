// Result<T, E>: a value, or the reason why there is none.
//
// For what may fail through no fault of the program: bytes from a peer, a scenario file, an
// argument. An error is made with `Error{...}`, so that a Result whose value and error have the
// same type stays unambiguous.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "core/check.h"

namespace chain {

template <typename E = std::string>
struct Error {
  // A constructor, since clang 14 does not initialise an aggregate in parentheses.
  explicit Error(E why) : reason(std::move(why)) {}
  E reason;
};
template <typename E>
Error(E) -> Error<E>;
Error(const char*)->Error<std::string>;

template <typename T, typename E = std::string>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::in_place_index<0>, std::move(value)) {}
  template <typename F>
  Result(Error<F> error) : value_(std::in_place_index<1>, std::move(error.reason)) {}

  bool ok() const { return value_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& value() {
    CHECK(ok());
    return *std::get_if<0>(&value_);
  }
  const T& value() const {
    CHECK(ok());
    return *std::get_if<0>(&value_);
  }
  // REQUIRES: !ok().
  const E& error() const {
    CHECK(!ok());
    return *std::get_if<1>(&value_);
  }

 private:
  std::variant<T, E> value_;
};

}  // namespace chain
