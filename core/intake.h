// From blocks that a peer sent to a message that names ids: the host's step before Node::step.
//
// Only what is linked, valid and of use is put into the tree; all else gets a staged id and the
// reason why, so that a node can answer or punish what nobody stored. Under rules `tutorial`
// nothing makes a block costly, so only what the node would follow is stored: a block on its tip,
// or a chain that replaces its own. A failure is never remembered by hash: different blocks can
// share one. The first version of a block that passes is kept.
#pragma once

#include <functional>

#include "core/block_tree.h"
#include "core/chain_rules.h"
#include "core/json_codec.h"

namespace chain {

class Intake {
 public:
  // Called for each block put into the tree, parents first, with the text of its data array.
  using Keep = std::function<void(BlockId, std::string data_json)>;

  Intake(BlockTree& tree, const ChainRules& rules, Keep keep);

  // `own_tip` is the tip of the node that the message is for.
  Message take(const WireMessage& wire, BlockId own_tip);
  // A block of one's own, mined on a block of the tree.  REQUIRES: it is valid.
  BlockId add_own(const Block& block);

 private:
  Message take_latest_block(const Block& block, BlockId own_tip);
  Message take_whole_chain(const std::vector<Block>& blocks, BlockId own_tip);

  BlockTree& tree_;
  ChainRules rules_;
  Keep keep_;
};

}  // namespace chain
