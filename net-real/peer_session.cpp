#include "net-real/peer_session.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <charconv>
#include <deque>
#include <utility>

#include "core/digest.h"
#include "net-real/endpoint.h"
#include "net-real/loop.h"

namespace net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

// A TCP socket that is torn down by its session. Beast would wait until the peer closes, which one
// that misbehaves need not do for minutes.
struct PeerSocket : Tcp::socket {
  explicit PeerSocket(Tcp::socket&& socket) : Tcp::socket(std::move(socket)) {}
};

template <typename Handler>
void async_teardown(boost::beast::role_type, PeerSocket& socket, Handler&& handler) {
  boost::system::error_code error;
  socket.shutdown(Tcp::socket::shutdown_send, error);
  asio::post(socket.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), error));
}

namespace {

constexpr std::size_t kKeptBuffer = 64 << 10;   // bytes that a session keeps between two frames
constexpr std::uint32_t kMaxUpgrade = 8 << 10;  // bytes of an upgrade request
constexpr char kNonceHeader[] = "Chainnode-Nonce";

// 16 hex digits, or nothing.
std::optional<std::uint64_t> nonce_from(boost::beast::string_view text) {
  std::uint64_t nonce = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), nonce, 16);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text.size() == 16 ? std::optional(nonce) : std::nullopt;
}

std::string words_of(Verdict verdict) {
  return verdict == Verdict::own_address ? "this is the node's own address"
                                         : "that node is connected already";
}

std::string text_of(const Tcp::endpoint& endpoint) {
  return Endpoint{endpoint.address().to_string(), endpoint.port()}.text();
}

websocket::close_code code_of(CloseWhy why) {
  switch (why) {
    case CloseWhy::going_away:
      return websocket::close_code::going_away;
    case CloseWhy::normal:
      return websocket::close_code::normal;
    case CloseWhy::offence:
      break;
  }
  return websocket::close_code::policy_error;
}

// Never writes twice at once: what is to be said waits in a queue with a limit.
class WebSocketSession : public PeerSession, public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(Owner& owner, Tcp::socket socket, chain::PeerId peer, chain::AddressId address,
                   const SocketLimits& limits, std::uint64_t nonce);
  void accept() override;
  void dial(const PeerUrl& url) override;
  void send(const Frame& frame) override;
  void close(CloseWhy why, std::string_view reason) override;

 private:
  enum class State { connecting, open, closing, ended };
  using ErrorCode = boost::system::error_code;

  void become(State state);
  void on_request(ErrorCode error);
  void connected(const PeerUrl& url);
  void handshaken(ErrorCode error);
  bool is_kept();
  void read();
  void on_read(ErrorCode error);
  void write();
  void on_write(ErrorCode error);
  void fail(const std::string& reason);
  void drain();
  void end(const std::string& reason);
  void set_deadline(chain::Duration after, const std::string& reason);
  std::string reason_for(ErrorCode error) const;

  Owner& owner_;
  const SocketLimits limits_;
  websocket::stream<PeerSocket, false> stream_;
  Tcp::resolver resolver_;
  asio::steady_timer deadline_;
  http::request_parser<http::empty_body> request_;  // of an upgrade that came in
  websocket::response_type response_;               // to one that went out
  boost::beast::flat_buffer handshake_buffer_;
  boost::beast::flat_buffer buffer_;
  std::deque<Frame> queue_;  // the front one is being written
  std::size_t queued_bytes_ = 0;
  State state_ = State::connecting;
};

WebSocketSession::WebSocketSession(Owner& owner, Tcp::socket socket, chain::PeerId peer,
                                   chain::AddressId address, const SocketLimits& limits,
                                   std::uint64_t nonce)
    : PeerSession(peer, address),
      owner_(owner),
      limits_(limits),
      stream_(std::move(socket)),
      resolver_(stream_.get_executor()),
      deadline_(stream_.get_executor()) {
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = chrono(limits.handshake);
  timeout.idle_timeout = chrono(limits.idle);
  timeout.keep_alive_pings = true;
  stream_.set_option(timeout);
  stream_.read_message_max(limits.max_frame);
  stream_.set_option(websocket::stream_base::decorator(
      [text = chain::hex16(nonce)](auto& message) { message.set(kNonceHeader, text); }));
  stream_.auto_fragment(false);  // a message is one frame
  stream_.text(true);
}

