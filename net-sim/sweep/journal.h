// What a sweep has done so far, in a file that a kill cannot spoil: a line for each run that ended.
//
//   {"version": …, "shard": 1, "of": 4, "plan": {"name": …, "points": …, …}}
//   {"point": 0, "seed": 3, "digest": …, "values": […], "error": "", "code": 0, "wall_seconds": …,
//   "host": …}
//
// Lines are appended, each in one write, in the order in which runs end; a last line that was torn
// is cut off when the sweep goes on. Tables are made from it (outputs.h), and shards are merged by
// it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net-sim/sweep/plan.h"

namespace sim {

struct SweepRow {
  std::size_t point = 0;
  std::uint64_t seed = 0;
  std::string digest;        // 16 hex digits; empty: there was no run
  std::vector<Json> values;  // of the measures: a number or null; none where there was no run
  std::string error;         // one line; empty: none
  int code = 0;              // what `simchain run` would have said of it, but for expectations
  // Of the machine, and in timing.csv alone.
  double wall_seconds = 0;
  std::uint64_t peak_memory_bytes = 0;  // of the process
  std::string host;

  bool operator<(const SweepRow& other) const {
    return std::pair(point, seed) < std::pair(other.point, other.seed);
  }
};

struct SweepShard {
  std::uint32_t number = 1, of = 1;
  bool operator==(const SweepShard&) const = default;
};

struct JournalHead {
  std::string version;
  SweepShard shard;
  SweepPlan plan;
};

struct Journal {
  JournalHead head;
  std::vector<SweepRow> rows;  // as they ended
  std::uint64_t whole = 0;     // bytes, without what was torn
};

std::filesystem::path journal_file(const std::filesystem::path& directory);

// Nothing was ever written: an empty head. An error is one line that names the file.
chain::Result<Journal> read_journal(const std::filesystem::path& directory);

class JournalWriter {
 public:
  // Goes on behind what `journal` holds; writes the head where there is none.
  static chain::Result<JournalWriter> open(const std::filesystem::path& directory,
                                           const Journal& journal, const JournalHead& head);
  // False: it could not be written.
  bool add(const SweepRow& row);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool write_line(const Json& line);
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace sim
