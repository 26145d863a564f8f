// A column of whole numbers as a short text: zigzag, seven bits a byte, base64.
//
// Half a million numbers stand in a page as a few megabytes and are there in a few hundredths of a
// second. Small numbers are short, so what ascends (times, ids) is pushed as the step from the
// last.
#pragma once

#include <cstdint>
#include <string>

namespace sim {

class PackedColumn {
 public:
  void push(std::int64_t value);
  // The step from the last number that was pushed so, at first from 0.
  void push_step(std::int64_t value) {
    push(value - last_);
    last_ = value;
  }
  std::string base64() const;

 private:
  std::string bytes_;
  std::int64_t last_ = 0;
};

}  // namespace sim
