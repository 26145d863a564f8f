// From what a peer sent to a message that names ids: the host's step before Node::step.
//
// Only what is linked, valid and of use is put into the tree; all else gets a staged id and the
// reason why, so that a node can answer or punish what nobody stored. A header must carry work: a
// branch is stored from the low-work floor on (chain_rules.h), a long one in two passes
// (headers_sync.h), and while the accounts of branches have room (branch_accounts.h). Whole chains
// and tips of the original's peers are stored only where the node would follow them. A failure is
// never remembered by hash: different blocks can share one. The first version of a block that
// passes is kept, and stands for every later one. A peer costs at most the hashes of low_work_pages
// pages, and the headers of a page while it is read.
#pragma once

#include <functional>
#include <map>

#include "core/branch.h"
#include "core/branch_accounts.h"
#include "core/headers_sync.h"
#include "core/io.h"
#include "core/json_codec.h"

namespace chain {

class Intake {
 public:
  // Called for each body put into the tree, parents first, with the text of its data array; for a
  // foreign genesis, too.
  using Keep = std::function<void(BlockId, std::string data_json)>;

  // Where the seal is simulated, a header needs no proof of work; all else is checked as ever.
  // `bridge`: the node follows any longer chain of the original's peers, also by one block.
  // REQUIRES: `limits` outlives it.
  Intake(BlockTree& tree, const ChainRules& rules, bool bridge, const Hash& network, Keep keep,
         const SyncLimits& limits = kDefaultSyncLimits);

  // `own_tip` is the tip of the node that the message is for; `now_ms` its clock, Unix
  // milliseconds. Addresses are left out: they are the host's to number.
  Message take(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms);
  // The peer is gone, and what was staged for it.
  void forget(PeerId peer) {
    downloads_.erase(peer);
    accounts_.forget(peer);
  }
  // A block of one's own, mined on a block of the tree.  REQUIRES: it is valid.
  BlockId add_own(const Block& block);

 private:
  // How much of a received chain the tree knows already.
  struct Known {
    BlockId last = kNoBlock;          // the last block known, kNoBlock if not even the genesis is
    std::size_t count = 0;            // blocks up to it
    Refusal refusal = Refusal::none;  // of the chain, if a block of it is not taken
  };
  // Headers against the tree: the first `known` of them are in it, up to `base`; the others may be
  // added on it where `staged` is `no`.
  struct Linking {
    BlockId base = kNoBlock;
    std::size_t known = 0;
    std::uint64_t work = 0;  // from the root to the last of them
    Staged staged = Staged::no;
    Refusal refusal = Refusal::none;
    std::optional<Branch> branch = {};  // of those that are new
  };
  // A branch with too little work so far.
  struct Download {
    HeadersSync sync;
    Branch branch;          // checks what the next page holds
    std::uint64_t work;     // from the root to the last header seen
    std::uint32_t place;    // of the last page's end, in the tree: an even number, or the next one
    bool is_heavy = false;  // the first pass showed that it outweighs the own chain
  };
  using Headers = std::vector<const Header*>;

  // How to stage a block that is rejected for `refusal`. Under `tutorial` another merkle root is
  // no fault of the peer: the header is valid, and clones differ in how they compute the root.
  Staged staged_for(Refusal refusal) const {
    const bool may_differ = refusal == Refusal::merkle_root && !rules_.is_work();
    return may_differ ? Staged::other_body : Staged::invalid;
  }
  Message sort(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms);
  void fill_bodies(PeerId from, const std::vector<Block>& blocks, BlockId own_tip);
  Message told_tip(const WireMessage& wire, BlockId own_tip);
  Message take_locator(const WireMessage& wire, BlockId own_tip) const;
  Message take_headers(PeerId from, const WireMessage& wire, BlockId own_tip, std::int64_t now_ms);
  Message begin_download(PeerId from, const Headers& headers, const Linking& link);
  Message go_on(PeerId from, const Headers& headers, BlockId own_tip);
  // How many headers of a page may be stored, and whether the accounts need not count them.
  struct Storing {
    std::size_t count = 0;
    bool exempt = false;
  };
  Storing what_to_store(PeerId from, const Headers& headers, const Linking& link, BlockId own_tip);
  std::uint64_t floor(BlockId own_tip) const {
    return low_work_floor(tree_, own_tip, limits_.low_work_depth);
  }
  std::uint32_t free_place() const;
  Message take_blocks(PeerId from, MessageType type, const std::vector<Block>& blocks,
                      std::size_t first, BlockId own_tip, std::int64_t now_ms);
  Refusal check_bodies(const std::vector<Block>& blocks, std::size_t first) const;
  bool has_room(PeerId from, const std::vector<Block>& blocks, std::size_t first,
                const Linking& link, BlockId own_tip);
  Message take_latest_block(PeerId from, const Block& block, BlockId own_tip, std::int64_t now_ms);
  Message take_whole_chain(PeerId from, const std::vector<Block>& blocks, BlockId own_tip,
                           std::int64_t now_ms);

  // The same block, in whatever order its keys were written.
  static bool same_fields(Header a, const Header& b);
  Linking link(const Headers& headers, std::int64_t now_ms) const;
  BlockId add_all(const Headers& headers, const Linking& link, std::size_t count);
  Message staged(MessageType type, Staged why, Refusal refusal, const Hash& last,
                 std::size_t number);
  BlockId find_genesis(const Block& block, BlockId own_tip) const;
  BlockId find_after(const Header& parent, const Header& header) const;
  Known validate(const std::vector<Block>& blocks, BlockId genesis) const;
  Refusal check_text(BlockId known, const Block& block) const;
  BlockId add(const Block& block, BlockId parent);
  void add_body(BlockId block, const Body& body);
  BlockId add_foreign_genesis(const Block& block);

  BlockTree& tree_;
  ChainRules rules_;
  bool bridge_;
  Hash network_;
  Keep keep_;
  const SyncLimits& limits_;
  std::map<PeerId, Download> downloads_;
  BranchAccounts accounts_{tree_, limits_};
};

}  // namespace chain
