#include "core/chain_rules.h"

#include <algorithm>
#include <array>

#include "core/block_size.h"
#include "core/merkle.h"
#include "core/random.h"

namespace chain {
namespace {

constexpr std::string_view kVersion = "1.0.0";

std::uint64_t tie_word(std::uint64_t salt, std::uint64_t fingerprint) {
  std::uint64_t state = salt ^ fingerprint;
  return splitmix64(state);
}

}  // namespace

Hash network_id(std::string_view genesis_text, const ChainRules& rules) {
  std::string text(rules.is_work() ? "work" : "tutorial");
  if (rules.seal == Seal::simulated) text += ", simulated seal";
  for (const std::int64_t number :
       {static_cast<std::int64_t>(rules.hash_order), rules.first_difficulty,
        static_cast<std::int64_t>(rules.retarget), rules.block_interval.ns,
        static_cast<std::int64_t>(rules.max_block)}) {
    text += '\n';
    text += std::to_string(number);
  }
  if (!rules.is_work() && !rules.check_merkle_root) text += "\nno merkle root";
  // Networks without a least difficulty keep the name that they had before there was one.
  if (rules.min_difficulty > 0) text += "\nleast " + std::to_string(rules.min_difficulty);
  text += '\n';
  text += genesis_text;
  return sha256(text);
}

Refusal check_block(const ChainRules& rules, const Header& block, const Header& parent) {
  if (block.height != parent.height + 1) return Refusal::height;
  if (block.previous_hash != parent.hash) return Refusal::previous_hash;
  if (block.hash != hash_of(block, rules.hash_order)) return Refusal::hash;
  return Refusal::none;
}

Refusal check_header(const ChainRules& rules, const BlockTree& tree, BlockId parent,
                     const Header& block) {
  const Refusal refusal = check_block(rules, block, tree.header(parent));
  if (refusal != Refusal::none || !rules.is_work()) return refusal;
  if (block.version != kVersion) return Refusal::version;
  if (block.nonce < 0) return Refusal::nonce;
  if (block.difficulty != next_difficulty(rules, tree, parent)) return Refusal::difficulty;
  if (rules.seal == Seal::hash && leading_zero_bits(block.hash) < block.difficulty) {
    return Refusal::proof;
  }
  if (block.timestamp_ms <= median_time_ms(tree, parent)) return Refusal::timestamp;
  return Refusal::none;
}

Refusal check_body(const ChainRules& rules, const Header& header, const Body& body) {
  if (!rules.is_work()) {
    if (!rules.check_merkle_root || !header.has_merkle_root) return Refusal::none;
    return merkle_root(body) == header.merkle_root ? Refusal::none : Refusal::merkle_root;
  }
  const auto root = merkle_root(body);
  if (root.has_value() != header.has_merkle_root || (root && *root != header.merkle_root)) {
    return Refusal::merkle_root;
  }
  if (const Texts* texts = std::get_if<Texts>(&body)) {
    if (std::any_of(texts->begin(), texts->end(), poses_as_merkle_node)) return Refusal::data;
  }
  const std::uint64_t bytes = header_json_length(header) + kDataKeyLength + data_json_length(body);
  if (rules.max_block != 0 && bytes > rules.max_block) return Refusal::size;
  return Refusal::none;
}

bool is_early(const ChainRules& rules, const Header& header, std::int64_t now_ms) {
  return rules.is_work() && header.timestamp_ms > now_ms + kMaxAhead.ns / 1'000'000;
}

Refusal check_replacement(std::uint64_t candidate_height, bool candidate_parent_is_own,
                          std::uint32_t own_height) {
  if (candidate_height == 0) return Refusal::genesis_tip;
  if (candidate_height <= own_height) return Refusal::not_longer;
  if (candidate_parent_is_own) return Refusal::one_block_short;
  return Refusal::none;
}

bool is_better(const ChainRules& rules, const BlockTree& tree, BlockId candidate, BlockId own,
               std::uint64_t salt) {
  if (tree.work(candidate) != tree.work(own)) return tree.work(candidate) > tree.work(own);
  switch (rules.tie_break) {
    case TieBreak::first_seen:
      return false;
    case TieBreak::lowest_hash:
      return tree.header(candidate).hash < tree.header(own).hash;
    case TieBreak::random:
      return tie_word(salt, tree.fingerprint(candidate)) < tie_word(salt, tree.fingerprint(own));
  }
  return false;
}

std::uint64_t work_of(const ChainRules& rules, const Header& block) {
  if (!rules.is_work()) return 1;
  return std::uint64_t{1} << std::clamp<std::int64_t>(block.difficulty, 0, kMaxDifficulty);
}

std::uint64_t low_work_floor(const BlockTree& tree, BlockId tip, std::uint32_t depth) {
  const std::uint64_t total = tree.work(tip);
  const std::uint64_t last = tree.is_root(tip) ? total : total - tree.work(tree.parent(tip));
  return last > total / depth ? 0 : total - last * depth;
}

// The window ends at `parent` and begins with block 1 at the earliest: a genesis is a literal, its
// timestamp says nothing.
std::int64_t next_difficulty(const ChainRules& rules, const BlockTree& tree, BlockId parent) {
  const std::uint32_t height = tree.height(parent);
  if (height == 0) return rules.first_difficulty;
  const std::int64_t difficulty = tree.header(parent).difficulty;
  const std::uint32_t window = rules.retarget;
  if (window == 0 || height <= window || (height - 1) % window != 0) return difficulty;
  const std::int64_t took_ms = tree.header(parent).timestamp_ms -
                               tree.header(tree.ancestor(parent, height - window)).timestamp_ms;
  const std::int64_t due_ms = rules.block_interval.ns / 1'000'000 * window;
  if (took_ms < due_ms / 2) return std::min(difficulty + 1, kMaxDifficulty);
  if (took_ms / 2 > due_ms) return std::max(difficulty - 1, rules.min_difficulty);
  return difficulty;
}

std::int64_t median_time_ms(const BlockTree& tree, BlockId tip) {
  std::array<std::int64_t, kMedianOf> times{};
  std::size_t count = 0;
  for (BlockId block = tip; block != kNoBlock && count < kMedianOf; block = tree.parent(block)) {
    times[count++] = tree.header(block).timestamp_ms;
  }
  std::sort(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(count));
  return times[count / 2];
}

Header block_template(const ChainRules& rules, const BlockTree& tree, BlockId tip,
                      std::int64_t now_ms) {
  const Header& parent = tree.header(tip);
  Header header;
  header.height = parent.height + 1;
  header.timestamp_ms = now_ms;
  header.previous_hash = parent.hash;
  header.difficulty = parent.difficulty;
  if (rules.is_work()) {
    header.timestamp_ms = std::max(now_ms, median_time_ms(tree, tip) + 1);
    header.difficulty = next_difficulty(rules, tree, tip);
  }
  return header;
}

}  // namespace chain
