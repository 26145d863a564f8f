#include "core/nonce_search.h"

#include <algorithm>
#include <charconv>

#include "core/block.h"
#include "core/check.h"

namespace chain {
namespace {

std::uint64_t first_bits(std::int64_t count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} >> count);
}

}  // namespace

NonceSearch::NonceSearch(std::string_view prefix, std::int64_t difficulty, std::int64_t first,
                         std::int64_t stride, CompressTwo compress)
    : compress_(compress),
      difficulty_(difficulty),
      must_be_zero_(first_bits(difficulty)),
      stride_(stride),
      prefix_size_(prefix.size()),
      rest_size_(prefix.size() % kSha256Block) {
  CHECK(first >= 1 && first <= kMaxNonce && stride >= 1 && stride <= kMaxStride);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(prefix.data());
  const std::size_t full = prefix_size_ - rest_size_;
  for (std::size_t at = 0; at < full; at += kSha256Block) chain::compress(midstate_, bytes + at);
  for (Lane& lane : lanes_) std::copy_n(bytes + full, rest_size_, lane.tail.begin());
  start_at(first);
}

std::optional<NonceSearch::Found> NonceSearch::next(int rounds) {
  for (; rounds > 0 && !exhausted(); --rounds) {
    for (std::size_t i = 0; i < lanes_.size(); i += 2) {
      Lane& a = lanes_[i];
      Lane& b = lanes_[i + 1];
      hash(a, b);
      for (const Lane* lane : {&a, &b}) {
        if (!found(*lane)) continue;
        const Found result{lane->nonce, hash_of_state(lane->state)};
        start_at(result.nonce + stride_);
        return result;
      }
      advance(a);
      advance(b);
    }
  }
  return std::nullopt;
}

void NonceSearch::start_at(std::int64_t nonce) {
  for (Lane& lane : lanes_) {
    set(lane, nonce);
    nonce += stride_;
  }
}

void NonceSearch::set(Lane& lane, std::int64_t nonce) const {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), nonce);
  const auto length = static_cast<std::size_t>(written.ptr - digits.data());
  lane.nonce = nonce;
  lane.digits_end = rest_size_ + length;
  constexpr std::size_t kLengthField = 8;  // bytes
  lane.two_blocks = lane.digits_end + 1 + kLengthField > kSha256Block;

  const auto out = lane.tail.begin() + static_cast<std::ptrdiff_t>(rest_size_);
  std::fill(std::copy_n(digits.begin(), length, out), lane.tail.end(), std::uint8_t{0});
  lane.tail[lane.digits_end] = 0x80;
  std::uint64_t bits = 8 * (std::uint64_t{prefix_size_} + length);
  for (std::size_t at = lane.two_blocks ? 2 * kSha256Block : kSha256Block; bits != 0; bits >>= 8) {
    lane.tail[--at] = static_cast<std::uint8_t>(bits);
  }
}

void NonceSearch::advance(Lane& lane) const {
  auto carry = static_cast<std::uint32_t>(kLanes * stride_);
  const std::int64_t nonce = lane.nonce + kLanes * stride_;
  for (std::size_t at = lane.digits_end; carry != 0; carry /= 10) {
    if (at == rest_size_) return set(lane, nonce);  // a digit more
    --at;
    carry += lane.tail[at] - std::uint32_t{'0'};
    lane.tail[at] = static_cast<std::uint8_t>('0' + carry % 10);
  }
  lane.nonce = nonce;
}

void NonceSearch::hash(Lane& a, Lane& b) const {
  a.state = midstate_;
  b.state = midstate_;
  compress_(a.state, a.tail.data(), b.state, b.tail.data());
  if (!b.two_blocks) return;  // nor has a, whose nonce is the smaller
  Sha256State unused{};
  compress_(a.two_blocks ? a.state : unused, a.tail.data() + kSha256Block, b.state,
            b.tail.data() + kSha256Block);
}

bool NonceSearch::found(const Lane& lane) const {
  const std::uint64_t first = std::uint64_t{lane.state[0]} << 32 | lane.state[1];
  return (first & must_be_zero_) == 0 && lane.nonce <= kMaxNonce &&
         leading_zero_bits(hash_of_state(lane.state)) >= difficulty_;
}

}  // namespace chain
