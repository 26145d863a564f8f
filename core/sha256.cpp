// The one-shot and EVP interfaces cannot copy a midstate without an allocation; the low-level one
// can.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/sha256.h"

#include <openssl/sha.h>

#include <cstring>
#include <type_traits>

namespace chain {
namespace {

static_assert(sizeof(SHA256_CTX) == 112 && std::is_trivially_copyable_v<SHA256_CTX>);

constexpr char kLower[] = "0123456789abcdef";
constexpr char kUpper[] = "0123456789ABCDEF";

void append_hex(std::string& out, const Hash& hash, const char* digits) {
  const std::size_t start = out.size();
  out.resize(start + 64);
  for (std::size_t i = 0; i < 32; ++i) {
    out[start + 2 * i] = digits[hash.bytes[i] >> 4];
    out[start + 2 * i + 1] = digits[hash.bytes[i] & 15];
  }
}

// The same in each of the eight bytes of a word.
constexpr std::uint64_t in_each_byte(std::uint64_t byte) { return byte * 0x0101010101010101u; }

// Eight digits, the first in the lowest byte, as four bytes likewise; `wrong` gets bits where a
// character is no digit of that case. All at once and without a branch, for a chain on the wire is
// hashes by half. A letter is told by bit 6 ('a' and 'A' have it, '0' to '9' have not); what it is
// worth, written as a digit again, must be the same character.
std::uint32_t digits_to_bytes(std::uint64_t text, std::uint64_t first_letter,
                              std::uint64_t& wrong) {
  const std::uint64_t letters = text >> 6 & in_each_byte(1);
  const std::uint64_t values = (text & in_each_byte(0x0f)) + 9 * letters;
  const std::uint64_t again = values + in_each_byte('0') + letters * (first_letter - 10 - '0');
  const std::uint64_t from_ten = (values + in_each_byte(6)) >> 4 & in_each_byte(1);
  wrong |= (again ^ text) | (from_ten ^ letters) | (values & in_each_byte(0xf0));
  std::uint64_t bytes = (values << 4 | values >> 8) & 0x00ff00ff00ff00ffu;
  bytes = (bytes | bytes >> 8) & 0x0000ffff0000ffffu;
  return static_cast<std::uint32_t>(bytes | bytes >> 16);
}

std::optional<Hash> from_hex(std::string_view text, std::uint64_t first_letter) {
  if (text.size() != 64) return std::nullopt;
  Hash hash;
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint64_t word = 0;
    for (std::size_t k = 8; k > 0; --k) {
      word = word << 8 | static_cast<unsigned char>(text[8 * i + k - 1]);
    }
    const std::uint32_t bytes = digits_to_bytes(word, first_letter, wrong);
    for (std::size_t k = 0; k < 4; ++k) {
      hash.bytes[4 * i + k] = static_cast<std::uint8_t>(bytes >> (8 * k));
    }
  }
  if (wrong != 0) return std::nullopt;
  return hash;
}

SHA256_CTX load(const std::array<unsigned char, 112>& bytes) {
  SHA256_CTX context;
  std::memcpy(&context, bytes.data(), sizeof context);
  return context;
}

}  // namespace

std::uint64_t Hash::prefix() const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

Sha256::Sha256() {
  SHA256_CTX context;
  SHA256_Init(&context);
  std::memcpy(context_.data(), &context, sizeof context);
}

void Sha256::update(std::string_view bytes) {
  SHA256_CTX context = load(context_);
  SHA256_Update(&context, bytes.data(), bytes.size());
  std::memcpy(context_.data(), &context, sizeof context);
}

Hash Sha256::finish() const { return finish_with({}); }

Hash Sha256::finish_with(std::string_view tail) const {
  SHA256_CTX context = load(context_);
  SHA256_Update(&context, tail.data(), tail.size());
  Hash hash;
  SHA256_Final(hash.bytes.data(), &context);
  return hash;
}

Hash sha256(std::string_view bytes) { return Sha256().finish_with(bytes); }

void compress(Sha256State& state, const std::uint8_t* block) {
  SHA256_CTX context;
  static_assert(sizeof context.h == sizeof state);
  std::memcpy(context.h, state.data(), sizeof context.h);
  SHA256_Transform(&context, block);
  std::memcpy(state.data(), context.h, sizeof context.h);
}

Hash hash_of_state(const Sha256State& state) {
  Hash hash;
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    hash.bytes[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  }
  return hash;
}

std::string lower_hex(const Hash& hash) {
  std::string out;
  append_hex(out, hash, kLower);
  return out;
}

std::string upper_hex(const Hash& hash) {
  std::string out;
  append_hex(out, hash, kUpper);
  return out;
}

void append_lower_hex(std::string& out, const Hash& hash) { append_hex(out, hash, kLower); }
void append_upper_hex(std::string& out, const Hash& hash) { append_hex(out, hash, kUpper); }
std::optional<Hash> from_lower_hex(std::string_view text) { return from_hex(text, 'a'); }
std::optional<Hash> from_upper_hex(std::string_view text) { return from_hex(text, 'A'); }

}  // namespace chain
