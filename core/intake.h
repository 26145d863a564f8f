// From blocks that a peer sent to a message that names ids: the host's step before Node::step.
//
// Only what is linked, valid and of use is put into the tree; all else gets a staged id and the
// reason why, so that a node can answer or punish what nobody stored. Under rules `tutorial`
// nothing makes a block costly, so only what the node would follow is stored: a block on its tip,
// or a chain that replaces its own. A failure is never remembered by hash: different blocks can
// share one. The first version of a block that passes is kept, and stands for every later one.
//
// Costs: a block that the tree knows costs a look-up, another one SHA-256 of about 200 bytes, and a
// new one, once all that is asked is true, the copy of its data. A chain is read through once.
#pragma once

#include <functional>

#include "core/block_tree.h"
#include "core/chain_rules.h"
#include "core/json_codec.h"

namespace chain {

class Intake {
 public:
  // Called for each block put into the tree, parents first, with the text of its data array; for a
  // foreign genesis, too.
  using Keep = std::function<void(BlockId, std::string data_json)>;

  // REQUIRES: rules.seal is `hash`: what a peer claims is believed for nothing less.
  Intake(BlockTree& tree, const ChainRules& rules, Keep keep);

  // `own_tip` is the tip of the node that the message is for.
  Message take(const WireMessage& wire, BlockId own_tip);
  // A block of one's own, mined on a block of the tree.  REQUIRES: it is valid.
  BlockId add_own(const Block& block);

 private:
  // How much of a received chain the tree knows already.
  struct Known {
    BlockId last = kNoBlock;          // the last block known, kNoBlock if not even the genesis is
    std::size_t count = 0;            // blocks up to it
    Refusal refusal = Refusal::none;  // of the chain, if a block of it is invalid
  };

  Message take_latest_block(const Block& block, BlockId own_tip);
  Message take_whole_chain(const std::vector<Block>& blocks, BlockId own_tip);
  BlockId find_genesis(const Block& block, BlockId own_tip) const;
  BlockId find_after(const Header& parent, const Header& header) const;
  Known validate(const std::vector<Block>& blocks, BlockId genesis) const;
  BlockId add(const Block& block, BlockId parent);
  BlockId add_foreign_genesis(const Block& block);

  BlockTree& tree_;
  ChainRules rules_;
  Keep keep_;
};

}  // namespace chain
