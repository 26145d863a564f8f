// Finds the nonces with which a block's hash has as many leading zero bits as its difficulty asks.
//
// The hashed text is a constant prefix and the nonce in decimal. The prefix's full blocks of 64
// bytes are compressed once. What is left of it, the digits and SHA-256's padding stand ready in
// one block, or two where they spill over: a lane. From a lane's nonce to its next only digits
// change, in place.
//
//   midstate |  rest of prefix, 1017, 80 00 00 ... length    lane 0  \ hashed together
//            |  rest of prefix, 1018, 80 00 00 ... length    lane 1  / (sha256_two.h)
//            |  rest of prefix, 1019, 80 00 00 ... length    lane 2  \ meanwhile, the new digits
//            |  rest of prefix, 1020, 80 00 00 ... length    lane 3  / of 0 and 1 reach the cache
//
// Hashes are those of hash_of() (block.h). Threads, and when to give up, are for those who call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/sha256_two.h"

namespace chain {

class NonceSearch {
 public:
  // A number in JSON is exact up to here.
  static constexpr std::int64_t kMaxNonce = (std::int64_t{1} << 53) - 1;
  // More than any miner has threads; keeps nonces beyond the last within their digits.
  static constexpr std::int64_t kMaxStride = 1'000'000;
  static constexpr std::int64_t kLanes = 4;

  struct Found {
    std::int64_t nonce = 0;
    Hash hash;
  };

  // Tries `first`, `first + stride`, ... after `prefix`; any difficulty, in leading zero bits.
  // REQUIRES: 1 <= first <= kMaxNonce, 1 <= stride <= kMaxStride.
  NonceSearch(std::string_view prefix, std::int64_t difficulty, std::int64_t first,
              std::int64_t stride, CompressTwo compress = compressions().front());

  // The first to be found in so many rounds of kLanes nonces; a later call goes on after it.
  std::optional<Found> next(int rounds);
  // All nonces up to kMaxNonce have been tried.
  bool exhausted() const { return lanes_[0].nonce > kMaxNonce; }

 private:
  // A text that is hashed, from the midstate on.
  struct Lane {
    std::int64_t nonce = 0;
    std::size_t digits_end = 0;  // in `tail`; they begin at rest_size_
    bool two_blocks = false;
    std::array<std::uint8_t, 2 * kSha256Block> tail{};
    Sha256State state{};
  };

  void start_at(std::int64_t nonce);
  void set(Lane& lane, std::int64_t nonce) const;
  void advance(Lane& lane) const;
  // REQUIRES: the nonce of `a` is the smaller.
  void hash(Lane& a, Lane& b) const;
  bool found(const Lane& lane) const;

  const CompressTwo compress_;
  const std::int64_t difficulty_;
  const std::uint64_t must_be_zero_;  // of a hash's first 64 bits
  const std::int64_t stride_;
  const std::size_t prefix_size_;
  const std::size_t rest_size_;  // what of the prefix follows its full blocks
  Sha256State midstate_ = kSha256Start;
  std::array<Lane, kLanes> lanes_;
};

}  // namespace chain
