// The books of the traffic: what became of every message and of every byte that was sent.
//
//   sent = delivered + in flight + lost, and each way of being lost has a name
//
// The law holds at every instant, for messages and for bytes; property tests add it up. How many
// bytes a message had is known where it arrives because its event carries them: as a number where
// they fit, else as the number of a line in SizeBook, which the messages of one size share.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/check.h"
#include "net-sim/pending.h"

namespace sim {

struct Traffic {
  std::uint64_t messages = 0, bytes = 0;

  void add(std::uint64_t bytes_of_one) {
    ++messages;
    bytes += bytes_of_one;
  }
  Traffic& operator+=(const Traffic& other) {
    messages += other.messages;
    bytes += other.bytes;
    return *this;
  }
  Traffic& operator-=(const Traffic& other) {
    messages -= other.messages;
    bytes -= other.bytes;
    return *this;
  }
  constexpr auto operator<=>(const Traffic&) const = default;
};

struct TrafficLedger {
  Traffic sent, delivered;
  Traffic lost_to_close;    // on its way to an end that was closed
  Traffic lost_to_timeout;  // stalled when its sender gave the connection up
  Traffic over_max_frame;   // larger than `network.max_frame`: refused by its sender's own end

  Traffic lost() const {
    Traffic all = lost_to_close;
    all += lost_to_timeout;
    all += over_max_frame;
    return all;
  }
  Traffic in_flight() const {
    Traffic left = sent;
    left -= delivered;
    left -= lost();
    return left;
  }
};

// What Pending::size stands for.
class SizeBook {
 public:
  SizeBook() : lines_(1) {}  // the first is never used: a line that no size finds by chance

  // The code of a message that leaves.  Every put() is followed by one take().
  std::uint32_t put(std::uint64_t bytes) {
    return bytes < kInLine ? static_cast<std::uint32_t>(bytes) : put_in_line(bytes);
  }
  // Its bytes, where it arrives or is lost.
  std::uint64_t take(std::uint32_t code) { return code < kInLine ? code : take_from_line(code); }

 private:
  static constexpr std::uint32_t kInLine = 1u << (Pending::kSizeBits - 1);
  static constexpr std::uint32_t kRecent = 64;
  struct Line {
    std::uint64_t bytes = 0;
    std::uint32_t messages = 0;
  };

  std::uint32_t put_in_line(std::uint64_t bytes) {
    std::uint32_t& line = recent_[bytes % kRecent];
    if (lines_[line].bytes != bytes || lines_[line].messages == 0) {
      if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(lines_.size()));
        lines_.emplace_back();
        CHECK(lines_.size() <= kInLine);  // so many sizes under way at once
      }
      line = free_.back();
      free_.pop_back();
      lines_[line] = {bytes, 0};
    }
    ++lines_[line].messages;
    return kInLine + line;
  }
  std::uint64_t take_from_line(std::uint32_t code) {
    Line& line = lines_[code - kInLine];
    CHECK(line.messages > 0);
    if (--line.messages == 0) free_.push_back(code - kInLine);
    return line.bytes;
  }

  std::vector<Line> lines_;
  std::vector<std::uint32_t> free_;
  std::array<std::uint32_t, kRecent> recent_{};  // by size: the line last used for it
};

}  // namespace sim
