#include "net-real/peer_session.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <charconv>
#include <utility>

#include "core/digest.h"
#include "net-real/endpoint.h"
#include "net-real/lazy_alarm.h"
#include "net-real/loop.h"
#include "net-real/peer_stream.h"
#include "net-real/round_trip.h"

namespace net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::size_t kKeptBuffer = 64 << 10;   // bytes that a session keeps between two frames
constexpr std::uint32_t kMaxUpgrade = 8 << 10;  // bytes of an upgrade request
constexpr std::uint64_t kMaxCharge = 1'000'000'000;  // of one message; keeps the bucket in range
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
template <typename Stream>
class WebSocketSession : public PeerSession,
                         public std::enable_shared_from_this<WebSocketSession<Stream>> {
 public:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  template <typename... Made>
  WebSocketSession(const SessionWorld& world, chain::PeerId peer, chain::AddressId address,
                   Tls::Context context, Made&&... stream);
  void accept() override;
  void dial(const PeerUrl& url) override;
  void send(const Frame& frame) override;
  void close(CloseWhy why, std::string_view reason) override;
  void cut(std::string_view reason) override { end(std::string(reason)); }
  void charge(std::uint64_t work) override {
    work_.owe(steady_now(), static_cast<std::int64_t>(std::min(work, kMaxCharge)));
  }
  std::optional<chain::Duration> round_trip() override {
    return round_trip_of(boost::beast::get_lowest_layer(stream_).native_handle());
  }

 private:
  enum class State { connecting, open, closing, ended };
  using ErrorCode = boost::system::error_code;

  Tcp::socket& tcp() { return stream_.next_layer().tcp(); }
  auto self() { return this->shared_from_this(); }
  void become(State state);
  void read_request();
  void on_request(ErrorCode error);
  void connected(const PeerUrl& url);
  void shake_hands(const PeerUrl& url);
  void handshaken(ErrorCode error);
  bool is_kept();
  void read();
  void on_read(ErrorCode error);
  void on_message();
  void write();
  void on_write(ErrorCode error);
  void fail(const std::string& reason);
  void drain();
  void end(const std::string& reason);
  void set_deadline(chain::Duration after, const std::string& reason);
  std::string reason_for(ErrorCode error) const;

  Owner& owner_;
  const Tls& tls_;
  const SocketLimits limits_;
  const Tls::Context context_;  // the stream's; null without TLS
  websocket::stream<Stream, false> stream_;
  Tcp::resolver resolver_;
  asio::steady_timer deadline_;  // of the handshake or the end
  asio::steady_timer pause_;     // between two frames of a peer that sends too many
  LazyAlarm writing_;            // of the frame that is written
  LazyAlarm reading_;            // of the frame of which a part has come
  TokenBucket frames_, bytes_;   // that the peer may send
  TokenBucket work_;             // that it may cause
  http::request_parser<http::empty_body> request_;  // of an upgrade that came in
  websocket::response_type response_;               // to one that went out
  boost::beast::flat_buffer handshake_buffer_;
  boost::beast::flat_buffer buffer_;
  bool takes_frames_ = true;  // until a write fails
  State state_ = State::connecting;
};

template <typename Stream>
template <typename... Made>
WebSocketSession<Stream>::WebSocketSession(const SessionWorld& world, chain::PeerId peer,
                                           chain::AddressId address, Tls::Context context,
                                           Made&&... stream)
    : PeerSession(peer, address, world.queues),
      owner_(world.owner),
      tls_(world.tls),
      limits_(world.limits),
      context_(std::move(context)),
      stream_(std::forward<Made>(stream)...),
      resolver_(stream_.get_executor()),
      deadline_(stream_.get_executor()),
      pause_(stream_.get_executor()),
      writing_(stream_.get_executor()),
      reading_(stream_.get_executor()),
      frames_(world.limits.frames),
      bytes_(world.limits.bytes),
      work_(world.limits.work) {
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = chrono(limits_.handshake);
  timeout.idle_timeout = chrono(limits_.idle);
  timeout.keep_alive_pings = true;
  stream_.set_option(timeout);
  stream_.read_message_max(limits_.max_frame);
  stream_.set_option(websocket::stream_base::decorator(
      [text = chain::hex16(world.nonce)](auto& message) { message.set(kNonceHeader, text); }));
  stream_.auto_fragment(false);  // a message is one frame
  stream_.text(true);
}

template <typename Stream>
void WebSocketSession<Stream>::become(State state) {
  state_ = state;
  is_open_ = state == State::open;
  if (!is_open_) queue_.clear();
}

