#include "core/spelling.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace chain {
namespace {

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string near_miss(const std::string& word, const std::vector<std::string>& words) {
  std::string nearest;
  std::size_t least = word.size() <= 3 ? 1 : word.size() <= 7 ? 2 : 3;
  for (const std::string& candidate : words) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= least && distance < candidate.size()) {
      if (distance < least || nearest.empty()) nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace chain
