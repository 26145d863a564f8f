#include "net-real/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "net-real/failure.h"

namespace net {
namespace {

std::string system_words() { return std::strerror(errno); }

[[noreturn]] void fail(const std::filesystem::path& directory, const std::string& what) {
  throw Failure(kExitCannotWrite, "data directory " + directory.string() + " " + what);
}

void sync_names_in(const std::filesystem::path& directory, const std::filesystem::path& ours) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    if (directory != ours) return;  // not ours to read: what it holds is its owner's care
    fail(ours, "cannot be used: " + system_words());
  }
  const bool synced = fsync(file) == 0;
  const std::string why = system_words();
  close(file);
  if (!synced) fail(ours, "cannot be synced to disk: " + why);
}

// With what leads to it; each new name is on disk when this returns.
std::filesystem::path made(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> holders;  // of new names
  for (auto at = std::filesystem::absolute(directory, error);
       !std::filesystem::exists(at, error) && at.has_relative_path(); at = at.parent_path()) {
    holders.push_back(at.parent_path());
  }
  std::filesystem::create_directories(directory, error);
  if (error) fail(directory, "cannot be made: " + error.message());
  for (const auto& holder : holders) sync_names_in(holder, directory);
  return directory;
}

int locked(const std::filesystem::path& directory) {
  const std::string path = (directory / "lock").string();
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) fail(directory, "cannot be used: " + system_words());
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  const bool taken = errno == EWOULDBLOCK;
  const std::string why = taken ? "another node uses it" : system_words();
  close(file);
  throw Failure(taken ? kExitBadInput : kExitCannotWrite,
                "data directory " + directory.string() + " cannot be locked: " + why);
}

int opened(const std::filesystem::path& path, int flags) {
  return open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
}

// Some network file systems lock no directories: the lock on the file stands alone there.
bool is_taken(int file, int kind) {
  return file >= 0 && flock(file, kind | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

int locked_itself(const std::filesystem::path& directory, int lock) {
  const int file = opened(directory, O_DIRECTORY);
  if (!is_taken(file, LOCK_EX)) return file;
  close(file);
  close(lock);
  throw Failure(kExitBadInput,
                "data directory " + directory.string() + " cannot be locked: another node uses it");
}

void close_if_open(int file) {
  if (file >= 0) close(file);
}

}  // namespace

DataDirectory::DataDirectory(const std::filesystem::path& path)
    : path_(made(path)), lock_(locked(path_)), directory_lock_(locked_itself(path_, lock_)) {}

DataDirectory::~DataDirectory() {
  close_if_open(directory_lock_);
  close(lock_);
}

ReadLock::ReadLock(const std::filesystem::path& directory)
    : lock_(opened(directory / "lock", 0)),
      directory_lock_(opened(directory, O_DIRECTORY)),
      is_held_(!is_taken(lock_, LOCK_SH) && !is_taken(directory_lock_, LOCK_SH)) {}

ReadLock::~ReadLock() {
  close_if_open(directory_lock_);
  close_if_open(lock_);
}

std::uint64_t DataDirectory::free_bytes() const {
  struct statvfs disk {};
  if (statvfs(path_.c_str(), &disk) != 0) return 0;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

void sync_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  const std::string why = system_words();
  if (file >= 0) close(file);
  if (!synced) throw Failure(kExitCannotWrite, path + " cannot be synced to disk: " + why);
}

void sync_names_beside(const std::string& path) {
  const auto directory = std::filesystem::absolute(path).parent_path();
  sync_names_in(directory, directory);
}

void DataDirectory::sync() const { sync_names_in(path_, path_); }

}  // namespace net
