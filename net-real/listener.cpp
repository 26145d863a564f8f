#include "net-real/listener.h"

#include <boost/asio/io_context.hpp>
#include <utility>

#include "net-real/failure.h"

namespace net {
namespace {

constexpr chain::Duration kAcceptPause = chain::milliseconds(100);  // after a failed accept

}  // namespace

// Shared with the accept under way, which may end after the listener has.
struct Listener::State : std::enable_shared_from_this<Listener::State> {
  State(Loop& the_loop, Log& the_log)
      : loop(the_loop),
        log(the_log),
        acceptor(the_loop.context()),
        again(the_loop, [this] { accept(); }) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](boost::system::error_code error, Tcp::socket socket) {
          if (!self->acceptor.is_open()) return;
          if (error) {
            self->log.warn("accept_failed", {{"why", error.message()}});
            return self->again.set(self->loop.now() + kAcceptPause);
          }
          self->accepted(std::move(socket));
          self->accept();
        });
  }

  Loop& loop;
  Log& log;
  Tcp::acceptor acceptor;
  Timer again;
  std::function<void(Tcp::socket)> accepted;
};

Listener::Listener(Loop& loop, Log& log) : state_(std::make_shared<State>(loop, log)) {}

Endpoint Listener::listen(const std::string& flag, const Endpoint& where) {
  try {
    const Tcp::endpoint endpoint(boost::asio::ip::make_address(where.host), where.port);
    state_->acceptor.open(endpoint.protocol());
    state_->acceptor.set_option(boost::asio::socket_base::reuse_address(true));
    state_->acceptor.bind(endpoint);
    state_->acceptor.listen();
    return {where.host, state_->acceptor.local_endpoint().port()};
  } catch (const boost::system::system_error& error) {
    throw Failure(kExitBadInput,
                  flag + " " + where.text() + " cannot be listened on: " + error.code().message());
  }
}

void Listener::accept(std::function<void(Tcp::socket)> accepted) {
  state_->accepted = std::move(accepted);
  state_->accept();
}

void Listener::close() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->again.set(chain::kNever);
}

std::optional<Tcp::endpoint> Listener::local() const {
  boost::system::error_code error;
  const Tcp::endpoint endpoint = state_->acceptor.local_endpoint(error);
  if (error) return std::nullopt;
  return endpoint;
}

std::optional<Tcp::endpoint> remote_of(const Tcp::socket& socket) {
  boost::system::error_code error;
  const Tcp::endpoint end = socket.remote_endpoint(error);
  if (error) return std::nullopt;
  const auto ip = end.address();
  if (!ip.is_v6() || !ip.to_v6().is_v4_mapped()) return end;
  return Tcp::endpoint(boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, ip.to_v6()),
                       end.port());
}

}  // namespace net
