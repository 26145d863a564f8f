// SHA-256 (FIPS 180-4) over OpenSSL, and the 32 bytes that it gives.
//
// `Sha256` is a value: copying one keeps a midstate, which is how the simulator hashes a megabyte
// of filler in microseconds. Below it stands the compression function itself, for those who lay out
// blocks on their own (nonce_search.h). Hex in both cases, because the original writes hashes in
// lower and merkle roots in upper case.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chain {

struct Hash {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Hash&) const = default;
  // The first eight bytes, big-endian: what digests and tables use for a name.
  std::uint64_t prefix() const;
};

class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  // The hash of all bytes so far; the value itself is left as it was.
  Hash finish() const;
  // The hash of all bytes so far and `tail`.
  Hash finish_with(std::string_view tail) const;

 private:
  alignas(8) std::array<unsigned char, 112> context_;
};

Hash sha256(std::string_view bytes);

// What is carried from one block of the text to the next: FIPS 180-4's words H0 to H7.
using Sha256State = std::array<std::uint32_t, 8>;
inline constexpr Sha256State kSha256Start{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
inline constexpr std::size_t kSha256Block = 64;  // bytes
// Takes the next kSha256Block bytes into `state`; the padding at the end is the caller's.
void compress(Sha256State& state, const std::uint8_t* block);
// The hash, once the last block is taken.
Hash hash_of_state(const Sha256State& state);

std::string lower_hex(const Hash& hash);
std::string upper_hex(const Hash& hash);
// Appends 64 characters to `out`.
void append_lower_hex(std::string& out, const Hash& hash);
void append_upper_hex(std::string& out, const Hash& hash);
// Exactly 64 characters of the one case, else nothing.
std::optional<Hash> from_lower_hex(std::string_view text);
std::optional<Hash> from_upper_hex(std::string_view text);

}  // namespace chain
