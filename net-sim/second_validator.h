// A second opinion on blocks: slow, plain, and written apart from chain_rules.h.
//
// It shares with the rules only the hash function and the block itself: the hashed text, the
// median, the difficulty and the merkle root of a filler are worked out here anew, by walking from
// parent to parent. Simulated proofs are an oracle's draw, so that nothing is said of zero bits;
// but the hash must be that of the block's fields.
#pragma once

#include <map>
#include <string>

#include "core/chain_rules.h"

namespace sim {

class SecondValidator {
 public:
  SecondValidator(const chain::BlockTree& tree, const chain::ChainRules& rules)
      : tree_(tree), rules_(rules) {}

  // What is wrong with `block` after its parent, in a line; empty: nothing.  REQUIRES: no root.
  std::string fault_of(chain::BlockId block);

 private:
  std::string fault_under_work(chain::BlockId block);
  std::int64_t due_difficulty(chain::BlockId block) const;
  std::string filler_root(std::uint64_t letters);

  const chain::BlockTree& tree_;
  const chain::ChainRules rules_;
  std::map<std::uint64_t, std::string> roots_;  // of fillers, by length: blocks are often alike
};

}  // namespace sim
