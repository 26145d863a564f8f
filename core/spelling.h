// What a misspelt word was probably meant to be, for error lines.
//
// Scenarios, command lines and configuration files refuse what they do not know; a person who wrote
// `latancy` is helped most by `latency`. Both programs ask here.
#pragma once

#include <string>
#include <vector>

namespace chain {

// The one of `words` that `word` was probably meant to be, by edit distance; empty if none is near.
std::string near_miss(const std::string& word, const std::vector<std::string>& words);

}  // namespace chain
