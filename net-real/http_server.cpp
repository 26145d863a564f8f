#include "net-real/http_server.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <set>
#include <utility>

#include "core/version.h"
#include "net-real/listener.h"

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
  void accepted(Tcp::socket socket);
  void finish() {
    if (stopped) std::exchange(stopped, nullptr)();
  }

  Loop& loop;
  Log& log;
  const HttpLimits limits;
  Listener listener;
  Handler handler;
  std::set<Connection*> connections;
  std::size_t answer_bytes = 0;  // of all answers under way
  bool stopping = false;
  std::function<void()> stopped;
  Timer stop_deadline;
};

// Lives as long as something is to come: a read, an answer, a write.
class HttpServer::State::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<State> server, Tcp::socket socket)
      : server_(std::move(server)), stream_(std::move(socket)) {
    server_->connections.insert(this);
  }
  ~Connection() {
    count_answer(0);
    server_->connections.erase(this);
    if (server_->connections.empty()) server_->finish();
  }

  void read() {
    if (server_->stopping) return;
    parser_.emplace();
    parser_->header_limit(server_->limits.max_header);
    parser_->body_limit(server_->limits.max_body);
    stream_.expires_after(chrono(server_->limits.read));
    idle_ = true;
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_read(error); });
  }

  void close_if_idle() {
    if (idle_) stream_.close();
  }

 private:
  void on_read(ErrorCode error) {
    idle_ = false;
    const bool is_http_fault =
        error.category() == make_error_code(http::error::end_of_stream).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message;
    if (is_http_fault) return write(refusal_of(error, server_->limits), false);
    if (error) return;  // the client has gone, or took too long
    stream_.expires_never();
    const auto& message = parser_->get();
    is_head_ = message.method() == http::verb::head;
    const HttpRequest request{text_of(message.method_string()),
                              text_of(message.target()),
                              message.body(),
                              text_of(message[http::field::host]),
                              text_of(message[http::field::origin]),
                              text_of(message["Sec-Fetch-Site"]),
                              text_of(message[http::field::content_type])};
    server_->handler(
        request, [self = shared_from_this(), keep = message.keep_alive()](HttpResponse response) {
          self->write(std::move(response), keep);
        });
  }

  void write(HttpResponse response, bool keep_alive) {
    if (server_->answer_bytes + response.body.size() > server_->limits.max_answers) {
      response = error_response(503, "busy", "too many large answers are under way; try again");
    }
    count_answer(response.body.size());
    keep_alive = keep_alive && !server_->stopping;
    answer_ = {static_cast<http::status>(response.status), 11};
    answer_.set(http::field::server, "chainnode/" + std::string(chain::version()));
    answer_.set(http::field::content_type,
                beast::string_view(response.type.data(), response.type.size()));
    for (const auto& [name, value] : kSecurityHeaders) answer_.set(name, value);
    if (!response.allow.empty()) answer_.set(http::field::allow, response.allow);
    answer_.keep_alive(keep_alive);
    answer_.content_length(response.body.size());
    if (!is_head_) answer_.body() = std::move(response.body);
    stream_.expires_after(chrono(server_->limits.write));
    http::async_write(stream_, answer_,
                      [self = shared_from_this(), keep_alive](ErrorCode error, std::size_t) {
                        self->count_answer(0);
                        if (error) return;
                        if (keep_alive) return self->read();
                        self->drain();
                      });
  }

  // Of this connection's answer, in the sum of all.
  void count_answer(std::size_t bytes) {
    server_->answer_bytes += bytes - counted_;
    counted_ = bytes;
  }

  // Reads away what still comes, for a moment: a socket closed with unread bytes is reset, and the
  // client may lose the answer.
  void drain() {
    ErrorCode ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::seconds(1));
    drain_more();
  }

  void drain_more() {
    stream_.async_read_some(asio::buffer(drained_),
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (!error) self->drain_more();
                            });
  }

  std::shared_ptr<State> server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> answer_;
  std::array<char, 4096> drained_;
  std::size_t counted_ = 0;
  bool idle_ = false;
  bool is_head_ = false;  // the answer then has no body
};

void HttpServer::State::accepted(Tcp::socket socket) {
  if (connections.size() >= limits.max_connections) {
    return log.warn("http_turned_away", {{"connections", connections.size()}});
  }
  std::make_shared<Connection>(shared_from_this(), std::move(socket))->read();
}

HttpServer::HttpServer(Loop& loop, Log& log, const HttpLimits& limits)
    : state_(std::make_shared<State>(loop, log, limits)) {}

HttpServer::~HttpServer() = default;

Endpoint HttpServer::listen(const Endpoint& where) {
  return state_->listener.listen("--http", where);
}

void HttpServer::serve(Handler handler) {
  state_->handler = std::move(handler);
  state_->listener.accept(
      [state = state_.get()](Tcp::socket socket) { state->accepted(std::move(socket)); });
}

void HttpServer::stop(std::function<void()> done) {
  State& state = *state_;
  state.stopping = true;
  state.stopped = std::move(done);
  state.listener.close();
  for (State::Connection* connection : state.connections) connection->close_if_idle();
  state.stop_deadline.set(state.loop.now() + state.limits.stop);
  if (state.connections.empty()) state.loop.post([state = state_] { state->finish(); });
}

}  // namespace net
