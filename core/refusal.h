// Why a block or a chain was not taken: a code, an English sentence and, where the original has
// one, its Korean text.
//
// A refusal is no offence: the original answers or ignores what it refuses, and an honest node's
// block may be refused for being late. What a peer is dropped for is an Offence (io.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace chain {

enum class Refusal : std::uint8_t {
  none,
  height,           // is not the previous height + 1
  previous_hash,    // does not name the block before it
  hash,             // is not the hash of the block's own fields
  genesis_tip,      // the received chain ends at its genesis
  not_longer,       // the own chain is as long or longer
  one_block_short,  // the received tip is the next block of the own chain
  wrong_genesis,    // the received chain starts from another genesis
  // Under rules `work` only.
  version,      // is not 1.0.0
  key,          // has a key that no block has
  nonce,        // is negative
  difficulty,   // is not the one that the ancestors ask for
  proof,        // the hash has fewer zero bits than the difficulty asks for
  timestamp,    // is not above the median of the last 11
  early,        // is too far ahead of the receiver's clock: no verdict, it may pass later
  merkle_root,  // is not that of the data
  data,         // holds a text that could stand for a node of the merkle tree
  size,         // is larger than a block may be
  low_work,     // lies too far below the own chain to be stored
  unlinked,     // stands on a block that is not known here
};
inline constexpr std::size_t kRefusals = 20;

struct RefusalText {
  std::string_view code;
  std::string_view english;
  std::string_view korean;  // the original's, byte for byte; empty where it has none
};
const RefusalText& text_of(Refusal refusal);

}  // namespace chain
