#include "net-real/http_server.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <map>
#include <set>
#include <utility>

#include "core/version.h"
#include "net-real/listener.h"
#include "net-real/tls.h"

namespace net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

namespace {

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

// For browsers: an answer is what it says it is, stands in no frame, and runs nothing but its own.
constexpr std::pair<const char*, const char*> kSecurityHeaders[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
     "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}};

constexpr std::chrono::seconds kDrain(1);
constexpr std::size_t kKeptPiece = 16 << 10;  // bytes that a connection keeps between two answers

// What all answers have in common.
std::string common_head() {
  std::string head = "Server: chainnode/" + std::string(chain::version()) + "\r\n";
  for (const auto& [name, value] : kSecurityHeaders) {
    head += std::string(name) + ": " + value + "\r\n";
  }
  return head;
}

// Written by hand, since Beast's fields cost as much as all the rest of a small answer.
std::string head_of(const HttpResponse& response, bool keep_alive, bool has_length) {
  static const std::string common = common_head();
  const auto status = static_cast<http::status>(response.status);
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  head += text_of(http::obsolete_reason(status)) + "\r\n" + common;
  head += "Content-Type: " + std::string(response.type) + "\r\n";
  if (!response.allow.empty()) head += "Allow: " + response.allow + "\r\n";
  if (response.status == 401) head += "WWW-Authenticate: Bearer\r\n";
  if (response.status == 429) head += "Retry-After: 1\r\n";
  if (!keep_alive) head += "Connection: close\r\n";
  if (has_length) head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  return head + "\r\n";
}

HttpResponse refusal_of(ErrorCode error, const HttpLimits& limits) {
  if (error == http::error::body_limit) {
    return error_response(413, "too_large",
                          "the body is larger than " + std::to_string(limits.max_body) + " bytes");
  }
  if (error == http::error::header_limit) {
    return error_response(
        431, "header_too_large",
        "the header is larger than " + std::to_string(limits.max_header) + " bytes");
  }
  return error_response(400, "bad_http", "this is no HTTP request: " + error.message());
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(Loop& the_loop, Log& the_log, const HttpLimits& the_limits)
      : loop(the_loop),
        log(the_log),
        limits(the_limits),
        listener(the_loop, the_log),
        stop_deadline(the_loop, [this] { finish(); }) {}

  class Connection;
  template <typename Stream>
  class Over;
  void accepted(Tcp::socket socket);
  bool has_room_for(const std::string& ip);
  void finish() {
    if (stopped) std::exchange(stopped, nullptr)();
  }

  Loop& loop;
  Log& log;
  const HttpLimits limits;
  Listener listener;
  Handler handler;
  const Tls* tls = nullptr;
  std::set<Connection*> connections;
  std::map<std::string, std::size_t> by_customer;  // connections
  std::size_t answer_bytes = 0;                    // of all answers under way
  bool stopping = false;
  std::function<void()> stopped;
  Timer stop_deadline;
};

// Lives as long as something is to come: a read, an answer, a write.
class HttpServer::State::Connection {
 public:
  Connection(std::shared_ptr<State> server, std::string ip)
      : server_(std::move(server)), ip_(std::move(ip)), customer_(customer_of(ip_)) {
    server_->connections.insert(this);
    ++server_->by_customer[customer_];
  }
  virtual ~Connection() {
    count_answer(0);
    server_->connections.erase(this);
    if (--server_->by_customer[customer_] == 0) server_->by_customer.erase(customer_);
    if (server_->connections.empty()) server_->finish();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual void close() = 0;
  // Nothing while an answer is made or written.
  std::optional<chain::Time> idle_since() const { return idle_since_; }

 protected:
  // Of this connection's answer, in the sum of all.
  void count_answer(std::size_t bytes) {
    server_->answer_bytes += bytes - counted_;
    counted_ = bytes;
  }

  const std::shared_ptr<State> server_;
  const std::string ip_;
  std::optional<chain::Time> idle_since_;

 private:
  const std::string customer_;
  std::size_t counted_ = 0;
};

// A connection over TCP, or over TLS.
template <typename Stream>
class HttpServer::State::Over : public Connection,
                                public std::enable_shared_from_this<Over<Stream>> {
 public:
  static constexpr bool kIsTls = !std::is_same_v<Stream, beast::tcp_stream>;

  template <typename... Made>
  Over(std::shared_ptr<State> server, std::string ip, Tls::Context context, Made&&... stream)
      : Connection(std::move(server), std::move(ip)),
        context_(std::move(context)),
        stream_(std::forward<Made>(stream)...) {}

  void begin() {
    if constexpr (kIsTls) {
      idle_since_ = server_->loop.now();
      tcp().expires_after(chrono(server_->limits.handshake));
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](ErrorCode error) {
                                if (!error) self->read();
                              });
    } else {
      read();
    }
  }

  void close() override { tcp().close(); }

 private:
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  void read() {
    if (server_->stopping) return;
    parser_.emplace();
    parser_->header_limit(server_->limits.max_header);
    parser_->body_limit(server_->limits.max_body);
    tcp().expires_after(chrono(server_->limits.read));
    idle_since_ = server_->loop.now();
    http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](ErrorCode error, std::size_t) { self->on_read(error); });
  }

  void on_read(ErrorCode error) {
    idle_since_ = std::nullopt;
    const bool is_http_fault =
        error.category() == make_error_code(http::error::end_of_stream).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message;
    if (is_http_fault) return write(refusal_of(error, server_->limits), false);
    if (error) return;  // the client has gone, or took too long
    tcp().expires_never();
    const auto& message = parser_->get();
    is_head_ = message.method() == http::verb::head;
    const HttpRequest request{.method = text_of(message.method_string()),
                              .target = text_of(message.target()),
                              .body = message.body(),
                              .host = text_of(message[http::field::host]),
                              .origin = text_of(message[http::field::origin]),
                              .fetch_site = text_of(message["Sec-Fetch-Site"]),
                              .content_type = text_of(message[http::field::content_type]),
                              .authorization = text_of(message[http::field::authorization]),
                              .client = ip_};
    server_->handler(request,
                     [self = this->shared_from_this(), keep = message.keep_alive()](
                         HttpResponse response) { self->write(std::move(response), keep); });
  }

  void write(HttpResponse response, bool keep_alive) {
    const bool is_busy = server_->answer_bytes + response.body.size() > server_->limits.max_answers;
    std::shared_ptr<TextStream> stream = std::move(response.stream);
    if (stream && (is_head_ || is_busy)) std::exchange(stream, nullptr)->client_gone();
    if (is_busy) {
      response = error_response(503, "busy", "too many large answers are under way; try again");
    }
    count_answer(response.body.size());
    keep_alive = keep_alive && !server_->stopping && !stream;
    piece_ = head_of(response, keep_alive, !stream);
    if (stream) return write_head(stream);
    if (!is_head_) piece_ += response.body;
    tcp().expires_after(chrono(server_->limits.write));
    asio::async_write(stream_, asio::buffer(piece_),
                      [self = this->shared_from_this(), keep_alive](ErrorCode error, std::size_t) {
                        self->count_answer(0);
                        if (self->piece_.capacity() > kKeptPiece) self->piece_ = {};
                        if (error) return;
                        if (keep_alive) return self->read();
                        self->end();
                      });
  }

  // An answer without a length, which ends with the connection. Until then the stream's two
  // functions keep this connection alive.
  void write_head(std::shared_ptr<TextStream> stream) {
    tcp().expires_after(chrono(server_->limits.write));
    asio::async_write(stream_, asio::buffer(piece_),
                      [self = this->shared_from_this(), stream](ErrorCode error, std::size_t) {
                        if (error || self->server_->stopping) return stream->client_gone();
                        self->tcp().expires_never();
                        stream->serve(
                            [self, weak = std::weak_ptr(stream)](std::string piece) {
                              self->write_piece(std::move(piece), weak.lock());
                            },
                            [self] { self->close(); });
                      });
  }

  void write_piece(std::string piece, std::shared_ptr<TextStream> stream) {
    count_answer(piece.size());
    piece_ = std::move(piece);
    tcp().expires_after(chrono(server_->limits.write));
    asio::async_write(stream_, asio::buffer(piece_),
                      [self = this->shared_from_this(), stream](ErrorCode error, std::size_t) {
                        self->count_answer(0);
                        if (error) return stream->client_gone();
                        self->tcp().expires_never();
                        stream->sent();
                      });
  }

  // TLS takes leave with a word of its own, else the answer might count as cut off.
  void end() {
    if constexpr (kIsTls) {
      tcp().expires_after(kDrain);
      stream_.async_shutdown([self = this->shared_from_this()](ErrorCode) {});
    } else {
      drain();
    }
  }

  // Reads away what still comes, for a moment: a socket closed with unread bytes is reset, and the
  // client may lose the answer.
  void drain() {
    ErrorCode ignored;
    tcp().socket().shutdown(Tcp::socket::shutdown_send, ignored);
    tcp().expires_after(kDrain);
    drain_more();
  }

  void drain_more() {
    tcp().async_read_some(asio::buffer(drained_),
                          [self = this->shared_from_this()](ErrorCode error, std::size_t) {
                            if (!error) self->drain_more();
                          });
  }

  const Tls::Context context_;  // the stream's; null without TLS
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string piece_;  // that is written: an answer, or what comes next of one that goes on
  std::array<char, 4096> drained_;
  bool is_head_ = false;  // the answer then has no body
};

