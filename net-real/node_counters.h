// What a node has counted since it started: kept by the host, read by whoever shows it.
//
// Plain numbers, written on the loop's thread. Names and words for them stand in metrics.cpp.
#pragma once

#include <array>
#include <cstdint>

#include "core/block_tree.h"
#include "core/io.h"
#include "core/message.h"
#include "core/refusal.h"

namespace net {

// Bytes of frames.
struct PeerTraffic {
  std::uint64_t received = 0, sent = 0;
};

// Blocks of the own chain were given up for others.
struct Reorg {
  std::int64_t at_ms = 0;  // Unix milliseconds
  std::uint32_t depth = 0;
  chain::BlockId from = chain::kNoBlock, to = chain::kNoBlock;
};

// A block or chain of a peer, or of this node's own miner, was not taken.
struct Rejection {
  std::int64_t at_ms = 0;  // Unix milliseconds
  chain::PeerId peer = chain::kNoPeer;
  chain::Refusal why = chain::Refusal::none;
};

struct NodeCounters {
  std::array<std::uint64_t, chain::kMessageTypes> frames_received{}, frames_sent{};
  std::uint64_t bytes_received = 0, bytes_sent = 0;  // of frames, unknown and malformed ones too
  std::uint64_t frames_malformed = 0, frames_unknown = 0;
  std::array<std::uint64_t, chain::kRefusals> refused{};
  std::array<std::uint64_t, chain::kOffences> peers_dropped{};
  std::uint64_t blocks_taken = 0, headers_learnt = 0;
  std::uint64_t bodies_withdrawn = 0;  // came with a message whose step did not take them
  std::uint64_t bodies_left = 0;       // neither taken nor withdrawn: 0, or the node has a fault
  std::uint64_t step_work = 0;         // blocks, requests and peers that steps looked at
  std::uint64_t tips = 0;              // changes of the tip, reorgs among them
  std::uint64_t reorgs = 0;            // blocks of the own chain were given up
  std::uint64_t blocks_abandoned = 0;  // in all of them
  std::uint32_t last_reorg_depth = 0, deepest_reorg = 0;
  std::int64_t tip_since_ms = 0;  // Unix milliseconds; of the start until the tip moves
};

}  // namespace net
