// The least that Beast can do, as a measure for what chainnode does on top of it.
//
//   bare_server echo|http    prints its port; echoes WebSocket messages, or answers each request
//                            with a body of 300 bytes; until it is killed
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::awaitable;
using asio::use_awaitable;
using Tcp = asio::ip::tcp;

awaitable<void> echo(Tcp::socket socket) {
  try {
    beast::websocket::stream<Tcp::socket, false> stream(std::move(socket));
    co_await stream.async_accept(use_awaitable);
    beast::flat_buffer buffer;
    for (;;) {
      co_await stream.async_read(buffer, use_awaitable);
      stream.text(stream.got_text());
      co_await stream.async_write(buffer.cdata(), use_awaitable);
      buffer.consume(buffer.size());
    }
  } catch (const boost::system::system_error&) {  // the client has gone
  }
}

awaitable<void> answer(Tcp::socket socket) {
  try {
    beast::flat_buffer buffer;
    for (;;) {
      http::request<http::string_body> request;
      co_await http::async_read(socket, buffer, request, use_awaitable);
      http::response<http::string_body> response{http::status::ok, 11, std::string(300, 'x')};
      response.set(http::field::content_type, "application/json");
      response.prepare_payload();
      co_await http::async_write(socket, response, use_awaitable);
    }
  } catch (const boost::system::system_error&) {
  }
}

awaitable<void> accept(Tcp::acceptor& acceptor, awaitable<void> (*serve)(Tcp::socket)) {
  for (;;) {
    Tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    socket.set_option(Tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what != "echo" && what != "http") {
    std::fprintf(stderr, "bare_server: expected echo or http\n");
    return 1;
  }
  asio::io_context context(1);
  Tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(context, accept(acceptor, what == "echo" ? echo : answer), asio::detached);
  context.run();
}
