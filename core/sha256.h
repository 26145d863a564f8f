// SHA-256 (FIPS 180-4) over OpenSSL, and the 32 bytes that it gives.
//
// `Sha256` is a value: copying one keeps a midstate, which is how a miner hashes a block's constant
// part once, and how the simulator hashes a megabyte of filler in microseconds. Hex in both cases,
// because the original writes hashes in lower and merkle roots in upper case.
#pragma once

#include <array>
#include <compare>
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
  // The hash of all bytes so far and `tail`, cheaply for a miner's loop.
  Hash finish_with(std::string_view tail) const;

 private:
  alignas(8) std::array<unsigned char, 112> context_;
};

Hash sha256(std::string_view bytes);

std::string lower_hex(const Hash& hash);
std::string upper_hex(const Hash& hash);
// Appends 64 characters to `out`.
void append_lower_hex(std::string& out, const Hash& hash);
void append_upper_hex(std::string& out, const Hash& hash);
// Exactly 64 characters of the one case, else nothing.
std::optional<Hash> from_lower_hex(std::string_view text);
std::optional<Hash> from_upper_hex(std::string_view text);

}  // namespace chain
