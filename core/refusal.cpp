#include "core/refusal.h"

#include <array>
#include <cstddef>

namespace chain {

const RefusalText& text_of(Refusal refusal) {
  static constexpr std::array<RefusalText, kRefusals> kTexts{{
      {"none", "taken", ""},
      {"height", "the height is not the previous block's plus one", "블록 높이가 맞지않습니다."},
      {"previous_hash", "the previous hash is not the previous block's hash",
       "이전 블록 해시가 맞지않습니다"},
      {"hash", "the hash is not that of the block's fields", "블록해시가 올바르지 않습니다"},
      {"genesis_tip", "the received chain is only a genesis block",
       "받은 최신블록이 제네시스 블록입니다. "},
      {"not_longer", "the own chain is as long or longer", "자신의 체인이 더 길거나 같습니다. "},
      {"one_block_short", "the received tip is just one block on top of the own tip",
       "블록이 하나 모자랍니다. "},
      {"wrong_genesis", "the received chain starts from another genesis block", ""},
      {"version", "the version is not 1.0.0", ""},
      {"key", "the block has a key that no block has", ""},
      {"nonce", "the nonce is negative", ""},
      {"difficulty", "the difficulty is not the one that the ancestors ask for", ""},
      {"proof", "the hash does not meet the difficulty", ""},
      {"timestamp", "the timestamp is not above the median of the last 11", ""},
      {"early", "the timestamp is more than two hours ahead", ""},
      {"merkle_root", "the merkle root is not that of the data", ""},
      {"data", "a text of the data could stand for a part of the merkle tree", ""},
      {"size", "the block is larger than a block may be", ""},
      {"low_work", "the branch has too little work to be stored", ""},
      {"unlinked", "the block before it is not known", ""},
  }};
  return kTexts[static_cast<std::size_t>(refusal)];
}

}  // namespace chain
