#include "core/record.h"

#include <bit>
#include <cstring>

namespace chain {

std::string part_name(const std::string& file, std::uint32_t part) {
  return part == 0 ? file : file + '.' + std::to_string(part);
}

void append_u32(std::string& out, std::uint32_t number) {
  for (int i = 0; i < 4; ++i, number >>= 8) out += static_cast<char>(number & 0xff);
}

void append_u64(std::string& out, std::uint64_t number) {
  for (int i = 0; i < 8; ++i, number >>= 8) out += static_cast<char>(number & 0xff);
}

std::uint64_t u64_at(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&number, bytes.data() + at, 8);  // checks read all that is recorded
    return number;
  }
  for (std::size_t i = 8; i-- > 0;) {
    number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return number;
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) {
    number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return number;
}

std::uint64_t record_check(std::uint64_t before, std::string_view bytes) {
  WordHash hash(before);
  hash.mix(bytes.size());
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) hash.mix(u64_at(bytes, at));
  std::uint64_t rest = 0;
  for (std::size_t i = bytes.size(); i-- > at;) {
    rest = rest << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  hash.mix(rest);
  return hash.value();
}

std::uint32_t length_check(std::uint64_t before, std::uint32_t length) {
  WordHash hash(before);
  hash.mix(length);
  return static_cast<std::uint32_t>(hash.value());
}

std::string part_header(const RecordEnd& end, std::uint64_t& check) {
  std::string header(kRecordMagic.begin(), kRecordMagic.end());
  append_u32(header, kRecordVersion);
  append_u32(header, end.part);
  append_u64(header, end.part == 0 ? 0 : end.check);
  append_u64(header, end.digest);
  check = record_check(0, header);
  append_u64(header, check);
  return header;
}

}  // namespace chain
