// Random texts, blocks, trees and frames, and ways to break a frame: what the property tests and
// the fuzzing of the codec feed on.
//
// Everything valid by construction where it says so, and odd on purpose: key orders that no clone
// writes, absent merkle roots, characters at the edges of JSON and of UTF-8, the longest and the
// shortest numbers. All of it comes from one chain::Random, so that a failure is its seed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/chain_rules.h"
#include "core/json_codec.h"
#include "core/random.h"

namespace test {

// How often a test of random cases may run here: `rounds`, or a tenth of it in a build that is slow
// (not optimised, or with sanitizers).
int scaled(int rounds);
// For the tests that run for minutes: another seed each time, printed; LONG_SEED=N repeats it.
std::uint64_t fresh_seed();

// Valid UTF-8 of at most `most` characters: plain, escaped, control, two to four bytes.
std::string random_text(chain::Random& random, std::uint64_t most);
// Texts, now and then none, or a filler if `fillers`.
chain::Body random_body(chain::Random& random, bool fillers);
// Any order; an absent merkle root stands where the codec puts it.
chain::KeyOrder random_key_order(chain::Random& random, bool has_merkle_root);

// A block valid after `parent` under rules `tutorial`, with its true merkle root and hash.
chain::Block random_child(chain::Random& random, const chain::Header& parent, bool fillers);
// A block of height 0 that is no child of anything: hash and merkle root are what they claim.
chain::Block random_genesis(chain::Random& random);
// The widespread genesis and `length` random blocks on it, no fillers.
std::vector<chain::Block> random_chain(chain::Random& random, std::size_t length);

// A tree of `blocks` random blocks, on two roots, and their bodies.
class RandomTree final : public chain::FrameFacts {
 public:
  RandomTree(chain::Random& random, std::size_t blocks);

  const chain::BlockTree& tree() const { return tree_; }
  const chain::Block& block(chain::BlockId id) const { return blocks_[id]; }
  void append_data_json(chain::BlockId id, std::string& out) const override;
  std::string listens() const override { return "ws://[::1]:7545"; }
  std::string address(std::uint32_t id) const override { return "ws://" + std::to_string(id); }

 private:
  void add_root(const chain::Block& genesis);

  chain::BlockTree tree_;
  std::vector<chain::Block> blocks_;
};

// `{"type":1,"payload":[...]}` or type 2, as JSON.stringify would write it.
std::string frame_of(chain::MessageType type, const std::vector<chain::Block>& blocks);
// A well-formed frame of any type, of a few blocks.
std::string random_frame(chain::Random& random);
// The same JSON with white space between its tokens.
std::string spaced(chain::Random& random, std::string_view json);
// The frame with a few of its bytes, tokens or parts changed, moved, doubled or gone: in most cases
// no frame any more.
std::string mutated(chain::Random& random, std::string frame);

}  // namespace test
