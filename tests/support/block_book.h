// Every block of a golden script, under a short name: `g` for the genesis, `3a` for height 3 of
// branch a.
//
// A block that continues a branch keeps its letter; a second child opens the next free one. Blocks
// are known by their JSON text, so that a forgery that claims another block's hash has a name of
// its own. Nothing here is a node: a block in the book need not be valid, nor known to anyone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_codec.h"
#include "core/time.h"

namespace test {

inline constexpr std::int64_t kOriginMs = 1'700'000'000'000;  // time zero on the calendar

// What is wrong with a forged block; the rest of it, hash included, is as it should be.
struct Forgery {
  std::optional<std::int64_t> height;
  std::optional<std::string> previous;  // name of the block whose hash it gives
  bool wrong_hash = false;
};

class BlockBook {
 public:
  // `g` is the widespread genesis, `G` a foreign one.
  BlockBook();

  // From now on each block is later than its parent, as rules `work` ask for.
  void later_than_parent() { later_ = true; }
  // The next block on `parent`, found at `at`; a block of its own even if the parent has a child.
  const chain::Block& mine(const std::string& parent, chain::Time at);
  // The same on a branch whose letter the caller chooses, with faults.
  std::string forge(const std::string& branch, const std::string& parent, const Forgery& faults);

  // REQUIRES: there is such a block.
  const chain::Block& block(const std::string& name) const;
  bool has(const std::string& name) const { return blocks_.count(name) != 0; }
  std::string name_of(const chain::Block& block) const;
  // The first of that hash.
  std::string name_of(const chain::Hash& hash) const;
  // From the genesis to `name`, as the book has it.
  std::vector<chain::Block> chain_to(const std::string& name) const;

 private:
  std::string free_branch() const;
  const chain::Block& keep(const std::string& name, const std::string& parent, chain::Block block);
  chain::Block next(const std::string& name, const std::string& parent, chain::Time at) const;

  std::map<std::string, chain::Block> blocks_;
  std::map<std::string, std::string> parents_;
  std::map<std::string, std::string> names_;  // by JSON text
  std::map<chain::Hash, std::string> names_by_hash_;
  bool later_ = false;
};

// The genesis that `G` is.
extern const std::string_view kForeignGenesis;

}  // namespace test
