// The intake of simulated nodes: downloads of headers in two passes (core/headers_sync.h), and the
// accounts of lighter branches (core/branch_accounts.h).
//
// A real node's intake sees a page of headers or bodies before the node does, and stores it, or
// says that it carries too little work. Here the simulator does the same with blocks of its tree:
// what a message is to its receiver is decided when the receiver takes it.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/branch_accounts.h"
#include "core/chain_view.h"
#include "core/headers_sync.h"
#include "core/node.h"
#include "net-sim/scenario.h"

namespace sim {

class HeaderDownloads {
 public:
  explicit HeaderDownloads(const chain::BlockTree& tree) : tree_(tree) {}

  // Marks headers or blocks of low work, or shortens a page of headers to what may be stored.
  // REQUIRES: it is a message of headers or blocks; `view` stays where it is until `forget(node)`.
  // Blocks may be presented again, after the node validated them and before it takes them.
  void present(NodeIndex node, const chain::NodeOptions& options, const chain::ChainView& view,
               chain::Received& received);
  // The node takes the message now: new headers and bodies among its blocks count for the peer that
  // sent them. REQUIRES: as `present` left it, at this tip.
  void charge(NodeIndex node, const chain::ChainView& view, const chain::Received& received) {
    if (received.message.type != chain::MessageType::blocks) return;
    chain::BranchAccounts* const of_node = find_accounts(node);
    if (of_node != nullptr) charge(*of_node, view, received);
  }
  // The connection is closed.
  void forget(NodeIndex node, chain::PeerId peer);
  // All connections of the node are closed, and it starts again.
  void forget(NodeIndex node);

 private:
  using Key = std::pair<NodeIndex, chain::PeerId>;
  struct Download {
    chain::HeadersSync sync;
    bool is_heavy = false;  // the first pass showed that it outweighs the own chain
  };
  // A message for a node, and what it carries.
  struct Page {
    NodeIndex node;
    const chain::NodeOptions& options;
    const chain::ChainView& view;
    chain::PeerId from;
    chain::BlockId last;   // its last block
    chain::BlockId known;  // the last block before or in it whose header the node has
    chain::HeadersSync::Page headers;
    bool is_heavy;  // heavier than the own chain
    bool is_new() const { return known != last; }
  };

  chain::BranchAccounts* find_accounts(NodeIndex node) const {
    return node < accounts_.size() ? accounts_[node].get() : nullptr;
  }
  chain::BranchAccounts& accounts(const Page& page);
  void charge(chain::BranchAccounts& accounts, const chain::ChainView& view,
              const chain::Received& received);
  bool is_enough(const Page& page);
  chain::BlockId last_known(const chain::ChainView& view, chain::BlockId last,
                            std::uint32_t count) const;
  bool admits_bodies(const Page& page);
  void note_stored(const Page& page, chain::BlockId last, bool exempt);
  void present_blocks(const Page& page, chain::Message& message);
  void present_headers(const Page& page, chain::Message& message);
  void go_on(const Page& page, Download& download, chain::Message& message);

  const chain::BlockTree& tree_;
  std::map<Key, Download> downloads_;
  // By node; null until a lighter branch is sent to it: up to then nothing would be in it.
  std::vector<std::unique_ptr<chain::BranchAccounts>> accounts_;
};

}  // namespace sim
