#include "net-real/wal_scan.h"

#include <bit>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace net {
namespace {

constexpr std::size_t kHeaderBytes = 32, kFrameHeaderBytes = 24, kSummedOfHeader = 24,
                      kSummedOfFrameHeader = 8;
constexpr std::uint32_t kMagic = 0x377f0682;  // its lowest bit: checksums read big-endian words
constexpr std::uint32_t kDefaultPage = 4096, kMinPage = 512, kMaxPage = 65536;

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// Two numbers that stand side by side: salts or checksums.
struct Pair {
  std::uint32_t first = 0, second = 0;
  bool operator==(const Pair&) const = default;
};

Pair pair_at(std::string_view bytes, std::size_t at) {
  return {big_endian(bytes, at), big_endian(bytes, at + 4)};
}

class LogBytes {
 public:
  explicit LogBytes(std::string_view bytes) : bytes_(bytes) {
    const std::uint32_t magic = big_endian(bytes, 0), page = big_endian(bytes, 8);
    sums_big_endian_ = (magic & 1u) != 0;
    const bool has_page = std::has_single_bit(page) && page >= kMinPage && page <= kMaxPage;
    frame_bytes_ = kFrameHeaderBytes + (has_page ? page : kDefaultPage);
    frames_ = (bytes.size() - kHeaderBytes) / frame_bytes_;
    has_header_ = (magic & ~1u) == kMagic && has_page &&
                  sum({}, bytes.substr(0, kSummedOfHeader)) == header_sum();
    salts_ = has_header_ || frames_ == 0 ? pair_at(bytes, 16) : pair_at(frame(0), 8);
  }

  std::size_t frames() const { return frames_; }
  std::size_t bytes_of(std::size_t frames) const { return kHeaderBytes + frames * frame_bytes_; }
  bool has_header() const { return has_header_; }
  Pair header_sum() const { return pair_at(bytes_, 24); }

  // Of the frame `i`, from 0 on.
  bool has_salts(std::size_t i) const {
    return pair_at(frame(i), 8) == salts_ && big_endian(frame(i), 0) != 0;
  }
  bool is_commit(std::size_t i) const { return has_salts(i) && big_endian(frame(i), 4) != 0; }
  Pair stored_sum(std::size_t i) const { return pair_at(frame(i), 16); }
  Pair sum_after(const Pair& before, std::size_t i) const {
    return sum(sum(before, frame(i).substr(0, kSummedOfFrameHeader)),
               frame(i).substr(kFrameHeaderBytes));
  }
  // The mark says that a commit ends here, and the checksum that none does.
  bool has_false_mark(const Pair& before, std::size_t i) const {
    std::string summed(frame(i).substr(0, kSummedOfFrameHeader));
    summed.replace(4, 4, 4, '\0');
    return sum(sum(before, summed), frame(i).substr(kFrameHeaderBytes)) == stored_sum(i);
  }
  bool continues(const Pair& before, std::size_t i) const {
    return has_salts(i) && sum_after(before, i) == stored_sum(i);
  }

 private:
  std::string_view frame(std::size_t i) const { return bytes_.substr(bytes_of(i), frame_bytes_); }

  std::uint32_t word(std::string_view bytes, std::size_t at) const {
    const std::uint32_t value = big_endian(bytes, at);
    if (sums_big_endian_) return value;
    return value >> 24 | (value >> 8 & 0xff00u) | (value << 8 & 0xff0000u) | value << 24;
  }

  Pair sum(Pair sum, std::string_view bytes) const {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      sum.first += word(bytes, at) + sum.second;
      sum.second += word(bytes, at + 4) + sum.first;
    }
    return sum;
  }

  std::string_view bytes_;
  std::size_t frame_bytes_ = 0, frames_ = 0;
  Pair salts_;
  bool sums_big_endian_ = false, has_header_ = false;
};

// Whether a commit stands behind the one that `bad` belongs to. `before`: the checksum before
// `bad`.
bool has_later_commit(const LogBytes& log, std::size_t bad, const Pair& before) {
  bool behind_commit = false;  // each frame since that commit continues it
  for (std::size_t i = bad; i < log.frames(); ++i) {
    if (behind_commit) {
      const bool after_bad = i == bad + 1;  // its page or its checksum may be what is wrong
      behind_commit = log.continues(log.stored_sum(i - 1), i) ||
                      (after_bad && log.continues(log.sum_after(before, bad), i));
      if (behind_commit && log.is_commit(i)) return true;
    }
    const bool ends_commit = log.is_commit(i) && !(i == bad && log.has_false_mark(before, bad));
    behind_commit = behind_commit || ends_commit;
  }
  return false;
}

}  // namespace

LogScan scan_log(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return {};
  const LogBytes log(bytes);
  LogScan scan{.frames = log.frames()};
  std::size_t bad = 0;
  Pair sum = log.header_sum();
  if (log.has_header()) {
    scan.whole_bytes = kHeaderBytes;
    for (; bad < log.frames() && log.continues(sum, bad); ++bad) {
      sum = log.stored_sum(bad);
      if (log.is_commit(bad)) scan.whole_bytes = log.bytes_of(bad + 1);
    }
  }
  if (has_later_commit(log, bad, sum)) scan.damaged_frame = log.has_header() ? bad + 1 : 0;
  return scan;
}

std::string read_log(const std::string& file) {
  std::ifstream in(file + "-wal", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<std::string> log_fault(const LogScan& scan) {
  if (!scan.damaged_frame) return std::nullopt;
  if (*scan.damaged_frame == 0) return "the header of the write-ahead log is damaged";
  return "frame " + std::to_string(*scan.damaged_frame) + " of " + std::to_string(scan.frames) +
         " of the write-ahead log is damaged";
}

}  // namespace net
