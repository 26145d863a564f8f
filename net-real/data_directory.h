// The directory that a node keeps its data in: made, locked, and asked for its room.
//
// One node at a time uses it, held together by a lock on a file in it, which the system lets go of
// however the process ends. A new directory and its name are synced to disk before the constructor
// returns, so that no loss of power takes what is promised later with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace net {

class DataDirectory {
 public:
  // Creates it if need be. Throws Failure: not usable, or in use by another node.
  explicit DataDirectory(const std::filesystem::path& path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // What is left for us on its disk.
  std::uint64_t free_bytes() const;
  // The names in it survive a loss of power. Throws Failure.
  void sync() const;

 private:
  std::filesystem::path path_;
  int lock_;
};

// The content of a file is on disk when this returns. Throws Failure.
void sync_file(const std::string& path);
// The names in the directory of a file are. Throws Failure.
void sync_names_beside(const std::string& path);

}  // namespace net
