// A network in a file: `--chain FILE`, JSON that says which genesis and which rules its nodes
// share.
//
//   {"rules": "work", "genesis": "genesis.json", "block_interval": "10 s", "first_difficulty": 18,
//    "min_difficulty": 18, "retarget": 10, "max_block": 131072, "hash_order": "standard",
//    "seal": "hash", "check_merkle_root": true,
//    "options": {"header_first": {"body_timeout": "20 s"}, "node": {"low_work_depth": 144}}}
//
// Every key has a default; what is misspelt is refused. `seal: simulated` makes a network for
// experiments: its blocks need no proof of work, and whoever asks gets one at once. Nodes of the
// original know a network by its genesis alone, so such a network has one of its own. `test` gives
// nodes the habits of a scenario in place of their own. What is stored already is not known here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/chain_rules.h"
#include "core/dialer.h"
#include "core/json_codec.h"
#include "core/message.h"

namespace net {

// What an experiment asks of its nodes.
struct TestHabits {
  chain::Relay relay = chain::Relay::headers;  // how they wish to hear of new blocks
  chain::Duration keepalive = chain::minutes(2);
  std::optional<chain::Redial> redial;  // nothing: a lost neighbour stays lost
  std::uint32_t outbound = 0;           // connections to dial from what peers tell
  std::uint64_t max_frame = 1 << 20;    // bytes
};

struct ChainFile {
  chain::Genesis genesis;
  chain::ChainRules rules;
  std::optional<TestHabits> habits;  // nothing: chainnode's own
  chain::SyncLimits limits;          // `options`, as in a scenario
};

inline constexpr std::size_t kMaxChainFile = 1 << 20;  // bytes

// An error is one line without the file's name. `read` gives the text of a genesis that stands in a
// file of its own.
using ReadText = std::function<chain::Result<std::string>(const std::string& name)>;
chain::Result<ChainFile> parse_chain_file(std::string_view text, const ReadText& read);
// Throws Failure: it cannot be read, or says what cannot be. A genesis file stands beside it.
ChainFile read_chain_file(const std::string& path);

}  // namespace net
