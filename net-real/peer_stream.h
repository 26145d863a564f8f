// What a session with a peer talks over: TCP, or TLS over TCP. For peer_session.cpp only.
//
// Both are torn down by the session: Beast would wait until the peer closes, which one that
// misbehaves need not do for minutes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <utility>

namespace net {

struct PlainStream : boost::asio::ip::tcp::socket {
  explicit PlainStream(boost::asio::ip::tcp::socket&& socket)
      : boost::asio::ip::tcp::socket(std::move(socket)) {}
  boost::asio::ip::tcp::socket& tcp() { return *this; }
};
struct TlsStream : boost::asio::ssl::stream<boost::asio::ip::tcp::socket> {
  using boost::asio::ssl::stream<boost::asio::ip::tcp::socket>::stream;
  boost::asio::ip::tcp::socket& tcp() { return next_layer(); }
};

template <typename Stream, typename Handler>
void tear_down(Stream& stream, Handler&& handler) {
  boost::system::error_code error;
  stream.tcp().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
  boost::asio::post(stream.get_executor(),
                    boost::beast::bind_front_handler(std::forward<Handler>(handler), error));
}
template <typename Handler>
void async_teardown(boost::beast::role_type, PlainStream& stream, Handler&& handler) {
  tear_down(stream, std::forward<Handler>(handler));
}
template <typename Handler>
void async_teardown(boost::beast::role_type, TlsStream& stream, Handler&& handler) {
  tear_down(stream, std::forward<Handler>(handler));
}

}  // namespace net
