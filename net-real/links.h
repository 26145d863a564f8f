// The seam between the host and what carries its messages.
//
// Frames are text here, shared by all the peers that they go to. Neither side calls the other back
// from within a call: what follows from a send, a close or a dial is told later, from the loop. So
// a step of the node is never entered twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io.h"

namespace net {

using Frame = std::shared_ptr<const std::string>;

// An open connection, for people.
struct PeerFacts {
  chain::PeerId peer = chain::kNoPeer;
  chain::AddressId address = chain::kNoAddress;  // where it was dialled; kNoAddress: it came in
  std::string remote;                            // 127.0.0.1:51234
  std::int64_t since_ms = 0;                     // Unix milliseconds
  std::optional<chain::Duration> round_trip{};   // nothing where it is not known
};

// Why a connection is closed from this side. Becomes a WebSocket close code.
enum class CloseWhy {
  going_away,  // this node stops
  normal,      // no longer wished for
  offence,     // the peer broke the rules
};

// Statistics of all connections together.
struct SendStats {
  std::uint64_t waiting_bytes = 0;   // of frames that peers have not taken yet
  std::uint64_t slow_peers_cut = 0;  // because too many bytes waited
};

class Links {
 public:
  virtual ~Links() = default;
  // To a peer that is gone, nothing.
  virtual void send(chain::PeerId to, const Frame& frame) = 0;
  virtual void close(chain::PeerId peer, CloseWhy why, std::string_view reason) = 0;
  // Nothing if that address is connected or being dialled: one connection a pair.
  virtual void dial(chain::AddressId address) = 0;
  // Its IP address without port; "" for a peer that is gone.
  virtual std::string remote_ip(chain::PeerId peer) const = 0;
  // Sorted by peer.
  virtual std::vector<PeerFacts> peers() const = 0;
  virtual SendStats send_stats() const = 0;
  // The peer sent a valid block or header; `useful`: one that was new here. When the inbound places
  // are full, it decides who keeps one (eviction.h).
  virtual void sent_blocks(chain::PeerId peer, bool useful) = 0;
  // Charges to a peer the work of its last message: the blocks, peers and requests that the node
  // looked at. A peer that costs more than its share is read more slowly (SocketLimits::work).
  virtual void charge(chain::PeerId peer, std::uint64_t work) = 0;
};

// What connections have to tell, and one thing that they ask. Every peer_up is followed by one
// peer_down, every dial by one peer_up, dial_failed, dial_unneeded or address_refused.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  // Whether somebody at that IP address may come in.
  virtual bool is_welcome(std::string_view ip) const = 0;
  virtual void peer_up(chain::PeerId peer, chain::AddressId address) = 0;
  virtual void peer_down(chain::PeerId peer) = 0;
  virtual void dial_failed(chain::AddressId address, std::string_view reason) = 0;
  // `connected` is another connection to the same node: one connection a pair.
  virtual void dial_unneeded(chain::AddressId address, chain::PeerId connected,
                             std::string_view reason) = 0;
  // The address turned out to be this node's own; it is not to be dialled again unless somebody
  // asks.
  virtual void address_refused(chain::AddressId address, std::string_view reason) = 0;
  virtual void received(chain::PeerId from, std::string_view frame) = 0;
  // It began to send a frame over the limit, and is closed for that.
  virtual void oversized(chain::PeerId from) = 0;
};

}  // namespace net