void WebSocketSession::become(State state) {
  state_ = state;
  is_open_ = state == State::open;
}

void WebSocketSession::accept() {
  ErrorCode ignored;
  remote_ = remote_of(stream_.next_layer()).value_or(Tcp::endpoint());
  stream_.next_layer().set_option(Tcp::no_delay(true), ignored);
  set_deadline(limits_.handshake, "the handshake took too long");
  request_.header_limit(kMaxUpgrade);
  http::async_read(
      stream_.next_layer(), handshake_buffer_, request_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_request(error); });
}

void WebSocketSession::on_request(ErrorCode error) {
  if (state_ != State::connecting) return;
  if (error) return end("this is no WebSocket: " + error.message());
  // Only a browser says on behalf of which page it asks: no page becomes a peer.
  if (request_.get().find(http::field::origin) != request_.get().end()) {
    return end("a web page is no peer");
  }
  nonce_ = nonce_from(request_.get()[kNonceHeader]);
  stream_.async_accept(request_.get(), [self = shared_from_this()](ErrorCode accept_error) {
    self->handshaken(accept_error);
  });
}

void WebSocketSession::dial(const PeerUrl& url) {
  set_deadline(limits_.handshake, "no answer in time");
  ErrorCode no_literal;
  const auto literal = asio::ip::make_address(url.host, no_literal);
  const auto on_connect = [self = shared_from_this(), url](ErrorCode error, const auto&...) {
    if (self->state_ != State::connecting) return;
    if (error) return self->end(error.message());
    self->connected(url);
  };
  if (!no_literal) {
    return stream_.next_layer().async_connect({literal, url.port}, on_connect);
  }
  resolver_.async_resolve(
      url.host, std::to_string(url.port),
      [self = shared_from_this(), on_connect](ErrorCode error, Tcp::resolver::results_type found) {
        if (self->state_ != State::connecting) return;
        if (error) return self->end(error.message());
        asio::async_connect(self->stream_.next_layer(), found, on_connect);
      });
}

void WebSocketSession::connected(const PeerUrl& url) {
  ErrorCode ignored;
  remote_ = stream_.next_layer().remote_endpoint(ignored);
  local_ = stream_.next_layer().local_endpoint(ignored);
  stream_.next_layer().set_option(Tcp::no_delay(true), ignored);
  if (!is_kept()) return end(words_of(verdict_));
  const std::string host = Endpoint{url.host, url.port}.text();
  stream_.async_handshake(response_, host, url.target,
                          [self = shared_from_this()](ErrorCode error) {
                            self->nonce_ = nonce_from(self->response_[kNonceHeader]);
                            self->handshaken(error);
                          });
}

bool WebSocketSession::is_kept() {
  verdict_ = owner_.judge(*this);
  return verdict_ == Verdict::keep;
}

void WebSocketSession::handshaken(ErrorCode error) {
  if (state_ != State::connecting) return;
  if (error) return end("WebSocket handshake: " + error.message());
  deadline_.cancel();
  if (!is_kept()) {
    become(State::open);  // so far that it can be closed with a word
    return close(CloseWhy::normal, words_of(verdict_));
  }
  become(State::open);
  since_ms_ = wall_clock_ms();
  owner_.opened(*this);
  read();
}

void WebSocketSession::read() {
  if (state_ != State::open) return;
  stream_.async_read(
      buffer_, [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_read(error); });
}

void WebSocketSession::on_read(ErrorCode error) {
  if (error == websocket::error::message_too_big ||
      error == websocket::condition::protocol_violation) {
    return fail(reason_for(error));
  }
  if (error) return end(reason_for(error));
  if (state_ != State::open) return;
  const auto bytes = buffer_.cdata();
  owner_.received(*this, {static_cast<const char*>(bytes.data()), bytes.size()});
  buffer_.consume(buffer_.size());
  if (buffer_.capacity() > kKeptBuffer) buffer_.shrink_to_fit();
  read();
}

