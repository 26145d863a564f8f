#include "net-real/shaper/frames.h"

namespace net {
namespace {

constexpr std::size_t kWordLength = 4;  // by which a handshake is known: "GET ", "HTTP"
constexpr std::string_view kHandshakeEnd = "\r\n\r\n";

}  // namespace

void FrameCutter::push(std::string_view bytes, std::vector<Piece>& out) {
  rest_ += bytes;
  while (begin_ < rest_.size() && cut_one(out)) {
  }
  rest_.erase(0, begin_);
  begin_ = 0;
}

// False: more bytes are needed.
bool FrameCutter::cut_one(std::vector<Piece>& out) {
  const std::string_view rest = std::string_view(rest_).substr(begin_);
  switch (kind_) {
    case Kind::unknown: {
      const std::string_view word = rest.substr(0, kWordLength);
      const bool may_be =
          std::string_view("GET ").starts_with(word) || std::string_view("HTTP").starts_with(word);
      if (may_be && word.size() < kWordLength) return false;
      kind_ = may_be ? Kind::handshake : Kind::plain;
      return true;
    }
    case Kind::handshake: {
      const std::size_t end = rest.find(kHandshakeEnd);
      if (end == rest.npos) return false;
      kind_ = Kind::frames;
      cut(end + kHandshakeEnd.size(), 0, out);
      return true;
    }
    case Kind::frames:
      return cut_frame(out);
    case Kind::plain:
      cut(rest.size(), rest.size(), out);
      return true;
  }
  return false;
}

// RFC 6455, 5.2: a byte of kind, a bit of mask, a length of 7, 16 or 64 bits, a mask of 4 bytes.
bool FrameCutter::cut_frame(std::vector<Piece>& out) {
  const auto byte = [this](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[begin_ + i]));
  };
  const std::size_t there = rest_.size() - begin_;
  if (there < 2) return false;
  std::uint64_t length = byte(1) & 0x7f;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t head = 2 + more + ((byte(1) & 0x80) != 0 ? 4 : 0);
  if (there < head) return false;
  if (more > 0) length = 0;
  for (std::size_t i = 0; i < more; ++i) length = length << 8 | byte(2 + i);
  if (there - head < length) return false;
  const bool is_control = (byte(0) & 0x08) != 0;
  cut(head + length, is_control ? 0 : length, out);
  return true;
}

void FrameCutter::cut(std::size_t size, std::uint64_t payload, std::vector<Piece>& out) {
  out.push_back({rest_.substr(begin_, size), payload});
  begin_ += size;
}

}  // namespace net
