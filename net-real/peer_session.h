// One connection to a peer, ws or wss, from dial or accept to its end. For peer_sockets.cpp only.
//
// Both sides may name themselves while they shake hands: a header of the upgrade holds the node's
// nonce, a number drawn at its start. Nodes of the original neither send nor read it.
//
// Everything that ends a connection meets in one place, which tells the owner once, from the loop;
// the owner is told nothing from within send(), close() or cut(). What a session is made of,
// Beast's WebSocket stream, stays in the .cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net-real/address_registry.h"
#include "net-real/links.h"
#include "net-real/listener.h"
#include "net-real/send_queue.h"
#include "net-real/socket_limits.h"
#include "net-real/tls.h"

namespace net {

// Whether a connection is to be kept.
enum class Verdict { keep, own_address, connected_already };

class PeerSession {
 public:
  // What a session tells its owner.
  class Owner {
   public:
    virtual ~Owner() = default;
    // Asked when a dial has connected, and again when hands are shaken and the nonce is known.
    virtual Verdict judge(const PeerSession& session) = 0;
    virtual void opened(PeerSession& session) = 0;
    virtual void received(PeerSession& session, std::string_view frame) = 0;
    // A frame over the limit began to come; the session ends.
    virtual void oversized(PeerSession& session) = 0;
    // Ends slow sessions until `frame` may wait, too; false: it may not, whoever ends.
    virtual bool make_room(const Frame& frame) = 0;
    virtual void ended(PeerSession& session) = 0;
  };

  virtual ~PeerSession() = default;
  // One of the two, once.
  virtual void accept() = 0;
  virtual void dial(const PeerUrl& url) = 0;

  virtual void send(const Frame& frame) = 0;
  virtual void close(CloseWhy why, std::string_view reason) = 0;
  // Ends the connection at once, without a close frame.
  virtual void cut(std::string_view reason) = 0;
  // Its message that is being received cost so much.
  virtual void charge(std::uint64_t work) = 0;
  // To the peer and back, as far as it is known (round_trip.h).
  virtual std::optional<chain::Duration> round_trip() = 0;

  chain::PeerId peer() const { return peer_; }
  chain::AddressId address() const { return address_; }
  const Tcp::endpoint& remote() const { return remote_; }
  const Tcp::endpoint& local() const { return local_; }
  std::string remote_text() const;
  bool is_open() const { return is_open_; }
  // Unix milliseconds; 0 if it has never been open.
  std::int64_t since_ms() const { return since_ms_; }
  // The owner's, where the connection was not kept.
  Verdict verdict() const { return verdict_; }
  // The other node's, if it told one.
  std::optional<std::uint64_t> nonce() const { return nonce_; }
  const std::string& end_reason() const { return end_reason_; }
  const SendQueue& queue() const { return queue_; }

 protected:
  PeerSession(chain::PeerId peer, chain::AddressId address, std::shared_ptr<SendQueues> queues)
      : peer_(peer), address_(address), queue_(std::move(queues)) {}

  const chain::PeerId peer_;
  const chain::AddressId address_;  // kNoAddress: it came in
  Tcp::endpoint remote_;
  Tcp::endpoint local_;
  bool is_open_ = false;
  std::int64_t since_ms_ = 0;
  Verdict verdict_ = Verdict::keep;
  std::optional<std::uint64_t> nonce_;
  std::string end_reason_;
  SendQueue queue_;  // the front frame is being written
};

// What the sessions of a node have in common. All of it outlives the loop's run.
struct SessionWorld {
  PeerSession::Owner& owner;
  const Tls& tls;
  const SocketLimits& limits;
  const std::shared_ptr<SendQueues>& queues;
  const std::uint64_t nonce;  // of this node
};

// `socket` is connected for accept(), fresh for dial(). `is_secure`: wss.
std::shared_ptr<PeerSession> make_peer_session(const SessionWorld& world, Tcp::socket socket,
                                               chain::PeerId peer, chain::AddressId address,
                                               bool is_secure);

}  // namespace net
