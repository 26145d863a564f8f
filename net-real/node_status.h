// GET /status, /tree and /peers: a node's state as JSON, for its dashboard and other programs.
//
// Pure functions on plain data; http_api.cpp gathers it. Every list has a limit: peers by the
// sockets', reorgs by the host's, blocks by kMaxTreeBlocks. A value that there is not is null.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/block_tree.h"
#include "net-real/links.h"
#include "net-real/metrics.h"

namespace net {

inline constexpr std::uint32_t kTreeHeights = 100;    // of one answer
inline constexpr std::size_t kMaxTreeBlocks = 400;    // on all branches in these heights
inline constexpr std::size_t kMaxTreeLooks = 20'000;  // side branches are sought in the newest

struct PeerStatus {
  PeerFacts facts;
  std::string address;        // the URL that was dialled; "": it came in
  std::string_view protocol;  // "" while that is undecided
  PeerTraffic traffic;
  std::optional<std::uint32_t> height;  // of the tip that it told last, if that is known here
  bool on_our_chain = false;            // that tip
};

struct ReorgStatus {
  Reorg reorg;
  std::uint32_t height = 0;  // of the new tip
  std::string from, to;      // hashes
};

struct NodeStatus {
  NodeFacts facts;
  NodeCounters counters;
  std::string tip;  // its hash; "" while there is no chain
  std::vector<PeerStatus> peers;
  std::vector<ReorgStatus> reorgs;    // the newest last
  std::vector<Rejection> rejections;  // the newest last
  bool mining = false;
};

// {"peer": 3, "remote": "192.0.2.1:7545", "address": null, "direction": "inbound", ...}
std::string to_json(const PeerStatus& peer);
std::string to_json(const std::vector<PeerStatus>& peers);
std::string to_json(const NodeStatus& status);

// Blocks of kTreeHeights heights up to `to`, that of `tip` included: the chain of `tip` and, as far
// as they are among the newest, its side branches. The highest first, no more than kMaxTreeBlocks:
// {"to": 120, "blocks": [{"hash", "previousHash", "height", "timestamp", "difficulty", "nonce",
// "bytes" (null: the body is not here), "main": on the chain of `tip`}, ...]}
std::string tree_json(const chain::BlockTree& tree, chain::BlockId tip,
                      std::optional<std::uint32_t> to);

}  // namespace net
