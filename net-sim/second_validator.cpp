#include "net-sim/second_validator.h"

#include <algorithm>
#include <vector>

namespace sim {
namespace {

constexpr std::size_t kMostRoots = 4096;  // kept; a few hundred kB

std::string hex(const chain::Hash& hash, const char* digits) {
  std::string text;
  for (const std::uint8_t byte : hash.bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}
std::string lower(const chain::Hash& hash) { return hex(hash, "0123456789abcdef"); }
std::string upper(const chain::Hash& hash) { return hex(hash, "0123456789ABCDEF"); }

// The text that the original's nodes hash, from its own words.
std::string hashed_text(const chain::Header& h, chain::HashOrder order) {
  const std::string root = h.has_merkle_root ? upper(h.merkle_root) : "undefined";
  const std::string height = std::to_string(h.height), previous = lower(h.previous_hash);
  const std::string middle =
      order == chain::HashOrder::standard ? height + root + previous : root + previous + height;
  return h.version + std::to_string(h.timestamp_ms) + middle + std::to_string(h.difficulty) +
         std::to_string(h.nonce);
}

// Of the JSON text: braces, eight keys with quotes, colons and commas, and the values.
std::uint64_t header_length(const chain::Header& h) {
  std::string text = R"({"version":"","height":,"timestamp":,"previousHash":"","hash":"",)"
                     R"("difficulty":,"nonce":})";
  for (const std::int64_t number : {h.height, h.timestamp_ms, h.difficulty, h.nonce}) {
    text += std::to_string(number);
  }
  text += h.version + lower(h.previous_hash) + lower(h.hash);
  if (h.has_merkle_root) text += R"("merkleRoot":"",)" + upper(h.merkle_root);
  return text.size();
}

}  // namespace

std::string SecondValidator::fault_of(chain::BlockId block) {
  const chain::Header& header = tree_.header(block);
  const chain::Header& parent = tree_.header(tree_.parent(block));
  if (header.height != parent.height + 1) return "its height is not its parent's and one";
  if (lower(header.previous_hash) != lower(parent.hash)) return "it does not name its parent";
  if (lower(header.hash) != lower(chain::sha256(hashed_text(header, rules_.hash_order)))) {
    return "its hash is not that of its fields";
  }
  return rules_.kind == chain::RulesKind::work ? fault_under_work(block) : "";
}

std::string SecondValidator::fault_under_work(chain::BlockId block) {
  const chain::Header& header = tree_.header(block);
  if (header.version != "1.0.0") return "its version is " + header.version;
  if (header.nonce < 0) return "its nonce is negative";
  if (header.difficulty != due_difficulty(block)) return "its difficulty is not the one due";
  std::vector<std::int64_t> times;
  for (chain::BlockId at = tree_.parent(block); times.size() < 11; at = tree_.parent(at)) {
    times.push_back(tree_.header(at).timestamp_ms);
    if (tree_.is_root(at)) break;
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                   times.end());
  if (header.timestamp_ms <= times[times.size() / 2]) return "its time is not above the median";
  const std::uint64_t bytes = tree_.block_bytes(block);
  if (rules_.max_block != 0 && bytes > rules_.max_block) return "it is too large";
  // A filler `["xxx"]` after `,"data":`, which is what simulated blocks hold.
  const std::uint64_t frame = header_length(header) + 8 + 4;
  if (bytes < frame) return "it is shorter than its header";
  if (upper(header.merkle_root) != filler_root(bytes - frame)) {
    return "its merkle root is not that of its data";
  }
  return "";
}

// By walking back through the window, block by block.
std::int64_t SecondValidator::due_difficulty(chain::BlockId block) const {
  const chain::BlockId parent = tree_.parent(block);
  if (tree_.is_root(parent)) return rules_.first_difficulty;
  const std::int64_t last = tree_.header(parent).difficulty;
  const std::int64_t window = rules_.retarget;
  const std::int64_t height = tree_.header(parent).height;
  if (window == 0 || (height - 1) % window != 0 || height - window < 1) return last;
  chain::BlockId first = parent;
  for (std::int64_t i = 0; i < window; ++i) first = tree_.parent(first);
  const std::int64_t took = tree_.header(parent).timestamp_ms - tree_.header(first).timestamp_ms;
  const std::int64_t due = rules_.block_interval.ns / 1'000'000 * window;
  if (took < due / 2) return std::min<std::int64_t>(last + 1, 40);
  if (took / 2 > due) return std::max<std::int64_t>(last - 1, rules_.min_difficulty);
  return last;
}

std::string SecondValidator::filler_root(std::uint64_t letters) {
  const auto found = roots_.find(letters);
  if (found != roots_.end()) return found->second;
  if (roots_.size() >= kMostRoots) roots_.clear();
  return roots_[letters] = upper(chain::sha256(std::string(letters, 'x')));
}

}  // namespace sim