template <typename Stream>
void WebSocketSession<Stream>::accept() {
  ErrorCode ignored;
  remote_ = remote_of(tcp()).value_or(Tcp::endpoint());
  tcp().set_option(Tcp::no_delay(true), ignored);
  set_deadline(limits_.handshake, "the handshake took too long");
  if constexpr (kIsTls) {
    stream_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                         [self = self()](ErrorCode error) {
                                           if (self->state_ != State::connecting) return;
                                           if (error) return self->end("TLS: " + error.message());
                                           self->read_request();
                                         });
  } else {
    read_request();
  }
}

template <typename Stream>
void WebSocketSession<Stream>::read_request() {
  request_.header_limit(kMaxUpgrade);
  http::async_read(stream_.next_layer(), handshake_buffer_, request_,
                   [self = self()](ErrorCode error, std::size_t) { self->on_request(error); });
}

template <typename Stream>
void WebSocketSession<Stream>::on_request(ErrorCode error) {
  if (state_ != State::connecting) return;
  if (error) return end("this is no WebSocket: " + error.message());
  // Only a browser says on behalf of which page it asks: no page becomes a peer.
  if (request_.get().find(http::field::origin) != request_.get().end()) {
    return end("a web page is no peer");
  }
  nonce_ = nonce_from(request_.get()[kNonceHeader]);
  stream_.async_accept(request_.get(),
                       [self = self()](ErrorCode accept_error) { self->handshaken(accept_error); });
}

template <typename Stream>
void WebSocketSession<Stream>::dial(const PeerUrl& url) {
  set_deadline(limits_.handshake, "no answer in time");
  ErrorCode no_literal;
  const auto literal = asio::ip::make_address(url.host, no_literal);
  const auto on_connect = [self = self(), url](ErrorCode error, const auto&...) {
    if (self->state_ != State::connecting) return;
    if (error) return self->end(error.message());
    self->connected(url);
  };
  if (!no_literal) return tcp().async_connect({literal, url.port}, on_connect);
  resolver_.async_resolve(
      url.host, std::to_string(url.port),
      [self = self(), on_connect](ErrorCode error, Tcp::resolver::results_type found) {
        if (self->state_ != State::connecting) return;
        if (error) return self->end(error.message());
        asio::async_connect(self->tcp(), found, on_connect);
      });
}

template <typename Stream>
void WebSocketSession<Stream>::connected(const PeerUrl& url) {
  ErrorCode ignored;
  remote_ = tcp().remote_endpoint(ignored);
  local_ = tcp().local_endpoint(ignored);
  tcp().set_option(Tcp::no_delay(true), ignored);
  if (!is_kept()) return end(words_of(verdict_));
  if constexpr (kIsTls) {
    ErrorCode no_address;
    asio::ip::make_address(url.host, no_address);
    if (no_address) {  // only names are told ahead (RFC 6066)
      SSL_set_tlsext_host_name(stream_.next_layer().native_handle(), url.host.c_str());
    }
    stream_.next_layer().set_verify_callback(
        [&tls = tls_, host = url.host](bool is_signed, asio::ssl::verify_context& context) {
          return tls.believes(is_signed, context, host);
        });
    stream_.next_layer().async_handshake(asio::ssl::stream_base::client,
                                         [self = self(), url](ErrorCode error) {
                                           if (self->state_ != State::connecting) return;
                                           if (error) return self->end("TLS: " + error.message());
                                           self->shake_hands(url);
                                         });
  } else {
    shake_hands(url);
  }
}

template <typename Stream>
void WebSocketSession<Stream>::shake_hands(const PeerUrl& url) {
  const std::string host = Endpoint{url.host, url.port}.text();
  stream_.async_handshake(response_, host, url.target, [self = self()](ErrorCode error) {
    self->nonce_ = nonce_from(self->response_[kNonceHeader]);
    self->handshaken(error);
  });
}

template <typename Stream>
bool WebSocketSession<Stream>::is_kept() {
  verdict_ = owner_.judge(*this);
  return verdict_ == Verdict::keep;
}

