// Peers over WebSocket, plain (ws) or over TLS (wss): a server, a client for each address to dial,
// one session for each connection.
//
//   dialled: connecting -> open -> closing -> gone        came in: accepting -> open -> ...
//
// Text frames go out, text and binary frames come in. A frame over the limit closes the connection
// (1009), as does a peer that does not take what is sent to it (socket_limits.h), a handshake that
// takes too long, or a peer that answers no ping. One connection a pair: an address that is
// connected or dialed is not dialed again, nor is the node itself, nor another name of a connected
// peer; of two nodes that dial each other one connection stays, except with nodes of the original,
// which have no nonce. A connection over a limit of its IP address or subnet, or from an unwelcome
// one, is closed without a word, before a handshake costs anything. When all inbound places are
// taken, a newcomer gets the place of another peer (eviction.h), if one may go. Beast stays in
// peer_session.cpp.
#pragma once

#include <functional>
#include <memory>

#include "net-real/address_registry.h"
#include "net-real/endpoint.h"
#include "net-real/links.h"
#include "net-real/log.h"
#include "net-real/loop.h"
#include "net-real/socket_limits.h"
#include "net-real/tls.h"

namespace net {

class PeerSockets : public Links {
 public:
  // `tls` outlives it.
  PeerSockets(Loop& loop, const AddressRegistry& registry, const Tls& tls, Log& log,
              const SocketLimits& limits);
  ~PeerSockets() override;

  // Throws Failure, naming the address, if it cannot be listened on. Returns where it listens.
  // `is_secure`: for wss.  REQUIRES: there is a certificate then.
  Endpoint listen(const Endpoint& where, bool is_secure = false);
  // Who hears of connections. Once, before the loop runs.
  void serve(LinkEvents& events);
  // Accepts and dials no more, closes all; then calls `done`.
  void stop(std::function<void()> done);

  void send(chain::PeerId to, const Frame& frame) override;
  void close(chain::PeerId peer, CloseWhy why, std::string_view reason) override;
  void dial(chain::AddressId address) override;
  std::string remote_ip(chain::PeerId peer) const override;
  std::vector<PeerFacts> peers() const override;
  SendStats send_stats() const override;
  void sent_blocks(chain::PeerId peer, bool useful) override;
  void charge(chain::PeerId peer, std::uint64_t work) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace net
