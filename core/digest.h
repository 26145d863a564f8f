// A running 64-bit fingerprint of everything that a node was told and said.
//
// Same scenario, same seed: same digest, on any machine. It names blocks by hash, never by id, and
// is no cryptographic hash: it tells runs apart that differ by accident.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/io.h"

namespace chain {

class Digest {
 public:
  Digest() = default;
  // Goes on from where another one was.
  explicit Digest(std::uint64_t state) : state_(state) {}
  void mix(std::uint64_t word) { state_ = (std::rotl(state_, 23) ^ word) * 0x9fb21c651e98df25u; }
  // One step of one node.
  void mix_step(Time now, std::uint32_t node, const Input& input, const Effects& effects,
                const BlockTree& tree);
  std::uint64_t value() const;
  std::uint64_t state() const { return state_; }

 private:
  void mix_message(const Message& message, const BlockTree& tree);

  std::uint64_t state_ = 0x243f6a8885a308d3u;
};

// 16 lower-case hex digits, and back: nothing for any other text.
std::string hex16(std::uint64_t value);
std::optional<std::uint64_t> from_hex16(std::string_view text);

}  // namespace chain
