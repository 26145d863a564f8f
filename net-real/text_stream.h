// The body of an answer that goes on: text is put in at one end and sent to the client at the
// other.
//
// It holds at most one piece that waits: whoever writes looks whether the last one has gone, and
// leaves out what a slow client would only be late for. Both ends are on the loop's thread. Either
// may go first: an end that is gone is told by is_open().
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace net {

class TextStream {
 public:
  // `opened`: the client waits for the first piece.
  explicit TextStream(std::function<void()> opened) : opened_(std::move(opened)) {}

  // For who writes. True: the last piece has been sent, and the client is there.
  bool is_ready() const { return is_open_ && !sending_; }
  bool is_open() const { return is_open_; }
  // REQUIRES: is_ready().
  void write(std::string piece) {
    sending_ = true;
    send_(std::move(piece));
  }
  // What is being sent may be cut.
  void end() {
    if (std::exchange(is_open_, false) && close_) close_();
  }

  // For who sends: how a piece is sent, and what ends the connection.
  void serve(std::function<void(std::string)> send, std::function<void()> close) {
    if (!is_open_) return close();
    send_ = std::move(send);
    close_ = std::move(close);
    sending_ = false;
    opened_();
  }
  void sent() { sending_ = false; }
  void client_gone() { is_open_ = false; }

 private:
  const std::function<void()> opened_;
  std::function<void(std::string)> send_;
  std::function<void()> close_;
  bool is_open_ = true;
  bool sending_ = true;  // until it is served
};

}  // namespace net