// Beast has told the peer why. What it still sends is read away, for a while: a socket closed with
// unread bytes is reset, and those words might be lost.
void WebSocketSession::fail(const std::string& reason) {
  if (state_ != State::open) return;
  become(State::closing);
  end_reason_ = reason;
  set_deadline(limits_.close, reason);
  drain();
}

void WebSocketSession::drain() {
  buffer_.clear();
  stream_.next_layer().async_read_some(buffer_.prepare(kKeptBuffer),
                                       [self = shared_from_this()](ErrorCode error, std::size_t) {
                                         if (error) return self->end(self->end_reason_);
                                         self->drain();
                                       });
}

std::string WebSocketSession::reason_for(ErrorCode error) const {
  if (error == websocket::error::message_too_big) {
    return "a frame larger than " + std::to_string(limits_.max_frame) + " bytes";
  }
  if (error == boost::beast::error::timeout) return "no sign of life";
  if (error == websocket::error::closed) {
    const auto& why = stream_.reason();
    const std::string words(why.reason.begin(), why.reason.end());
    return "closed by the peer, code " + std::to_string(why.code) +
           (words.empty() ? "" : ": " + words);
  }
  return error.message();
}

void WebSocketSession::send(const Frame& frame) {
  if (state_ != State::open) return;
  if (queued_bytes_ + frame->size() > limits_.max_queue) {
    return end("it does not take what is sent: more than " + std::to_string(limits_.max_queue) +
               " bytes wait");
  }
  queue_.push_back(frame);
  queued_bytes_ += frame->size();
  if (queue_.size() == 1) write();
}

void WebSocketSession::write() {
  stream_.async_write(asio::buffer(*queue_.front()),
                      [self = shared_from_this(), frame = queue_.front()](
                          ErrorCode error, std::size_t) { self->on_write(error); });
}

void WebSocketSession::on_write(ErrorCode error) {
  if (state_ != State::open) return;
  // Where both fail, the read knows why: a frame too large, a close with its words.
  if (error) {
    queued_bytes_ = 0;
    return set_deadline(limits_.close, error.message());
  }
  queued_bytes_ -= queue_.front()->size();
  queue_.pop_front();
  if (!queue_.empty()) write();
}

void WebSocketSession::close(CloseWhy why, std::string_view reason) {
  if (state_ == State::connecting) return end(std::string(reason));
  if (state_ != State::open) return;
  become(State::closing);
  end_reason_ = reason;
  set_deadline(limits_.close, end_reason_);
  const websocket::close_reason words(
      code_of(why),
      boost::beast::string_view(reason.data(), std::min<std::size_t>(reason.size(), 120)));
  stream_.async_close(words,
                      [self = shared_from_this()](ErrorCode) { self->end(self->end_reason_); });
}

void WebSocketSession::end(const std::string& reason) {
  if (state_ == State::ended) return;
  if (state_ != State::closing) end_reason_ = reason;
  become(State::ended);
  deadline_.cancel();
  resolver_.cancel();
  ErrorCode ignored;
  stream_.next_layer().close(ignored);
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->owner_.ended(*self); });
}

void WebSocketSession::set_deadline(chain::Duration after, const std::string& reason) {
  deadline_.expires_after(chrono(after));
  deadline_.async_wait([self = shared_from_this(), reason](ErrorCode error) {
    if (!error) self->end(reason);
  });
}

}  // namespace

std::optional<Tcp::endpoint> remote_of(const Tcp::socket& socket) {
  boost::system::error_code error;
  const Tcp::endpoint end = socket.remote_endpoint(error);
  if (error) return std::nullopt;
  const auto ip = end.address();
  if (!ip.is_v6() || !ip.to_v6().is_v4_mapped()) return end;
  return Tcp::endpoint(asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6()), end.port());
}

std::string PeerSession::remote_text() const { return text_of(remote_); }

std::shared_ptr<PeerSession> make_peer_session(PeerSession::Owner& owner, Tcp::socket socket,
                                               chain::PeerId peer, chain::AddressId address,
                                               const SocketLimits& limits, std::uint64_t nonce) {
  return std::make_shared<WebSocketSession>(owner, std::move(socket), peer, address, limits, nonce);
}

}  // namespace net
