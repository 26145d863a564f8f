#include "core/merkle.h"

#include <algorithm>
#include <array>

namespace chain {
namespace {

// Midstates of the filler letter at each kStride bytes, extended on demand, so that the leaf of a
// filler of any length costs at most one stride. One per thread: runs in parallel share nothing.
Hash filler_leaf(std::uint64_t length) {
  constexpr std::uint64_t kStride = 4096;
  static const std::string stride_text(kStride, 'x');
  thread_local std::vector<Sha256> midstates(1);
  while (midstates.size() <= length / kStride) {
    Sha256 next = midstates.back();
    next.update(stride_text);
    midstates.push_back(next);
  }
  return midstates[length / kStride].finish_with(
      std::string_view(stride_text).substr(0, length % kStride));
}

bool is_upper_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

Hash leaf(const std::string& text) {
  const auto as_it_stands = from_upper_hex(text);
  return as_it_stands ? *as_it_stands : sha256(text);
}

Hash parent(const Hash& left, const Hash& right) {
  std::string text;
  text.reserve(128);
  append_upper_hex(text, left);
  append_upper_hex(text, right);
  return sha256(text);
}

}  // namespace

std::optional<Hash> merkle_root(const Body& body) {
  if (const Filler* filler = std::get_if<Filler>(&body)) return filler_leaf(filler->length);
  const Texts& texts = std::get<Texts>(body);
  if (texts.empty()) return std::nullopt;
  std::vector<Hash> level;
  level.reserve(texts.size());
  for (const std::string& text : texts) level.push_back(leaf(text));
  while (level.size() > 1) {
    std::size_t parents = 0;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      level[parents++] = parent(level[i], level[i + 1]);
    }
    if (level.size() % 2 == 1) level[parents++] = level.back();
    level.resize(parents);
  }
  return level.front();
}

bool poses_as_merkle_node(std::string_view text) {
  return (text.size() == 64 || text.size() == 128) && is_upper_hex(text);
}

}  // namespace chain
