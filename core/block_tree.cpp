#include "core/block_tree.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "core/block_size.h"
#include "core/check.h"

namespace chain {
namespace {

// Heights of a locator: ten in steps of one, then doubling; the root always last.
template <typename Visit>
void visit_locator_heights(std::uint32_t height, Visit visit) {
  std::uint32_t step = 1;
  std::uint32_t count = 0;
  while (height > 0) {
    visit(height);
    if (++count >= 10) step *= 2;
    height = height > step ? height - step : 0;
  }
  visit(0u);
}

}  // namespace

BlockTree::BlockTree(std::uint64_t salt) : salt_(salt | 1), index_(64, kNoBlock) {}

std::size_t BlockTree::slot_of(const Hash& hash) const {
  std::uint64_t mixed = salt_;
  for (std::size_t i = 0; i < 32; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, hash.bytes.data() + i, 8);
    mixed = (mixed ^ word) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 32;
  }
  return static_cast<std::size_t>(mixed) & (index_.size() - 1);
}

void BlockTree::grow_index() {
  index_.assign(index_.size() * 2, kNoBlock);
  for (BlockId id = 0; id < headers_.size(); ++id) {
    std::size_t slot = slot_of(headers_[id].hash);
    while (index_[slot] != kNoBlock) slot = (slot + 1) & (index_.size() - 1);
    index_[slot] = id;
  }
}

BlockId BlockTree::append(const Header& header, const BlockInfo& info) {
  const auto id = static_cast<BlockId>(infos_.size());
  CHECK(id < kStagedBit);
  infos_.push_back(info);
  headers_.push_back(header);
  fingerprints_.push_back(header.hash.prefix());
  bodies_.push_back({});
  if (infos_.size() * 2 > index_.size()) {
    grow_index();
  } else {
    std::size_t slot = slot_of(header.hash);
    while (index_[slot] != kNoBlock) slot = (slot + 1) & (index_.size() - 1);
    index_[slot] = id;
  }
  return id;
}

BlockId BlockTree::add_root(const Header& header, std::string text) {
  const auto bytes = static_cast<std::uint32_t>(text.size());
  const auto next = static_cast<BlockId>(infos_.size());
  const auto height = static_cast<std::uint32_t>(header.height);
  const BlockId id = append(header, {kNoBlock, next, height, bytes, 1, bytes});
  bodies_[id] = {text.size(), text.size()};
  roots_.emplace_back(id, std::move(text));
  return id;
}

BlockId BlockTree::add_header(const Header& header, BlockId parent_id, std::uint64_t work) {
  const BlockInfo& parent = infos_[parent_id];
  CHECK(header.height == std::int64_t{parent.height} + 1);
  // Skip pointers as in a skew-binary list (Myers 1983): a jump doubles when the two before it were
  // of equal length.
  const BlockInfo& jump = infos_[parent.skip];
  const bool doubles = parent.height - jump.height == jump.height - infos_[jump.skip].height;
  const std::uint32_t bytes = header_json_length(header);
  constexpr std::uint64_t kMostWork = std::numeric_limits<std::uint64_t>::max();
  const bool fits = work <= kMostWork - parent.total_work;  // 16 million blocks of most difficulty
  return append(header,
                {parent_id, doubles ? jump.skip : parent_id, parent.height + 1, bytes,
                 fits ? parent.total_work + work : kMostWork, parent.chain_header_bytes + bytes});
}

void BlockTree::add_body(BlockId id, std::uint64_t data_bytes) {
  CHECK(!has_body(id));
  bodies_[id].block_bytes = infos_[id].header_bytes + kDataKeyLength + data_bytes;
}

void BlockTree::remove_body(BlockId id) {
  CHECK(has_body(id) && !is_root(id));
  bodies_[id] = {};
}

const std::string& BlockTree::root_text(BlockId id) const {
  const auto found = std::find_if(roots_.begin(), roots_.end(),
                                  [id](const auto& root) { return root.first == id; });
  CHECK(found != roots_.end());
  return found->second;
}

std::uint64_t BlockTree::chain_bytes(BlockId id) const {
  BlockId first = id;
  while (bodies_[first].chain_bytes == 0) first = parent(first);
  std::uint64_t sum = bodies_[first].chain_bytes;
  if (first == id) return sum;
  if (parent(id) == first) {
    CHECK(has_body(id));
    return bodies_[id].chain_bytes = sum + bodies_[id].block_bytes;
  }
  for (std::uint32_t h = height(first) + 1; h <= height(id); ++h) {
    const BlockId block = ancestor(id, h);
    CHECK(has_body(block));
    sum += bodies_[block].block_bytes;
    bodies_[block].chain_bytes = sum;
  }
  return sum;
}

BlockId BlockTree::find(const Hash& hash) const {
  std::size_t slot = slot_of(hash);
  while (index_[slot] != kNoBlock) {
    if (headers_[index_[slot]].hash == hash) return index_[slot];
    slot = (slot + 1) & (index_.size() - 1);
  }
  return kNoBlock;
}

BlockId BlockTree::ancestor(BlockId id, std::uint32_t wanted) const {
  CHECK(wanted <= height(id));
  while (height(id) > wanted) {
    const BlockInfo& block = infos_[id];
    id = infos_[block.skip].height >= wanted ? block.skip : block.parent;
  }
  return id;
}

BlockId BlockTree::fork_point(BlockId a, BlockId b) const {
  if (height(a) > height(b)) std::swap(a, b);
  b = ancestor(b, height(a));
  while (a != b) {
    if (is_root(a)) return kNoBlock;
    // Equal heights have skips of equal length, so both sides stay level.
    const bool far = infos_[a].skip != infos_[b].skip;
    a = far ? infos_[a].skip : infos_[a].parent;
    b = far ? infos_[b].skip : infos_[b].parent;
  }
  return a;
}

BlockId BlockTree::name(const Hash& hash) {
  const BlockId known = find(hash);
  if (known != kNoBlock) return known;
  const auto found = std::find(names_.begin(), names_.end(), hash);
  if (found != names_.end()) return kStagedBit | static_cast<BlockId>(found - names_.begin());
  if (names_.size() < kMaxNames) names_.emplace_back();
  const std::uint32_t place = next_name_++ % kMaxNames;
  names_[place] = hash;
  return kStagedBit | place;
}

BlockId BlockTree::place(std::uint32_t number, const Hash& hash) {
  if (number >= places_.size()) places_.resize(number + 1);
  places_[number] = hash;
  return kStagedBit | (kFirstPlace + number);
}

const Hash& BlockTree::hash(BlockId id) const {
  if (!is_staged(id)) return headers_[id].hash;
  const std::uint32_t at = id & ~kStagedBit;
  if (at >= kFirstPlace) {
    CHECK(at - kFirstPlace < places_.size());
    return places_[at - kFirstPlace];
  }
  CHECK(at < names_.size());
  return names_[at];
}

BlockId BlockTree::settle(BlockId id) const {
  if ((id & ~kStagedBit) >= names_.size()) return id;
  const BlockId found = find(hash(id));
  return found == kNoBlock ? id : found;
}

std::vector<BlockId> locator(const BlockTree& tree, BlockId tip) {
  std::vector<BlockId> blocks;
  visit_locator_heights(tree.height(tip), [&](std::uint32_t height) {
    tip = tree.ancestor(tip, height);
    blocks.push_back(tip);
  });
  return blocks;
}

std::uint32_t locator_length(std::uint32_t height) {
  std::uint32_t length = 0;
  visit_locator_heights(height, [&](std::uint32_t) { ++length; });
  return length;
}

}  // namespace chain
