// A step in words, for a person who asks what a node was told and what it did.
//
// A block is the start of its hash and its height, since that is what tells it apart in tables and
// logs; ids mean nothing outside of a run.
#pragma once

#include <string>
#include <vector>

#include "core/block_tree.h"
#include "core/io.h"

namespace sim {

// The first eight digits of its hash.
std::string short_name(const chain::BlockTree& tree, chain::BlockId block);
std::string block_words(const chain::BlockTree& tree, chain::BlockId block);
std::string input_words(const chain::BlockTree& tree, const chain::Input& input);
// An effect a line, in the order in which a host carries them out; none: "nothing".
std::vector<std::string> effect_words(const chain::BlockTree& tree, const chain::Effects& effects);

}  // namespace sim
