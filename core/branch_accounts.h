// Accounts of the branches beside the own chain: who sent their headers and bodies, and how many.
//
// A header proves its work, but work becomes cheap when the difficulty falls. A branch is therefore
// stored only while it is short for its work. The headers and bodies of such branches have limits,
// for each peer and for all peers together (sync_limits.h). A branch that outweighs the own chain
// is exempt: its work costs more than the own chain's, and the node may have to follow it. Blocks
// that lie on the own chain by now are not counted. A peer's account ends with its connection. The
// account of all peers does not end, because its headers and bodies stay stored.
#pragma once

#include <map>
#include <vector>

#include "core/block_tree.h"
#include "core/chain_view.h"
#include "core/io.h"
#include "core/sync_limits.h"

namespace chain {

// Whether a branch is short enough: at most `allowance` headers, and one more for each own tip
// block's worth of work. `count` and `work` are the branch's since it left the chain to `own_tip`.
bool is_short_branch(const BlockTree& tree, BlockId own_tip, std::uint64_t count,
                     std::uint64_t work, std::uint32_t allowance);

class BranchAccounts {
 public:
  // `stored`: the blocks of the tree that the node has; null: all of them.
  // REQUIRES: all three outlive it.
  BranchAccounts(const BlockTree& tree, const SyncLimits& limits, const ChainView* stored = nullptr)
      : tree_(tree), limits_(limits), stored_(stored) {}

  // Counts what is stored already. Once, before anything else; `own_tip` is the node's.
  void begin(BlockId own_tip);
  bool has_begun() const { return begun_; }

  // Whether headers from above `base` up to `height`, with the total work `work`, may be stored:
  // the branch is short for its work, and has room.
  bool admits_headers(PeerId from, BlockId own_tip, BlockId base, std::uint64_t height,
                      std::uint64_t work);
  // The second half of that. For pages of the second pass: the first has shown that the branch is
  // short for its work as a whole, which its beginning need not be.
  bool has_room(PeerId from, BlockId own_tip, BlockId base, std::uint64_t height,
                std::uint64_t work);
  // The new headers of the path from above `base` to `last` are stored now. `exempt`: they belong
  // to a branch that was shown to outweigh the own chain.
  void add_headers(PeerId from, BlockId own_tip, BlockId base, BlockId last, bool exempt);

  // Whether a body of so many bytes may be stored, of a block of total work `work`; `block` is the
  // block, or the last of its ancestors that is in the tree.
  bool admits_bodies(PeerId from, BlockId own_tip, BlockId block, std::uint64_t work,
                     std::uint64_t bytes);
  // The body of `block` is stored now.
  void add_body(PeerId from, BlockId own_tip, BlockId block);

  // The peer is gone.
  void forget(PeerId peer) { peers_.erase(peer); }
  std::size_t peers() const { return peers_.size(); }

 private:
  struct Account {
    std::vector<BlockId> headers;
    std::vector<BlockId> bodies;
    std::uint64_t bytes = 0;         // of these bodies' blocks
    BlockId counted_for = kNoBlock;  // the own tip for which it was last counted anew
  };

  bool has_header(BlockId block) const { return !stored_ || stored_->has_header(block); }
  bool has_body(BlockId block) const {
    return stored_ ? stored_->has_body(block) : tree_.has_body(block);
  }
  bool is_heavy(BlockId own_tip, BlockId block, std::uint64_t work) const;
  void count_anew(Account& account, BlockId own_tip) const;
  template <typename Fits>
  bool fits(Account& account, BlockId own_tip, const Fits& fits) const;

  const BlockTree& tree_;
  const SyncLimits& limits_;
  const ChainView* stored_;
  bool begun_ = false;
  std::map<PeerId, Account> peers_;
  Account all_;
  std::vector<BlockId> heads_;  // of branches that outweighed the own chain
};

}  // namespace chain
