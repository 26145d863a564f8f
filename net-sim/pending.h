// What stands in the simulator's queue: a time, a kind, whom it concerns, and a message.
//
// Values only: an event names streams, nodes and firings by number and can be copied like bytes.
#pragma once

#include <cstdint>

#include "core/message.h"
#include "core/time.h"

namespace sim {

enum class EventKind : std::uint8_t {
  deliver,      // target: stream; the message's last byte arrives
  first_byte,   // target: transfer; its first byte reaches the receiver's downlink
  fin,          // target: stream; the other end has closed
  dialled,      // target: stream of the dialler; the dial reaches the other side
  accepted,     // target: stream of the acceptor; the answer reaches the dialler
  dial_failed,  // target: stream of the dialler
  retransmit,   // target: stream; its stalled data is sent again
  tcp_timeout,  // target: stream; its data may be unacknowledged for too long
  wake,         // target: node
  cpu,          // target: node; it has validated, or its blocks are durable
  restart,      // target: index into the simulator's list of crashes; its nodes start again
  churn,        // target: index into the simulator's churns; somebody leaves or comes
  find,         // target: generation of the miners; somebody finds a block
  firing,       // target: index into the timetable
  sample,       // a row of the time series
};

struct Pending {
  Pending() = default;
  // All at once, so that kind, flag and size are one store: a copy that follows would wait for
  // three.
  Pending(chain::Time when, EventKind what, std::uint32_t whom = 0, chain::Message said = {},
          std::uint32_t size_code = 0)
      : at(when), kind(what), again(0), size(size_code & kSizeMask), target(whom), message(said) {}

  static constexpr int kSizeBits = 23;
  static constexpr std::uint32_t kSizeMask = (1u << kSizeBits) - 1;

  chain::Time at;
  EventKind kind = EventKind::wake;
  std::uint32_t again : 1 = 0;         // a retransmission of what stalled
  std::uint32_t size : kSizeBits = 0;  // deliver: of the message, in the code of traffic.h
  std::uint32_t target = 0;
  chain::Message message;
};
static_assert(sizeof(Pending) == 32);

}  // namespace sim
