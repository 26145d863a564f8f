#include "net-real/shaper/shaper.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <map>

#include "net-real/listener.h"

namespace net {
namespace {

using ErrorCode = boost::system::error_code;

constexpr std::size_t kReadBytes = 64 << 10;  // at once

}  // namespace

// One socket: the end of a connection at one of its nodes.
struct Shaper::End {
  explicit End(Tcp::socket the_socket) : socket(std::move(the_socket)) {}

  Tcp::socket socket;
  StreamNumber out = 0;  // the stream that leaves this node
  FrameCutter cutter;
  std::array<char, kReadBytes> buffer;
  std::deque<std::string> unwritten;
  std::size_t unwritten_bytes = 0;
  bool is_up = false;       // connected
  bool is_writing = false;  // asynchronously
  bool is_ending = false;   // once all is written
};

struct Shaper::Parts {
  std::map<NodeNumber, Tcp::endpoint> targets;
  std::vector<std::unique_ptr<Listener>> listeners;
};

Shaper::Shaper(Loop& loop, Log& log)
    : loop_(loop),
      log_(log),
      agenda_(loop),
      carrier_(agenda_, *this),
      parts_(std::make_unique<Parts>()) {}
Shaper::~Shaper() = default;

void Shaper::set_target(NodeNumber node, const Endpoint& where) {
  parts_->targets[node] = {boost::asio::ip::make_address(where.host), where.port};
}

Endpoint Shaper::listen(NodeNumber from, NodeNumber to, const Endpoint& where) {
  auto& listener = parts_->listeners.emplace_back(std::make_unique<Listener>(loop_, log_));
  const Endpoint found = listener->listen("--listen", where);
  listener->accept([this, from, to](Tcp::socket socket) {
    ErrorCode ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    const auto end = std::make_shared<End>(std::move(socket));
    end->is_up = true;
    end->out = carrier_.dial(from, to);
    ends_.resize(carrier_.size());
    ends_[end->out] = end;
    read(end);
  });
  return found;
}

void Shaper::read(const std::shared_ptr<End>& end) {
  end->socket.async_read_some(boost::asio::buffer(end->buffer),
                              [this, end](ErrorCode error, std::size_t size) {
                                if (!carrier_.is_open(end->out)) return;
                                if (error) return gone(*end);
                                std::vector<Piece> pieces;
                                end->cutter.push({end->buffer.data(), size}, pieces);
                                for (Piece& piece : pieces)
                                  carrier_.send(end->out, std::move(piece));
                                read(end);
                              });
}

// Its node has closed it, or died.
void Shaper::gone(End& end) {
  carrier_.close(end.out);
  hang_up(end, false);
}

void Shaper::hang_up(End& end, bool is_reset) {
  ErrorCode ignored;
  if (is_reset) end.socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  end.socket.close(ignored);
  ends_[end.out] = nullptr;
}

void Shaper::reset(NodeNumber a, NodeNumber b) {
  for (StreamNumber id = 0; id < ends_.size(); ++id) {
    const NodeNumber from = carrier_.sender(id), to = carrier_.receiver(id);
    if (!((from == a && to == b) || (from == b && to == a))) continue;
    carrier_.close_end(id);
    if (const auto end = end_of(id)) hang_up(*end, true);
  }
}

// --- What the carrier tells ----------------------------------------------------------------------

void Shaper::dialled(StreamNumber id) {
  if (!carrier_.is_open(id)) return;  // the dialler has gone meanwhile
  const auto target = parts_->targets.find(carrier_.receiver(id));
  if (target == parts_->targets.end()) return carrier_.refuse(id);
  const auto end = std::make_shared<End>(Tcp::socket(loop_.context()));
  end->out = id ^ 1;
  ends_[end->out] = end;
  carrier_.accept(id);  // what arrives from now on waits for the socket
  end->socket.async_connect(target->second, [this, end, id](ErrorCode error) {
    if (error) {
      carrier_.close_end(end->out);
      ends_[end->out] = nullptr;
      return carrier_.refuse(id);
    }
    ErrorCode ignored;
    end->socket.set_option(Tcp::no_delay(true), ignored);
    end->socket.non_blocking(true, ignored);
    end->is_up = true;
    read(end);
    flush(end);
  });
}

void Shaper::dial_failed(StreamNumber id) {
  carrier_.close_end(id);
  if (const auto end = end_of(id)) hang_up(*end, true);
}

void Shaper::arrived(StreamNumber id, Piece piece, chain::Time due) {
  const auto end = end_of(id ^ 1);
  if (!end) return;
  ++pieces_;
  bytes_ += piece.bytes.size();
  end->unwritten_bytes += piece.bytes.size();
  end->unwritten.push_back(std::move(piece.bytes));
  if (end->unwritten_bytes > kMostUnwritten) {
    log_.warn("reset", {{"why", "a node does not read what is sent to it"}});
    return reset(carrier_.sender(id), carrier_.receiver(id));
  }
  flush(end);
  errors_.add(loop_.now() - due);
}

void Shaper::ended(StreamNumber id, chain::Time) {
  carrier_.close_end(id ^ 1);
  const auto end = end_of(id ^ 1);
  if (!end) return;
  end->is_ending = true;
  flush(end);
}

// At once as far as the socket takes it; the rest when it can.
void Shaper::flush(const std::shared_ptr<End>& end) {
  if (!end->is_up || end->is_writing) return;
  while (!end->unwritten.empty()) {
    std::string& front = end->unwritten.front();
    ErrorCode error;
    const std::size_t written = end->socket.write_some(boost::asio::buffer(front), error);
    if (error && error != boost::asio::error::would_block) return;  // the read knows why
    end->unwritten_bytes -= written;
    if (written == front.size()) {
      end->unwritten.pop_front();
      continue;
    }
    front.erase(0, written);
    end->is_writing = true;
    return end->socket.async_wait(Tcp::socket::wait_write, [this, end](ErrorCode failed) {
      end->is_writing = false;
      if (!failed) flush(end);
    });
  }
  if (end->is_ending && ends_[end->out] == end) hang_up(*end, false);
}

}  // namespace net
