// The inbound connection that gives its place to a newcomer when all inbound places are taken.
//
// A pure function over a table of candidates. First it sets aside peers by properties that one
// attacker cannot have all of: an address in another subnet, a low ping, a useful block of late.
// Then it sets aside that half of the others that has been connected longest. It chooses from the
// remaining ones by class: no frame for kSilence; then no block or header ever; then any other.
// Within a class, a peer that never sent a frame goes first, then one without a block or header.
// Then a peer of the subnet with the most candidates goes, and last the newest connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/io.h"

namespace net {

struct EvictionCandidate {
  chain::PeerId peer = chain::kNoPeer;
  std::string subnet{};                     // subnet_of() its IP address (endpoint.h)
  std::optional<chain::Duration> ping{};    // nothing: not known
  chain::Time connected{};                  // when the connection was accepted
  std::optional<chain::Time> last_frame{};  // nothing: it never sent one
  std::optional<chain::Time>
      useful_block{};        // when it last sent a block or header new to this node
  bool sent_blocks = false;  // it has sent a valid block or header, new or not
};

// Peers of the table that are never chosen.
inline constexpr std::size_t kProtectedSubnets =
    4;                                              // the longest connected peer of so many subnets
inline constexpr std::size_t kProtectedPings = 8;   // the peers with the lowest known ping
inline constexpr std::size_t kProtectedBlocks = 4;  // the peers with the latest useful block
// A peer that sent no frame for so long is the first to go.
inline constexpr chain::Duration kSilence = chain::seconds(10);

// The peer to close, or kNoPeer if all are protected. Ties go to the lower peer number: it is
// protected first and chosen last.
chain::PeerId choose_eviction(std::vector<EvictionCandidate> table, chain::Time now);

}  // namespace net
