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

int digit_value(char c, char first_letter) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= first_letter && c < first_letter + 6) return c - first_letter + 10;
  return -1;
}

std::optional<Hash> from_hex(std::string_view text, char first_letter) {
  if (text.size() != 64) return std::nullopt;
  Hash hash;
  for (std::size_t i = 0; i < 32; ++i) {
    const int high = digit_value(text[2 * i], first_letter);
    const int low = digit_value(text[2 * i + 1], first_letter);
    if (high < 0 || low < 0) return std::nullopt;
    hash.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
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
