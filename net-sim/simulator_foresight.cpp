// What the next events will touch is fetched while it is still far away.
//
// With ten thousand nodes nearly every line that an event touches stands in main memory, and waits
// for it one after the other were three quarters of a run. The queue knows the next events, so that
// their lines can be asked for together: first what an event names, then what is found there, then
// what that points to. Nothing is decided here: a run without it gives the same digest.
#include <algorithm>

#include "net-sim/simulator.h"

namespace sim {
namespace {

constexpr std::size_t kForeseen = 32;     // events
constexpr std::size_t kMostStreams = 32;  // of one node: more would push out each other

bool brings(const Pending& event, chain::MessageType type) {
  return event.kind == EventKind::deliver && event.message.type == type;
}
// What its receiver tells all its neighbours, most likely.
bool brings_blocks(const Pending& event) { return brings(event, chain::MessageType::blocks); }

}  // namespace

// Returns of how many events.
std::size_t Simulator::foresee(std::span<const Pending> events) {
  events = events.first(std::min(events.size(), kForeseen));
  for (const Pending& event : events) {
    if (event.kind == EventKind::deliver) links_.prefetch(event.target);
    if (brings(event, chain::MessageType::get_blocks)) links_.prefetch(event.target ^ 1);
    if (event.kind == EventKind::first_byte) links_.prefetch_transfer(event.target);
    if (event.kind == EventKind::wake) prefetch_node(event.target);
  }
  for (const Pending& event : events) {
    if (event.kind == EventKind::deliver) prefetch_node(links_.receiver(event.target));
    if (event.kind == EventKind::first_byte) links_.prefetch_stream_of(event.target);
  }
  for (const Pending& event : events) {
    if (event.kind == EventKind::wake) nodes_[event.target].core.prefetch(chain::kNoPeer, true);
    if (event.kind != EventKind::deliver) continue;
    const NodeIndex receiver = links_.receiver(event.target);
    const chain::PeerId peer = links_.peer_at_receiver(event.target);
    nodes_[receiver].core.prefetch(peer, brings_blocks(event));
    const std::vector<StreamId>& streams = nodes_[receiver].streams;
    if (brings(event, chain::MessageType::get_blocks) && peer < streams.size()) {
      chain::prefetch_line(&streams[peer]);
    }
    if (!brings_blocks(event)) continue;
    metrics_.prefetch(receiver);
    chain::prefetch_bytes(streams.data(),
                          std::min(streams.size(), kMostStreams) * sizeof(StreamId));
  }
  for (const Pending& event : events) {
    if (!brings_blocks(event)) continue;
    const std::vector<StreamId>& streams = nodes_[links_.receiver(event.target)].streams;
    for (std::size_t i = 0; i < std::min(streams.size(), kMostStreams); ++i) {
      links_.prefetch(streams[i]);
    }
  }
  return events.size();
}

}  // namespace sim
