#include "tests/load/load_client.h"

#include <algorithm>
#include <charconv>

namespace load {

std::size_t number_from(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Tcp::endpoint endpoint_from(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return {asio::ip::make_address(std::string(text.substr(0, colon))),
          static_cast<std::uint16_t>(number_from(text.substr(colon + 1)))};
}

std::string frame(std::string_view payload, unsigned char first_byte) {
  std::string out(1, static_cast<char>(first_byte));
  const std::uint64_t size = payload.size();
  const auto put = [&out](std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
  };
  if (size < 126) {
    put(0x80 | size, 1);
  } else if (size < 1 << 16) {
    put(0x80 | 126, 1);
    put(size, 2);
  } else {
    put(0x80 | 127, 1);
    put(size, 8);
  }
  put(0, 4);
  return out.append(payload);
}

double Latencies::quantile(double share) {
  if (ms_.empty()) return 0;
  std::sort(ms_.begin(), ms_.end());
  const auto last = static_cast<double>(ms_.size() - 1);
  return ms_[static_cast<std::size_t>(share * last)];
}

awaitable<void> Client::connect(const Tcp::endpoint& to) {
  co_await socket_.async_connect(to, asio::use_awaitable);
  socket_.set_option(Tcp::no_delay(true));
}

awaitable<void> Client::upgrade() {
  co_await say(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  while (buffer_.find("\r\n\r\n") == buffer_.npos) co_await need(buffer_.size() + 1);
  buffer_.erase(0, buffer_.find("\r\n\r\n") + 4);
}

awaitable<void> Client::say(std::string_view bytes) {
  co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable);
}

awaitable<void> Client::need(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    const std::size_t before = buffer_.size();
    buffer_.resize(before + std::max<std::size_t>(bytes - before, 4096));
    std::size_t got = 0;
    try {
      got = co_await socket_.async_read_some(
          asio::buffer(buffer_.data() + before, buffer_.size() - before), asio::use_awaitable);
    } catch (...) {
      buffer_.resize(before);
      throw;
    }
    buffer_.resize(before + got);
  }
}

awaitable<std::string> Client::receive(unsigned char first_byte) {
  for (;;) {
    co_await need(2);
    std::uint64_t size = static_cast<unsigned char>(buffer_[1]) & 0x7f;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    co_await need(2 + more);
    if (more > 0) size = 0;
    for (std::size_t i = 0; i < more; ++i) {
      size = size << 8 | static_cast<unsigned char>(buffer_[2 + i]);
    }
    const std::size_t head = 2 + more;
    co_await need(head + size);
    const bool wanted = static_cast<unsigned char>(buffer_[0]) == first_byte;
    std::string payload = buffer_.substr(head, size);
    buffer_.erase(0, head + size);
    if (wanted) co_return payload;
  }
}

awaitable<unsigned> Client::receive_answer(std::string& body) {
  while (buffer_.find("\r\n\r\n") == buffer_.npos) co_await need(buffer_.size() + 1);
  const std::size_t head = buffer_.find("\r\n\r\n") + 4;
  unsigned status = 0;
  std::from_chars(buffer_.data() + 9, buffer_.data() + 12, status);
  std::size_t size = 0;
  const std::string_view key = "Content-Length: ";
  const std::size_t at = buffer_.find(key);
  if (at < head) {
    std::from_chars(buffer_.data() + at + key.size(), buffer_.data() + head, size);
  }
  co_await need(head + size);
  body = buffer_.substr(head, size);
  buffer_.erase(0, head + size);
  co_return status;
}

void Client::say_no_more() {
  boost::system::error_code ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
}

}  // namespace load
