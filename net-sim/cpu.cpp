#include "net-sim/cpu.h"

#include "core/fixed_math.h"

namespace sim {
namespace {

using chain::BlockId;
using chain::MessageType;

// The blocks of the path to `last` whose bodies are to be validated, and the bytes of all.
struct NewBodies {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

NewBodies new_bodies(const chain::BlockTree& tree, const chain::ChainView& own, BlockId last,
                     std::uint32_t most) {
  NewBodies all;
  BlockId block = last;
  for (std::uint32_t i = 0; i < most && block != chain::kNoBlock; ++i, block = tree.parent(block)) {
    if (own.has_body(block)) continue;
    ++all.count;
    all.bytes += static_cast<std::int64_t>(tree.block_bytes(block));
  }
  return all;
}

// How many blocks of the path a node may accept by this message.
std::uint32_t acceptable(const chain::BlockTree& tree, const chain::ChainView& own,
                         const chain::Message& message) {
  const std::uint32_t height = tree.height(message.last);
  switch (message.type) {
    case MessageType::latest_block:
      return !tree.is_root(message.last) && own.has_header(tree.parent(message.last)) ? 1 : 0;
    case MessageType::whole_chain:
      return height > tree.height(own.tip()) ? height : 0;
    case MessageType::blocks: {
      const bool starts_known =
          message.count() <= height &&
          own.has_header(tree.ancestor(message.last, height - message.count()));
      return starts_known ? message.count() : 0;
    }
    default:
      return 0;
  }
}

}  // namespace

Duration validation_time(const Validation& validation, const chain::BlockTree& tree,
                         const chain::ChainView& own, const chain::Message& message) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  const bool carries = message.type == MessageType::latest_block ||
                       message.type == MessageType::whole_chain ||
                       message.type == MessageType::blocks;
  if (!carries || message.staged != chain::Staged::no || chain::is_staged(message.last)) return {};
  const NewBodies bodies = new_bodies(tree, own, message.last, acceptable(tree, own, message));
  const auto by_size =
      static_cast<chain::Int128>(validation.per_megabyte.ns) * bodies.bytes / kMegabyte;
  return validation.per_block * bodies.count + Duration{static_cast<std::int64_t>(by_size)};
}

}  // namespace sim
