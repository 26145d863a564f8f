// A store that is only read, also where nothing can be written: a snapshot, a backup disk, the
// directory of another user.
//
// SQLite writes beside a database with a write-ahead log even to read it. If it may not write:
//   no log        the file is read as it is (immutable=1, which would ignore a log)
//   there is one  file and log are copied to a temporary directory and read there
// No node can start in the directory meanwhile; if one runs, the reader says so.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "net-real/data_directory.h"
#include "net-real/sqlite.h"

namespace net {

// The database of a data directory. Throws Failure if there is none.
std::string existing_file(const std::filesystem::path& directory);

class StoreReader {
 public:
  // Throws Failure, naming the directory: there is no store, or why it cannot be read. Damaged if
  // the file is empty or has no table meta.
  explicit StoreReader(const std::filesystem::path& directory);
  ~StoreReader();
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;

  Database& database() { return *database_; }

 private:
  struct Copy {
    ~Copy();
    std::filesystem::path path{};  // a directory; "": there is no copy
  };

  void open_where_nothing_is_written(const std::filesystem::path& directory);
  void copy(const std::string& from);

  std::optional<ReadLock> lock_;
  Copy copy_;
  std::unique_ptr<Database> database_;
};

}  // namespace net
