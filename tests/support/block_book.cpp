#include "tests/support/block_book.h"

#include <algorithm>

#include "core/check.h"
#include "core/merkle.h"

namespace test {

using chain::Block;

const std::string_view kForeignGenesis =
    R"({"version":"1.0.0","height":0,"hash":")"
    R"(0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("timestamp":1600000000000,)"
    R"("previousHash":"0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("merkleRoot":"0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("difficulty":0,"nonce":0,"data":["ANOTHER GENESIS"]})";

namespace {

Block genesis(std::string_view text) {
  const auto parsed = chain::parse_genesis(text);
  CHECK(parsed.ok());
  return parsed->block;
}

// "12ab" -> "ab"; nothing for a genesis.
std::string branch_of(const std::string& name) {
  const std::size_t letters = name.find_first_not_of("0123456789");
  return letters == 0 || letters == std::string::npos ? "" : name.substr(letters);
}

}  // namespace

BlockBook::BlockBook() {
  keep("g", "", genesis(chain::kWidespreadGenesis));
  keep("G", "", genesis(kForeignGenesis));
}

const Block& BlockBook::keep(const std::string& name, const std::string& parent, Block block) {
  names_.emplace(chain::encode_block(block), name);
  names_by_hash_.emplace(block.header.hash, name);
  parents_[name] = parent;
  return blocks_[name] = std::move(block);
}

std::string BlockBook::free_branch() const {
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    const std::string branch(1, letter);
    const bool taken = std::any_of(blocks_.begin(), blocks_.end(), [&](const auto& entry) {
      return branch_of(entry.first) == branch;
    });
    if (!taken) return branch;
  }
  CHECK(false);
  return "";
}

Block BlockBook::next(const std::string& name, const std::string& parent, chain::Time at) const {
  Block block;
  block.header.height = blocks_.at(parent).header.height + 1;
  block.header.previous_hash = blocks_.at(parent).header.hash;
  block.header.timestamp_ms = std::max(kOriginMs + at.ns / 1'000'000,
                                       later_ ? blocks_.at(parent).header.timestamp_ms + 1 : 0);
  block.body = chain::Texts{name};
  block.header.merkle_root = *chain::merkle_root(block.body);
  block.header.hash = chain::hash_of(block.header, chain::HashOrder::standard);
  return block;
}

const Block& BlockBook::mine(const std::string& parent, chain::Time at) {
  const std::string height = std::to_string(blocks_.at(parent).header.height + 1);
  std::string branch = branch_of(parent);
  if (branch.empty() || has(height + branch)) branch = free_branch();
  const std::string name = height + branch;
  return keep(name, parent, next(name, parent, at));
}

std::string BlockBook::forge(const std::string& branch, const std::string& parent,
                             const Forgery& faults) {
  const std::string name = std::to_string(blocks_.at(parent).header.height + 1) + branch;
  CHECK(!has(name));
  Block block = next(name, parent, {});
  if (faults.height) block.header.height = *faults.height;
  if (faults.previous) block.header.previous_hash = blocks_.at(*faults.previous).header.hash;
  block.header.hash = chain::hash_of(block.header, chain::HashOrder::standard);
  if (faults.wrong_hash) block.header.hash.bytes[0] ^= 0xff;
  keep(name, parent, std::move(block));
  return name;
}

const Block& BlockBook::block(const std::string& name) const {
  CHECK(has(name));
  return blocks_.at(name);
}

std::string BlockBook::name_of(const Block& block) const {
  const auto found = names_.find(chain::encode_block(block));
  return found == names_.end() ? "?" : found->second;
}

std::string BlockBook::name_of(const chain::Hash& hash) const {
  const auto found = names_by_hash_.find(hash);
  return found == names_by_hash_.end() ? "?" : found->second;
}

std::vector<Block> BlockBook::chain_to(const std::string& name) const {
  std::vector<Block> blocks;
  for (std::string at = name; !at.empty(); at = parents_.at(at)) blocks.push_back(block(at));
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}

}  // namespace test
