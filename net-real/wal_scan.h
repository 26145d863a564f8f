// The bytes of SQLite's write-ahead log: how far they are whole, and whether the rest is damaged.
//
// Source of the format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
//   header: magic, version, page size, checkpoint number, 2 salts, 2 checksums       32 bytes
//   frame:  page number, pages after a commit or 0, 2 salts, 2 checksums, the page   24 + page size
// All numbers are big-endian. A checksum covers the header and all frames before it.
//
// SQLite reads the frames up to the first bad one and says nothing about the rest. Two causes
// differ:
//   torn     a loss of power during the last commit; nothing that was promised is lost
//   damaged  a later commit stands behind the bad frame, so the bad one was whole on disk before
// Frames of an earlier log have other salts. Frames of an earlier commit that was torn may have the
// same salts, but the checksum of the first of them does not continue a newer commit.
// A destroyed commit mark of the last commit but one cannot be told from a torn commit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace net {

struct LogScan {
  std::size_t frames = 0;                      // in the log, whole or not
  std::size_t whole_bytes = 0;                 // up to the end of the last commit that SQLite reads
  std::optional<std::size_t> damaged_frame{};  // from 1 on; 0: the header. Nothing: whole or torn
};

LogScan scan_log(std::string_view log);

// The bytes of the log of the database `file`; "" if there is none.
std::string read_log(const std::string& file);
// Describes the damage for people; nothing if there is none.
std::optional<std::string> log_fault(const LogScan& scan);

}  // namespace net
