// Random numbers that are the same on every machine: xoshiro256** seeded by splitmix64 (Blackman
// and Vigna, 2018).
//
// One stream for each (run seed, owner, purpose), so that a draw added in one place moves no other.
// No distributions of the standard library: they differ between libraries. Never two draws in one
// expression: compilers order arguments differently.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/check.h"
#include "core/fixed_math.h"

namespace chain {

// One step of splitmix64: the state moves on, a mixed word comes back.
constexpr std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) {
    for (auto& word : state_) word = splitmix64(seed);
  }
  // The stream of `owner` (a node, a link) for `purpose` (a word of the caller's own) in the run
  // `seed`.
  constexpr Random(std::uint64_t seed, std::uint64_t owner, std::uint64_t purpose)
      : Random(mix(mix(seed, owner), purpose)) {}

  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, n), without bias (Lemire 2019).  REQUIRES: n > 0.
  constexpr std::uint64_t below(std::uint64_t n) {
    CHECK(n > 0);
    while (true) {
      const Uint128 product = static_cast<Uint128>(next()) * n;
      const auto low = static_cast<std::uint64_t>(product);
      if (low >= n || low >= (0 - n) % n) return static_cast<std::uint64_t>(product >> 64);
    }
  }

  // An exponential draw of mean 1, in Q32.
  std::int64_t exponential_q32() { return minus_ln_q32(next()); }

 private:
  static constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    std::uint64_t state = a ^ std::rotl(b * 0xd6e8feb86659fd93u, 32);
    return splitmix64(state) ^ b;
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace chain
