// The parts of a scenario that name nodes: which nodes, what they have of their own, and links that
// differ.
//
// A selector is kept as it is written; resolve.h turns it into indices by the seed. A key that is
// absent takes the value of the whole network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/message.h"
#include "core/sync_limits.h"
#include "net-sim/scenario_types.h"

namespace sim {

// --- who ---------------------------------------------------------

// Some nodes, as written. resolve.h turns it into indices.
struct Selector {
  enum class Kind : std::uint8_t { list, range, share, region, rest, all };
  Kind kind = Kind::all;
  std::vector<NodeIndex> nodes;   // list: one or more, as written
  NodeIndex first = 0, last = 0;  // range, both included
  Share share;                    // of all nodes, drawn by the seed
  std::vector<std::string> regions;
  std::string text;  // as written, for reports
};

// --- nodes, links ------------------------------------------------

// An attacker, or a node that is ill. Only the keys of its kind are set.
struct Behaviour {
  enum class Kind : std::uint8_t {
    selfish,
    double_spend,
    withhold,
    silent,
    equivocator,
    forger,
    flooder,
    eclipser,
    announcer
  };
  enum class Fault : std::uint8_t { height, previous_hash, hash, merkle_root, work, time, genesis };

  Kind kind = Kind::silent;
  std::optional<Share> gamma;       // selfish: absent, the network decides
  std::optional<Selector> pool;     // selfish `nodes`: a pool of them
  std::uint32_t confirmations = 6;  // double_spend
  std::uint32_t premined = 0;
  std::uint32_t give_up = 40;  // blocks behind
  std::uint64_t attempts = 1;
  Duration hold;                                                  // withhold `for`
  std::uint32_t siblings = 2;                                     // equivocator
  Fault fault = Fault::hash;                                      // forger
  chain::MessageType message = chain::MessageType::query_latest;  // flooder
  Decimal rate{100 * kBillion};   // flooder: messages a second, to each peer
  NodeIndex victim = 0;           // eclipser
  std::uint32_t connections = 8;  // eclipser
};

// Limits that some nodes have of their own, by their row of the table.
struct LimitOverrides {
  std::vector<std::pair<const chain::SyncLimitRow*, std::int64_t>> values;
};

// Keys that some nodes have of their own; what is absent is the network's.
struct NodeOverride {
  Selector select;
  std::optional<std::string> region;
  std::optional<Share> power;
  std::optional<ProtocolKind> protocol;
  std::optional<Relay> relay;
  std::optional<std::uint32_t> rule_set;
  LimitOverrides options;
  std::optional<std::uint64_t> up, down;
  std::optional<Duration> validation_per_block, validation_per_megabyte;
  std::optional<Duration> clock_offset;                          // may be negative
  std::optional<std::pair<std::uint32_t, std::uint32_t>> peers;  // min, max
  bool mesh = false;                                             // linked to each other
  std::optional<Behaviour> behaviour;
};

// A change of the links between two sets of nodes. `one_way`: only from the first to the second.
// Absent members stay as they are.
struct LinkChange {
  Selector a, b;
  std::optional<Duration> latency;        // `2 s`
  std::optional<Decimal> latency_factor;  // `x3`
  std::optional<Share> loss;
  std::optional<std::uint64_t> bandwidth;  // bytes per second, of the link itself
  std::optional<bool> cut;                 // true as a silent partition is; false mends it
  bool one_way = false;
};

}  // namespace sim
