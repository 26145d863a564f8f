// What lost segments cost a message: rounds of retransmission, never the message itself.
//
// A message of s segments is there when the last of them is. Each segment is lost with probability
// p, independently, in each round; a round that lost any is followed by another after a timeout
// that starts at 200 ms and doubles. So the number k of rounds lost is the largest of s geometric
// draws: P(k >= r) = 1 - (1 - p^r)^s, and k of them cost 200 ms * (2^k - 1).
// Integers throughout: the same draw means the same delay on every machine.
#pragma once

#include <cstdint>

#include "net-sim/scenario.h"

namespace sim {

inline constexpr std::uint64_t kSegment = 1460;  // bytes
inline constexpr Duration kFirstRetransmission = chain::milliseconds(200);
inline constexpr int kMaxRounds = 32;  // 27 years; no run of any use sees the end of it

// A probability in units of 2^-64; a certainty is the largest there is, one unit less.
std::uint64_t probability_q64(Share share);

// P(k >= 1) for a message of `segments`, by `loss` (or for p^r: P(k >= r)). Within
// 4 * segments * 2^-64 of the formula; 0 for no loss.
std::uint64_t any_lost_q64(std::uint64_t loss, std::uint64_t segments);

// The k of a uniform draw in [0, 2^64): how many rounds a message loses a segment in, at most
// kMaxRounds.
int rounds_lost(std::uint64_t loss, std::uint64_t segments, std::uint64_t uniform);

// The delay of a message of `bytes` by the next draw of the generator `state` (splitmix64).
Duration loss_delay(std::uint64_t loss, std::uint64_t bytes, std::uint64_t& state);

}  // namespace sim
