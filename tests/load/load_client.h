// Clients by the thousand on one thread: raw TCP, and WebSocket frames written by hand, so that any
// byte can be wrong.
//
// No Beast and nothing of the node's: what is tried here must not share its mistakes. Coroutines of
// Asio, since each client is a straight story.
#pragma once

#include <boost/asio.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace load {

namespace asio = boost::asio;
using asio::awaitable;
using Tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// 0 for what is no number.
std::size_t number_from(std::string_view text);
// Of ADDRESS:PORT.
Tcp::endpoint endpoint_from(std::string_view text);

// A frame as a client sends it: masked with zeros, which changes nothing.
std::string frame(std::string_view payload, unsigned char first_byte = 0x81);

// Milliseconds, sorted when they are asked for.
class Latencies {
 public:
  void add(Clock::duration took) {
    ms_.push_back(std::chrono::duration<double, std::milli>(took).count());
  }
  std::size_t count() const { return ms_.size(); }
  // Of the values, this share is no larger.  0 if there is none.
  double quantile(double share);

 private:
  std::vector<double> ms_;
};

// A connection on which what fails is an exception of Asio's.
class Client {
 public:
  explicit Client(asio::any_io_executor executor) : socket_(std::move(executor)) {}

  awaitable<void> connect(const Tcp::endpoint& to);
  awaitable<void> upgrade();  // to a WebSocket
  awaitable<void> say(std::string_view bytes);
  // The payload of the next frame of this first byte; answers nothing, drops all others.
  awaitable<std::string> receive(unsigned char first_byte);
  // The body of one answer over HTTP/1.1, and its status.
  awaitable<unsigned> receive_answer(std::string& body);
  // The other side sees the end of what is said, and may still answer.
  void say_no_more();

 private:
  awaitable<void> need(std::size_t bytes);

  Tcp::socket socket_;
  std::string buffer_;
};

}  // namespace load