bool HttpServer::State::has_room_for(const std::string& ip) {
  const auto from_there = by_customer.find(customer_of(ip));
  if (!is_localhost(ip) && from_there != by_customer.end() &&
      from_there->second >= limits.max_elsewhere) {
    return false;
  }
  if (connections.size() < limits.max_connections) return true;
  Connection* longest = nullptr;
  for (Connection* connection : connections) {
    const auto since = connection->idle_since();
    if (since && (longest == nullptr || *since < *longest->idle_since())) longest = connection;
  }
  if (longest != nullptr) longest->close();  // it leaves the set from the loop, in a moment
  return longest != nullptr && connections.size() < 2 * limits.max_connections;
}

void HttpServer::State::accepted(Tcp::socket socket) {
  const auto remote = remote_of(socket);
  if (!remote) return;
  const std::string ip = remote->address().to_string();
  if (!has_room_for(ip)) {
    return log.warn("http_turned_away", {{"ip", ip}, {"connections", connections.size()}});
  }
  ErrorCode ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  if (tls == nullptr) {
    std::make_shared<Over<beast::tcp_stream>>(shared_from_this(), ip, nullptr, std::move(socket))
        ->begin();
  } else {
    const Tls::Context& context = tls->http();
    std::make_shared<Over<beast::ssl_stream<beast::tcp_stream>>>(shared_from_this(), ip, context,
                                                                 std::move(socket), *context)
        ->begin();
  }
}

HttpServer::HttpServer(Loop& loop, Log& log, const HttpLimits& limits)
    : state_(std::make_shared<State>(loop, log, limits)) {}

// Connections may outlive it, until the loop lets go of them: by then nobody is left to be told.
HttpServer::~HttpServer() { state_->stopped = nullptr; }

Endpoint HttpServer::listen(const Endpoint& where) {
  return state_->listener.listen("--http", where);
}

void HttpServer::serve(Handler handler, const Tls* tls) {
  state_->handler = std::move(handler);
  state_->tls = tls;
  state_->listener.accept(
      [state = state_.get()](Tcp::socket socket) { state->accepted(std::move(socket)); });
}

void HttpServer::stop(std::function<void()> done) {
  State& state = *state_;
  state.stopping = true;
  state.stopped = std::move(done);
  state.listener.close();
  for (State::Connection* connection : state.connections) {
    if (connection->idle_since()) connection->close();
  }
  state.stop_deadline.set(state.loop.now() + state.limits.stop);
  if (state.connections.empty()) state.loop.post([state = state_] { state->finish(); });
}

}  // namespace net
