// A stream of bytes cut into what its sender said at once: the pieces that a shaper carries.
//
// A WebSocket's stream is its handshake, then frames; of a frame's head only kind and length are
// read. What is no WebSocket is cut as it was read. Nothing is ever changed: the pieces, one after
// the other, are the stream. A piece counts the bytes that a scenario counts: a message's payload,
// and nothing for handshakes, pings and closes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace net {

struct Piece {
  std::string bytes;
  std::uint64_t payload = 0;  // bytes, as the scenario counts them
};

class FrameCutter {
 public:
  // Takes the next bytes of the stream; what is whole is appended to `out`.
  void push(std::string_view bytes, std::vector<Piece>& out);

 private:
  enum class Kind : std::uint8_t { unknown, handshake, frames, plain };

  bool cut_one(std::vector<Piece>& out);
  bool cut_frame(std::vector<Piece>& out);
  void cut(std::size_t size, std::uint64_t payload, std::vector<Piece>& out);

  Kind kind_ = Kind::unknown;
  std::string rest_;  // from `begin_` on: not yet a piece
  std::size_t begin_ = 0;
};

}  // namespace net
