#include "core/branch.h"

#include <algorithm>
#include <vector>

namespace chain {

Branch::Branch(const BlockTree& tree, BlockId base, const ChainRules& rules)
    : rules_(&rules), tree_(tree.salt()) {
  const std::uint32_t window = std::max(kMedianOf, rules.retarget) + 1;
  std::vector<BlockId> path{base};
  while (path.size() < window && !tree.is_root(path.back())) {
    path.push_back(tree.parent(path.back()));
  }
  tip_ = tree_.add_root(tree.header(path.back()), "");
  for (auto id = path.rbegin() + 1; id != path.rend(); ++id) {
    tip_ = tree_.add_header(tree.header(*id), tip_, 0);
  }
  base_work_ = tree_.work(tip_);
}

Refusal Branch::add(const Header& header) {
  const Refusal refusal = check_header(*rules_, tree_, tip_, header);
  if (refusal != Refusal::none) return refusal;
  if (tree_.find(header.hash) != kNoBlock) return Refusal::hash;  // its own ancestor: no chain
  tip_ = tree_.add_header(header, tip_, work_of(*rules_, header));
  return Refusal::none;
}

}  // namespace chain
