// The world failing: a port that is taken, a disk that cannot be written.
//
// One line for a person, and the exit code that goes with it. Thrown where going on makes no sense,
// caught once, in main. What peers and HTTP clients do wrong is never a Failure: that is data, and
// the node lives on.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace net {

inline constexpr int kExitBadInput = 1;     // bad input or usage: arguments, another network's data
inline constexpr int kExitDamaged = 2;      // what was to be verified is not as it should be
inline constexpr int kExitCannotWrite = 5;  // the data directory cannot be opened or written

// A text as one line of UTF-8 for people. A damaged file or another program may have given any
// bytes: a control character becomes a space, and a byte that is no UTF-8 becomes \xNN.
std::string printable(std::string_view text);

struct Failure : std::runtime_error {
  Failure(int exit_code_, const std::string& line)
      : std::runtime_error(printable(line)), exit_code(exit_code_) {}
  int exit_code;
};

}  // namespace net
