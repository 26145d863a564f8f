// What each node heard on each of its connections, in one world and in the other, and where the two
// first differ.
//
// Reality is late by processing and by the machine's other work, so that what two neighbours say
// may come in another order. What one connection says does not: its messages are compared one by
// one, without their times. Blocks have names that both worlds share, "3.2" being the second that
// node 3 found; connections of a node are counted in the order in which they opened.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net-sim/observer.h"
#include "net-sim/report.h"

namespace sim {

// Blocks by what is the same in both worlds.
class BlockNames {
 public:
  void found(NodeIndex finder, const chain::Hash& hash);
  // "genesis" for what nobody found.
  std::string of(const chain::Hash& hash) const;

 private:
  std::map<chain::Hash, std::string> names_;
  std::map<NodeIndex, std::uint32_t> found_;  // so many, by finder
};

class HeardBook {
 public:
  // A node steps; `tree` as it is then. What only a host decides (wakes, dials) is left out, and
  // what a peer of header_first says in the original's words: no node listens to that.
  void note(Time at, NodeIndex node, const chain::Input& input, const chain::BlockTree& tree);
  // The node's process begins again: its connections are others.
  void begin(NodeIndex node) { peers_.erase(node); }

  struct Heard {
    Time at;
    std::string what;                 // "Headers 1 ..."
    std::optional<chain::Hash> hash;  // of the block that it is about
  };
  struct Place {
    NodeIndex node;
    std::uint32_t connection;  // of the node, from 1 on; 0: what it found itself
    auto operator<=>(const Place&) const = default;
  };

  const std::map<Place, std::vector<Heard>>& all() const { return heard_; }

 private:
  struct Peer {
    std::uint32_t connection = 0;
    bool has_said_hello = false;
  };

  std::map<NodeIndex, std::map<chain::PeerId, Peer>> peers_;
  std::map<NodeIndex, std::uint32_t> opened_;  // connections so far
  std::map<Place, std::vector<Heard>> heard_;
};

struct HeardWorld {
  const HeardBook& book;
  const BlockNames& names;
};

// {"connections", "differing", "first": null or {"node", "connection", "message", "simulated",
// "real"}}; each side has what came before, and what differs or null.
Json first_difference(const HeardWorld& simulated, const HeardWorld& real);

}  // namespace sim
