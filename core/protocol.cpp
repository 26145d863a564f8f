#include "core/protocol.h"

#include <algorithm>

namespace chain {

void Context::follow(PeerId source, BlockId tip, TipCause cause) {
  const std::size_t first = out.accepted().size();
  for (BlockId block = tip; !chain.has_body(block); block = tree.parent(block)) {
    chain.add_body(block);
    out.accept(block);
    if (tree.is_root(block)) break;
  }
  out.parents_first(first);
  out.change_tip(chain.tip(), tip);
  chain.follow(tip);
  for (Protocol* plug : plugs) plug->on_tip(*this, source, tip, cause);
}

}  // namespace chain