template <typename Stream>
void WebSocketSession<Stream>::handshaken(ErrorCode error) {
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

template <typename Stream>
void WebSocketSession<Stream>::read() {
  if (state_ != State::open) return;
  stream_.async_read_some(buffer_, 0,
                          [self = self()](ErrorCode error, std::size_t) { self->on_read(error); });
}

// Some of a frame, or its end.
template <typename Stream>
void WebSocketSession<Stream>::on_read(ErrorCode error) {
  if (error == websocket::error::message_too_big) owner_.oversized(*this);
  if (error == websocket::error::message_too_big ||
      error == websocket::condition::protocol_violation) {
    return fail(reason_for(error));
  }
  if (error) return end(reason_for(error));
  if (state_ != State::open) return;
  if (stream_.is_message_done()) return on_message();
  if (!reading_.expects()) {
    reading_.expect(limits_.read, [self = self()] { self->end("a frame took too long to come"); });
  }
  read();
}

template <typename Stream>
void WebSocketSession<Stream>::on_message() {
  reading_.done();
  const auto bytes = buffer_.cdata();
  const auto size = static_cast<std::int64_t>(bytes.size());
  owner_.received(*this, {static_cast<const char*>(bytes.data()), bytes.size()});
  buffer_.consume(buffer_.size());
  if (buffer_.capacity() > kKeptBuffer) buffer_.shrink_to_fit();
  const chain::Time now = steady_now();
  const chain::Duration wait =
      std::max({frames_.owe(now, 1), bytes_.owe(now, size), work_.owe(now, 0)});
  if (wait.ns == 0) return read();
  pause_.expires_after(chrono(wait));
  pause_.async_wait([self = self()](ErrorCode) { self->read(); });
}

// Beast has told the peer why. What it still sends is read away, for a while: a socket closed with
// unread bytes is reset, and those words might be lost.
template <typename Stream>
void WebSocketSession<Stream>::fail(const std::string& reason) {
  if (state_ != State::open) return;
  become(State::closing);
  end_reason_ = reason;
  set_deadline(limits_.close, reason);
  drain();
}

template <typename Stream>
void WebSocketSession<Stream>::drain() {
  buffer_.clear();
  tcp().async_read_some(buffer_.prepare(kKeptBuffer),
                        [self = self()](ErrorCode error, std::size_t) {
                          if (error) return self->end(self->end_reason_);
                          self->drain();
                        });
}

template <typename Stream>
std::string WebSocketSession<Stream>::reason_for(ErrorCode error) const {
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

template <typename Stream>
void WebSocketSession<Stream>::send(const Frame& frame) {
  if (state_ != State::open || !takes_frames_) return;
  if (queue_.bytes() + frame->size() > limits_.max_queue) {
    return end("it does not take what is sent: more than " + std::to_string(limits_.max_queue) +
               " bytes wait");
  }
  if (!owner_.make_room(frame)) return end("no frame of this size may wait");
  if (state_ != State::open) return;  // it was the slowest
  queue_.push(frame);
  if (queue_.size() == 1) write();
}

template <typename Stream>
void WebSocketSession<Stream>::write() {
  writing_.expect(limits_.write, [self = self()] { self->end("it does not take what is sent"); });
  stream_.async_write(asio::buffer(*queue_.front()),
                      [self = self(), frame = queue_.front()](ErrorCode error, std::size_t) {
                        self->on_write(error);
                      });
}

template <typename Stream>
void WebSocketSession<Stream>::on_write(ErrorCode error) {
  writing_.done();
  if (state_ != State::open) return;
  // Where both fail, the read knows why: a frame too large, a close with its words.
  if (error) {
    takes_frames_ = false;
    queue_.clear();
    return set_deadline(limits_.close, error.message());
  }
  queue_.pop();
  if (!queue_.empty()) write();
}

template <typename Stream>
void WebSocketSession<Stream>::close(CloseWhy why, std::string_view reason) {
  if (state_ == State::connecting) return end(std::string(reason));
  if (state_ != State::open) return;
  become(State::closing);
  end_reason_ = reason;
  set_deadline(limits_.close, end_reason_);
  const websocket::close_reason words(
      code_of(why),
      boost::beast::string_view(reason.data(), std::min<std::size_t>(reason.size(), 120)));
  stream_.async_close(words, [self = self()](ErrorCode) { self->end(self->end_reason_); });
}

template <typename Stream>
void WebSocketSession<Stream>::end(const std::string& reason) {
  if (state_ == State::ended) return;
  if (state_ != State::closing) end_reason_ = reason;
  become(State::ended);
  deadline_.cancel();
  writing_.cancel();
  reading_.cancel();
  pause_.cancel();
  resolver_.cancel();
  ErrorCode ignored;
  tcp().close(ignored);
  asio::post(stream_.get_executor(), [self = self()] { self->owner_.ended(*self); });
}

template <typename Stream>
void WebSocketSession<Stream>::set_deadline(chain::Duration after, const std::string& reason) {
  deadline_.expires_after(chrono(after));
  deadline_.async_wait([self = self(), reason](ErrorCode error) {
    if (!error) self->end(reason);
  });
}

}  // namespace

std::string PeerSession::remote_text() const { return text_of(remote_); }

std::shared_ptr<PeerSession> make_peer_session(const SessionWorld& world, Tcp::socket socket,
                                               chain::PeerId peer, chain::AddressId address,
                                               bool is_secure) {
  if (!is_secure) {
    return std::make_shared<WebSocketSession<PlainStream>>(world, peer, address, nullptr,
                                                           std::move(socket));
  }
  const bool dials = address != chain::kNoAddress;
  const Tls::Context context = dials ? world.tls.outbound() : world.tls.inbound();
  return std::make_shared<WebSocketSession<TlsStream>>(world, peer, address, context,
                                                       std::move(socket), *context);
}

}  // namespace net
