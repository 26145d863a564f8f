// Headers that a peer sent, checked in the order of their chain before any of them is stored.
//
// A scratch tree of its own on a copy of the last few ancestors, as many as the rules look back, so
// that what is checked here is checked exactly as in the tree itself and leaves no trace in it. Its
// hash index has the tree's salt: a page of 2,000 headers could else be made to collide.
#pragma once

#include "core/chain_rules.h"

namespace chain {

class Branch {
 public:
  // Begins on `base`.  REQUIRES: `rules` outlives it.
  Branch(const BlockTree& tree, BlockId base, const ChainRules& rules);

  // The next header: none, and it is added; or the first check that it fails.
  Refusal add(const Header& header);
  // Of all that was added, the base not counted; saturates.
  std::uint64_t work() const { return tree_.work(tip_) - base_work_; }
  const Header& last() const { return tree_.header(tip_); }
  std::uint64_t salt() const { return tree_.salt(); }
  // A branch that goes on from here and has forgotten what no rule looks back to.
  Branch continued() const { return Branch(tree_, tip_, *rules_); }

 private:
  const ChainRules* rules_;
  BlockTree tree_;
  BlockId tip_;
  std::uint64_t base_work_;
};

}  // namespace chain
