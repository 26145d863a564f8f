// The downloads of headers in two passes (core/headers_sync.h) of all simulated nodes.
//
// A real node's intake sees a page of headers before the node does, and stores it, or says that it
// carries too little work. Here the simulator does the same with blocks of its tree: what a message
// of headers is to its receiver is decided when the receiver takes it.
#pragma once

#include <map>

#include "core/chain_view.h"
#include "core/headers_sync.h"
#include "core/node.h"
#include "net-sim/scenario.h"

namespace sim {

class HeaderDownloads {
 public:
  explicit HeaderDownloads(const chain::BlockTree& tree) : tree_(tree) {}

  // Marks headers or blocks of low work, or shortens a page of headers to what may be stored.
  // REQUIRES: it is a message of headers or blocks.
  void present(NodeIndex node, const chain::NodeOptions& options, const chain::ChainView& view,
               chain::Received& received);
  // The connection is closed.
  void forget(NodeIndex node, chain::PeerId peer) {
    if (!downloads_.empty()) downloads_.erase({node, peer});
  }
  // All connections of the node are closed.
  void forget(NodeIndex node);

 private:
  using Key = std::pair<NodeIndex, chain::PeerId>;

  const chain::BlockTree& tree_;
  std::map<Key, chain::HeadersSync> downloads_;
};

}  // namespace sim
