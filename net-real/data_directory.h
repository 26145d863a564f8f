// The directory that a node keeps its data in: made, locked, and asked for its room.
//
// One node at a time uses it. The lock is on a file in it and on the directory itself, so that it
// holds although somebody deletes the file; the system lets go of it however the process ends. A
// new directory and its name are synced to disk before the constructor returns, so that no loss of
// power takes what is promised later with it.
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
  int lock_, directory_lock_;
};

// Keeps nodes from starting in a directory while it is read. A directory that cannot be locked is
// read without a lock.
class ReadLock {
 public:
  explicit ReadLock(const std::filesystem::path& directory);
  ~ReadLock();
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

  bool is_held() const { return is_held_; }  // false: a node uses it

 private:
  int lock_, directory_lock_;  // -1: there is none
  bool is_held_;
};

// The content of a file is on disk when this returns. Throws Failure.
void sync_file(const std::string& path);
// The names in the directory of a file are. Throws Failure.
void sync_names_beside(const std::string& path);

}  // namespace net
