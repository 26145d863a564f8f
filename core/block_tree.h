// All blocks that one world knows, each once, named by a 32-bit id. Append-only.
//
//     root 0 <- 1 <- 2 <- 3        a BlockId is an index; a parent's id is always the smaller one
//                 \- 4 <- 5        (ids >= kStagedBit name blocks that a peer sent and nobody
//                 stored)
//
// A simulation has one tree for all its nodes, a real node has its own. Only what is linked and
// valid under the rules comes in; what a single node knows of it is its ChainView. Hot facts
// (BlockInfo, 32 bytes, written once) stand apart from headers, and from what is known only with
// the body. Bodies themselves live with the host. More than one root: the original adopts chains
// from a foreign genesis.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/block.h"

namespace chain {

using BlockId = std::uint32_t;
inline constexpr BlockId kNoBlock = 0xffffffffu;
inline constexpr BlockId kStagedBit = 0x80000000u;
inline constexpr std::uint32_t kMaxNames = 512;
inline constexpr std::uint32_t kFirstPlace = 1 << 20;  // of place(); names lie below
inline constexpr bool is_staged(BlockId id) { return id >= kStagedBit; }

struct BlockInfo {
  BlockId parent;                    // kNoBlock for a root
  BlockId skip;                      // an ancestor further back; itself for a root
  std::uint32_t height;              // 0 for a root
  std::uint32_t header_bytes;        // of the header's JSON text
  std::uint64_t total_work;          // from the root, this block included
  std::uint64_t chain_header_bytes;  // of all headers from the root, this one included
};
static_assert(sizeof(BlockInfo) == 32);

class BlockTree {
 public:
  // `salt` moves the places of the hash index, so that a peer cannot aim at them; nothing else
  // depends on it.
  explicit BlockTree(std::uint64_t salt = 0);
  // For a tree of the same world: as given to this one, but never even.
  std::uint64_t salt() const { return salt_; }

  // `text` is the genesis as it was given: it is sent back in exactly that text. A root may stand
  // higher than 0, where a tree holds only the end of a longer chain.
  BlockId add_root(const Header& header, std::string text);
  // REQUIRES: `parent` is in the tree, header.height is the parent's + 1, the hash is not known.
  BlockId add_header(const Header& header, BlockId parent, std::uint64_t work);
  // REQUIRES: no body yet.
  void add_body(BlockId id, std::uint64_t data_bytes);
  // REQUIRES: it has a body, and is no root.
  void remove_body(BlockId id);

  std::size_t size() const { return infos_.size(); }
  const BlockInfo& info(BlockId id) const { return infos_[id]; }
  const Header& header(BlockId id) const { return headers_[id]; }
  std::uint32_t height(BlockId id) const { return infos_[id].height; }
  BlockId parent(BlockId id) const { return infos_[id].parent; }
  std::uint64_t work(BlockId id) const { return infos_[id].total_work; }
  bool is_root(BlockId id) const { return infos_[id].parent == kNoBlock; }
  // REQUIRES: is_root(id).
  const std::string& root_text(BlockId id) const;
  // All roots and their texts, in the order in which they came.
  const std::vector<std::pair<BlockId, std::string>>& roots() const { return roots_; }
  // The first eight bytes of the hash: a name that does not depend on ids.
  std::uint64_t fingerprint(BlockId id) const { return fingerprints_[id]; }

  // A staged id for a hash that a peer named and that is not here, so that a message can name it.
  // The oldest of kMaxNames goes for a new one: what is lost with it is a request, never a block.
  // The id of the block itself if it is here.
  BlockId name(const Hash& hash);
  // How many names there were so far; the last one is that of place names_given() - 1, modulo
  // kMaxNames.
  std::uint32_t names_given() const { return next_name_; }
  // A staged id for a hash that takes the place of the last one given for `number`. Unlike a name
  // it never goes for another's, and never settles.  REQUIRES: numbers are few and small.
  BlockId place(std::uint32_t number, const Hash& hash);
  // Of a block, a name or a place.
  const Hash& hash(BlockId id) const;
  // The block that has come meanwhile for a name, else the id itself.
  BlockId settled(BlockId id) const { return is_staged(id) ? settle(id) : id; }

  bool has_body(BlockId id) const { return bodies_[id].block_bytes != 0; }
  // The block's JSON text.  REQUIRES: has_body(id).
  std::uint64_t block_bytes(BlockId id) const { return bodies_[id].block_bytes; }
  // The JSON texts of all blocks from the root.  REQUIRES: all of them have bodies.  O(1)
  // amortised.
  std::uint64_t chain_bytes(BlockId id) const;

  // kNoBlock if unknown.
  BlockId find(const Hash& hash) const;
  // The block at `height` on the path from the root to `id`.  REQUIRES: height <= its height.
  // O(log height).
  BlockId ancestor(BlockId id, std::uint32_t height) const;
  bool is_ancestor(BlockId ancestor_id, BlockId id) const {
    if (height(ancestor_id) >= height(id)) return ancestor_id == id;
    return ancestor(id, height(ancestor_id)) == ancestor_id;
  }
  // kNoBlock if they have different roots.  O(log height).
  BlockId fork_point(BlockId a, BlockId b) const;
  // Blocks that who follows `from` gives up for `to`, the root not counted; 0 if `to` is beyond it.
  std::uint32_t given_up(BlockId from, BlockId to) const {
    const BlockId fork = fork_point(from, to);
    return height(from) - (fork == kNoBlock ? 0 : height(fork));
  }

 private:
  BlockId settle(BlockId staged) const;
  struct BodyInfo {
    std::uint64_t block_bytes = 0;          // 0: no body
    mutable std::uint64_t chain_bytes = 0;  // 0: not summed yet
  };

  BlockId append(const Header& header, const BlockInfo& info);
  std::size_t slot_of(const Hash& hash) const;
  void grow_index();

  std::uint64_t salt_;
  std::vector<BlockInfo> infos_;
  std::vector<Header> headers_;
  std::vector<std::uint64_t> fingerprints_;
  std::vector<BodyInfo> bodies_;
  std::vector<std::pair<BlockId, std::string>> roots_;
  std::vector<Hash> names_;   // by staged id
  std::vector<Hash> places_;  // by number
  std::uint32_t next_name_ = 0;
  std::vector<BlockId> index_;  // open addressing by hash, at most half full
};

// Hashes that thin out towards the genesis: heights h, h-1, ... h-9, then steps that double, then
// the root. The same function in both worlds.
std::vector<BlockId> locator(const BlockTree& tree, BlockId tip);
// Its length, for wire sizes.
std::uint32_t locator_length(std::uint32_t height);

}  // namespace chain
