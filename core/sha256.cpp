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

// What each character is worth as a digit of one case; 0xff for none. A table, because the letters
// of a hash are random and a branch on them is mispredicted every other time.
constexpr std::array<std::uint8_t, 256> make_values(const char* digits) {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (std::uint8_t i = 0; i < 16; ++i) values[static_cast<unsigned char>(digits[i])] = i;
  return values;
}
constexpr auto kLowerValues = make_values(kLower);
constexpr auto kUpperValues = make_values(kUpper);

std::optional<Hash> from_hex(std::string_view text, const std::array<std::uint8_t, 256>& values) {
  if (text.size() != 64) return std::nullopt;
  Hash hash;
  unsigned all = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned high = values[static_cast<unsigned char>(text[2 * i])];
    const unsigned low = values[static_cast<unsigned char>(text[2 * i + 1])];
    all |= high | low;
    hash.bytes[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
  }
  if (all > 15) return std::nullopt;
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
std::optional<Hash> from_lower_hex(std::string_view text) { return from_hex(text, kLowerValues); }
std::optional<Hash> from_upper_hex(std::string_view text) { return from_hex(text, kUpperValues); }

}  // namespace chain
