// What becomes of answers that are not given as they were meant: streams nobody is sent, a server
// that ends before its connections do.
#include "net-real/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>

#include "tests/real/real_fixture.h"

namespace net {
namespace {

constexpr chain::Duration kSoon = chain::seconds(30);

// A caller that asks once, and reads nothing unless it is told to.
class Caller {
 public:
  Caller(std::uint16_t port, const std::string& method)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const std::string text = method + " / HTTP/1.1\r\n\r\n";
    EXPECT_EQ(::send(socket_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  ~Caller() { ::close(socket_); }
  Caller(const Caller&) = delete;

  // The start of the answer, "" until it has come.
  std::string peek() const {
    std::string text(12, '\0');
    const ssize_t size = ::recv(socket_, text.data(), text.size(), MSG_PEEK | MSG_DONTWAIT);
    return size == static_cast<ssize_t>(text.size()) ? text : "";
  }

 private:
  int socket_;
};

struct HttpServing : testing::Test {
  void serve(const HttpLimits& limits, const HttpServer::Handler& handler) {
    server.emplace(*loop, log.log, limits);
    port = server->listen({"127.0.0.1", 0}).port;
    server->serve(handler);
  }
  // The first line of the answer to a call that is answered with an open stream.
  std::string call_of(const std::shared_ptr<TextStream>& stream, const std::string& method,
                      const HttpLimits& limits) {
    serve(limits, [stream](const HttpRequest&, const HttpServer::Respond& respond) {
      respond({200, "x", "", "text/event-stream", stream});
    });
    const Caller caller(port, method);
    EXPECT_TRUE(loop->run_until([&caller] { return !caller.peek().empty(); }, kSoon));
    return caller.peek();
  }

  std::optional<Loop> loop{std::in_place};
  MemoryLog log;
  std::optional<HttpServer> server;
  std::uint16_t port = 0;
};

TEST_F(HttpServing, AStreamWhoseHeadAloneWasAskedForIsEnded) {
  const auto stream = std::make_shared<TextStream>([] {});
  EXPECT_EQ(call_of(stream, "HEAD", {}), "HTTP/1.1 200");
  EXPECT_FALSE(stream->is_open());
}

TEST_F(HttpServing, AStreamForWhichThereIsNoRoomIsEnded) {
  const auto stream = std::make_shared<TextStream>([] {});
  EXPECT_EQ(call_of(stream, "GET", {.max_answers = 0}), "HTTP/1.1 503");
  EXPECT_FALSE(stream->is_open());
}

TEST_F(HttpServing, NobodyIsToldOfAnEndThatComesAfterTheServers) {
  bool is_asked = false, is_told = false;
  serve({}, [&is_asked](const HttpRequest&, const HttpServer::Respond& respond) {
    is_asked = true;
    respond({200, std::string(32 << 20, 'x')});  // more than the system takes for the caller
  });
  const Caller caller(port, "GET");
  ASSERT_TRUE(loop->run_until([&is_asked] { return is_asked; }, kSoon));
  server->stop([&is_told] { is_told = true; });
  server.reset();
  loop.reset();  // with the answer under way
  EXPECT_FALSE(is_told);
}

}  // namespace
}  // namespace net
