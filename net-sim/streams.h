// The random streams of a run: one for each purpose and owner, so that a draw added in one place
// moves no other.
//
// A scenario may seed topology, latency, mining and faults apart: to keep the network and change
// the luck of the miners, for example. The numbers enter every digest: never reorder them.
#pragma once

#include <cstdint>

#include "core/random.h"
#include "net-sim/scenario.h"

namespace sim {

enum class Stream : std::uint64_t {
  topology = 1,  // which links exist
  regions = 2,   // which node is where
  latency = 3,   // owner: the link
  block_size = 4,
  mining = 5,       // when a block is found, and by whom
  faults = 6,       // owner: the event; which nodes a share means, what is lost
  overrides = 8,    // owner: the entry of `nodes`; which nodes it means
  node = 7,         // owner: the node; what it draws for itself
  protocols = 9,    // who speaks what in a mix
  neighbours = 10,  // owner: 1 + the entry of `nodes`; how many neighbours; owner 0: which
  loss = 16,        // owner: the link; which segments are lost
  rates = 17,       // owner: the node; its bandwidth, where its region has a table of it
  life = 20,        // owner: the number of a life begun after the start; its node's nonce
  churn = 21,       // owner: the event; who comes and goes, and when
  attack = 22,      // owner: the node; what an attacker draws
};

inline chain::Random stream(const Seeds& seeds, Stream purpose, std::uint64_t owner = 0) {
  const auto seed_of = [&] {
    switch (purpose) {
      case Stream::topology:
      case Stream::regions:
      case Stream::overrides:
      case Stream::protocols:
      case Stream::rates:
      case Stream::neighbours:
        return seeds.topology_seed();
      case Stream::latency:
        return seeds.latency_seed();
      case Stream::block_size:
      case Stream::mining:
        return seeds.mining_seed();
      case Stream::faults:
      case Stream::churn:
      case Stream::loss:
        return seeds.faults_seed();
      case Stream::node:
      case Stream::life:
      case Stream::attack:
        break;
    }
    return seeds.run;
  };
  return chain::Random(seed_of(), owner, static_cast<std::uint64_t>(purpose));
}

}  // namespace sim
