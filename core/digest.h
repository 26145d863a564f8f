// A 64-bit fingerprint of everything that nodes were told and did: the sum of hashed steps.
//
//   digest = sum over all steps of hash(node, number, time, input, effects)   modulo 2^64
//
// `number` counts the steps of a node's life from 0. The order of each node's steps counts; the
// order between nodes does not, so parts of a run may be summed in any order. A run, its recording
// and the replay have one digest. Blocks are named by hash, never by id.
//
// Rationale for 64 bits: a digest tells runs apart that differ by accident. Two such runs have
// equal sums with a chance of 2^-64. A wider sum would cost time. It would not stop somebody who
// searches for equal sums, and no sum of hashes does.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/io.h"

namespace chain {

// Mixes words, in their order, into 64 bits.
class WordHash {
 public:
  WordHash() = default;
  // Goes on from where another one was.
  explicit WordHash(std::uint64_t state) : state_(state) {}
  void mix(std::uint64_t word) { state_ = (std::rotl(state_, 23) ^ word) * 0x9fb21c651e98df25u; }
  std::uint64_t value() const;
  std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_ = 0x243f6a8885a308d3u;
};

// `tree`: as the node saw it.
std::uint64_t step_hash(Time now, std::uint32_t node, std::uint64_t number, const Input& input,
                        const Effects& effects, const BlockTree& tree);

class Digest {
 public:
  Digest() = default;
  // Goes on from where another one was.
  explicit Digest(std::uint64_t sum) : sum_(sum) {}
  void add(std::uint64_t hash) { sum_ += hash; }
  std::uint64_t value() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
};

// The digest of recordings of version 1: each step is mixed into the state that the step before it
// left, whichever node took it.
class ChainedDigest {
 public:
  explicit ChainedDigest(std::uint64_t state) : hash_(state) {}
  void mix_step(Time now, std::uint32_t node, const Input& input, const Effects& effects,
                const BlockTree& tree);
  std::uint64_t value() const { return hash_.value(); }
  std::uint64_t state() const { return hash_.state(); }

 private:
  WordHash hash_;
};

// 16 lower-case hex digits, and back: nothing for any other text.
std::string hex16(std::uint64_t value);
std::optional<std::uint64_t> from_hex16(std::string_view text);

}  // namespace chain
