// A TCP port that is listened on: whoever connects is handed over, until it is closed.
//
// What the peers' port and the HTTP port have in common, and nothing of what is spoken there. When
// an accept fails (most often no descriptors are left) it is tried again after a pause, so that the
// node neither spins nor stays deaf.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net-real/endpoint.h"
#include "net-real/log.h"
#include "net-real/loop.h"

namespace net {

using Tcp = boost::asio::ip::tcp;

// Who is at the other end of what came in, nothing if it is gone already. IPv4 that was written as
// IPv6 (::ffff:192.0.2.1) is IPv4 from here on.
std::optional<Tcp::endpoint> remote_of(const Tcp::socket& socket);

class Listener {
 public:
  Listener(Loop& loop, Log& log);
  ~Listener() { close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Throws Failure, naming the flag and the address, if it cannot be listened on. Returns where it
  // listens.
  Endpoint listen(const std::string& flag, const Endpoint& where);
  // Hands over each connection, from the loop. Once, after listen().
  void accept(std::function<void(Tcp::socket)> accepted);
  void close();
  // Nothing once it is closed.
  std::optional<Tcp::endpoint> local() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
