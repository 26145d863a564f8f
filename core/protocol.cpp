#include "core/protocol.h"

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

void Context::take(BlockId last, std::uint32_t count) {
  const std::size_t first = out.accepted().size();
  for (BlockId block = last; count > 0 && !tree.is_root(block); --count) {
    if (!chain.has_body(block)) {
      chain.add_body(block);
      out.accept(block);
    }
    block = tree.parent(block);
  }
  out.parents_first(first);
}

void Context::learn(BlockId last) {
  const std::size_t first = out.headers().size();
  for (BlockId block = last; !chain.has_header(block); block = tree.parent(block)) {
    chain.add_header(block);
    out.learn(block);
    if (tree.is_root(block)) break;
  }
  out.headers_parents_first(first);
}

}  // namespace chain
