// What one peer may cost: sizes, counts and deadlines of the WebSocket side.
//
// Defaults are chainnode's. A test that wants to see a limit at work makes it smaller. HTTP has
// limits of its own (http_server.h).
#pragma once

#include <cstddef>

#include "core/time.h"
#include "net-real/token_bucket.h"

namespace net {

struct SocketLimits {
  std::size_t max_frame = 1 << 20;  // bytes that a peer may send at once
  std::size_t max_queue = 8 << 20;  // bytes that wait for one peer; more, and it is dropped
  // Bytes that wait for all peers together, a frame for many counted once; for more, the peer whose
  // frame has been under way the longest is dropped.
  std::size_t max_queues = 64 << 20;
  std::size_t max_peers = 125;      // connections, those still shaking hands included
  std::size_t max_inbound = 109;    // of these, so many may come in: 16 stay for our own dials
  std::size_t max_per_ip = 16;      // of these, from one IP address, 127.0.0.1 and ::1 excepted
  std::size_t max_per_subnet = 64;  // of these, from one /24 of IPv4 or /64 of IPv6, likewise
  std::size_t max_dials = 16;       // under way at a time; more wait for their turn
  chain::Duration handshake = chain::seconds(10);  // from dial or accept to open
  chain::Duration read = chain::minutes(1);        // of a frame, from its first byte on
  chain::Duration write = chain::minutes(1);       // of a frame
  chain::Duration idle = chain::minutes(2);        // pinged at half of it, dropped at the whole
  chain::Duration close = chain::seconds(2);       // from our close frame to the end
  // What a peer may send; who sends more is read more slowly.
  Rate frames{.per_second = 20'000, .burst = 200'000};
  Rate bytes{.per_second = 64 << 20, .burst = 256 << 20};
  // Looks that its messages may cause (Effects::work); a look takes some nanoseconds.
  Rate work{.per_second = 20'000'000, .burst = 100'000'000};
};

}  // namespace net
