// The world failing: a port that is taken, a disk that cannot be written.
//
// One line for a person, and the exit code that goes with it. Thrown where going on makes no sense,
// caught once, in main. What peers and HTTP clients do wrong is never a Failure: that is data, and
// the node lives on.
#pragma once

#include <stdexcept>
#include <string>

namespace net {

inline constexpr int kExitBadInput = 1;     // bad input or usage: arguments, another network's data
inline constexpr int kExitDamaged = 2;      // what was to be verified is not as it should be
inline constexpr int kExitCannotWrite = 5;  // the data directory cannot be opened or written

// What a damaged file or another program said may stand in a line, whatever it holds.
inline std::string in_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

struct Failure : std::runtime_error {
  Failure(int exit_code_, const std::string& line)
      : std::runtime_error(in_one_line(line)), exit_code(exit_code_) {}
  int exit_code;
};

}  // namespace net
