#include "tests/real/recorded_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/check.h"

namespace net {
namespace {

constexpr std::size_t kSector = 512;  // bytes that are written whole or not at all

RecordedDisk* recorder = nullptr;  // the one that is alive

// --- SQLite's side -------------------------------------------------------------------------------

sqlite3_vfs* unix_vfs() {
  static sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
  return vfs;
}

// The system's own file stands behind it in memory.
struct File {
  sqlite3_file base;
  const char* path;  // SQLite's, for as long as the file is open
  bool names_are_synced;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  std::string name() const { return std::filesystem::path(path).filename().string(); }
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file).real(); }
const sqlite3_io_methods& methods_of(sqlite3_file* file) { return *real_of(file)->pMethods; }

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  recorder->add({.kind = RecordedDisk::Kind::write,
                 .file = file_of(file).name(),
                 .offset = offset,
                 .bytes = {static_cast<const char*>(bytes), static_cast<std::size_t>(size)}});
  return methods_of(file).xWrite(real_of(file), bytes, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  recorder->add(
      {.kind = RecordedDisk::Kind::truncate, .file = file_of(file).name(), .offset = size});
  return methods_of(file).xTruncate(real_of(file), size);
}

// As SQLite does on Unix, the first sync of a log or journal syncs its name, too.
int sync(sqlite3_file* file, int) {
  File& self = file_of(file);
  if (!recorder->takes_sync()) {
    recorder->add({.kind = RecordedDisk::Kind::failed_sync, .file = self.name()});
    return SQLITE_IOERR_FSYNC;
  }
  recorder->add({.kind = RecordedDisk::Kind::sync, .file = self.name()});
  if (self.names_are_synced) recorder->sync_names();
  self.names_are_synced = false;
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* f) { return methods_of(f).xClose(real_of(f)); },
    .xRead = [](sqlite3_file* f, void* to, int size,
                sqlite3_int64 at) { return methods_of(f).xRead(real_of(f), to, size, at); },
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return methods_of(f).xFileSize(real_of(f), size); },
    .xLock = [](sqlite3_file* f, int level) { return methods_of(f).xLock(real_of(f), level); },
    .xUnlock = [](sqlite3_file* f, int level) { return methods_of(f).xUnlock(real_of(f), level); },
    .xCheckReservedLock =
        [](sqlite3_file* f, int* out) { return methods_of(f).xCheckReservedLock(real_of(f), out); },
    .xFileControl =
        [](sqlite3_file* f, int code, void* argument) {
          return methods_of(f).xFileControl(real_of(f), code, argument);
        },
    .xSectorSize = [](sqlite3_file* f) { return methods_of(f).xSectorSize(real_of(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return methods_of(f).xDeviceCharacteristics(real_of(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
          return methods_of(f).xShmMap(real_of(f), page, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* f, int offset, int count,
                   int flags) { return methods_of(f).xShmLock(real_of(f), offset, count, flags); },
    .xShmBarrier = [](sqlite3_file* f) { methods_of(f).xShmBarrier(real_of(f)); },
    .xShmUnmap = [](sqlite3_file* f,
                    int remove) { return methods_of(f).xShmUnmap(real_of(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  CHECK(path != nullptr);  // the store needs no temporary files
  File& self = file_of(file);
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(path, ignored);
  recorder->notice_rename(path);
  const int result = unix_vfs()->xOpen(unix_vfs(), path, self.real(), flags, out_flags);
  self.base.pMethods = result == SQLITE_OK ? &kMethods : nullptr;
  self.path = path;
  const bool is_side_file = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  self.names_are_synced = is_side_file && (flags & SQLITE_OPEN_CREATE) != 0;
  if (result == SQLITE_OK && is_new) {
    recorder->add({.kind = RecordedDisk::Kind::create, .file = self.name()});
  }
  return result;
}

int remove(sqlite3_vfs*, const char* path, int sync_directory) {
  recorder->add({.kind = RecordedDisk::Kind::remove,
                 .file = std::filesystem::path(path).filename().string()});
  if (sync_directory != 0) recorder->sync_names();
  return unix_vfs()->xDelete(unix_vfs(), path, 0);
}

sqlite3_vfs& recorded_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *unix_vfs();
    made.zName = "recorded";
    made.pNext = nullptr;
    made.szOsFile += static_cast<int>(sizeof(File));
    made.xOpen = open;
    made.xDelete = remove;
    return made;
  }();
  return vfs;
}

// --- What a loss of power leaves -----------------------------------------------------------------

using Operation = RecordedDisk::Operation;
using Kind = RecordedDisk::Kind;

void put(std::string& content, std::size_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  content.replace(offset, bytes.size(), bytes);
}

void apply(std::string& content, const Operation& operation) {
  const auto offset = static_cast<std::size_t>(operation.offset);
  if (operation.kind == Kind::truncate) {
    content.resize(std::min(content.size(), offset));
  } else {
    put(content, offset, operation.bytes);
  }
}

// Whole, not at all, or some of its sectors.
void apply_by_chance(std::string& content, const Operation& operation, chain::Random& random) {
  const std::uint64_t fate = random.below(3);
  if (fate == 0) return;
  if (fate == 1 || operation.kind == Kind::truncate) return apply(content, operation);
  const auto offset = static_cast<std::size_t>(operation.offset);
  const std::string_view bytes = operation.bytes;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(kSector - (offset + at) % kSector, bytes.size() - at);
    if (random.below(2) == 0) put(content, offset + at, bytes.substr(at, size));
    at += size;
  }
}

// A step in the life of a name. A rename gives one and takes another, or neither.
struct NameStep {
  std::string name;
  bool there;
  std::string old_name = {};

  void apply_to(std::map<std::string, bool>& names) const {
    names[name] = there;
    if (!old_name.empty()) names[old_name] = false;
  }
};

// A file's content on disk, and what was done to it since.
struct Content {
  std::string synced;
  std::vector<const Operation*> pending;
};

struct Disk {
  std::map<std::string, Content> files;
  std::map<std::string, bool> names;  // synced: whether it is there
  std::vector<NameStep> name_steps;   // since

  void take(const Operation& operation, bool is_done, chain::Random& random) {
    Content& content = files[operation.file];
    switch (operation.kind) {
      case Kind::create:
        content = {};
        name_steps.push_back({operation.file, true});
        break;
      case Kind::remove:
        name_steps.push_back({operation.file, false});
        break;
      case Kind::rename:
        content = files[operation.bytes];
        name_steps.push_back({operation.file, true, operation.bytes});
        break;
      case Kind::write:
      case Kind::truncate:
        content.pending.push_back(&operation);
        break;
      case Kind::sync:
        if (!is_done) break;
        for (const Operation* each : content.pending) apply(content.synced, *each);
        content.pending.clear();
        break;
      case Kind::failed_sync:
        for (const Operation* each : content.pending) {
          apply_by_chance(content.synced, *each, random);
        }
        content.pending.clear();
        break;
      case Kind::sync_names:
        if (!is_done) break;
        for (const NameStep& step : name_steps) step.apply_to(names);
        name_steps.clear();
        break;
      case Kind::promise:
        break;
    }
  }
};

}  // namespace

RecordedDisk::RecordedDisk() {
  CHECK(recorder == nullptr);
  recorder = this;
  sqlite3_vfs_register(&recorded_vfs(), 1);
}

RecordedDisk::~RecordedDisk() {
  sqlite3_vfs_register(unix_vfs(), 1);
  sqlite3_vfs_unregister(&recorded_vfs());
  recorder = nullptr;
}

void RecordedDisk::notice_rename(const std::string& path) {
  const auto name = [](const std::string& of) {
    return std::filesystem::path(of).filename().string();
  };
  if (path.ends_with(".new")) unfinished_.insert(name(path));
  const std::string old_name = name(path) + ".new";
  if (unfinished_.erase(old_name) == 0) return;
  add({.kind = Kind::rename, .file = name(path), .bytes = old_name});
  sync_names();
}

RecordedDisk::Files RecordedDisk::after_power_loss(const std::vector<Operation>& operations,
                                                   std::size_t cut, chain::Random& random) {
  Disk disk;
  for (std::size_t i = 0; i < cut; ++i) disk.take(operations[i], true, random);
  disk.take(operations[cut], false, random);
  for (const NameStep& step : disk.name_steps) {
    if (random.below(2) == 0) step.apply_to(disk.names);
  }
  Files files;
  for (const auto& [name, there] : disk.names) {
    if (!there) continue;
    const Content& content = disk.files[name];
    std::string bytes = content.synced;
    for (const Operation* operation : content.pending) apply_by_chance(bytes, *operation, random);
    files[name] = std::move(bytes);
  }
  return files;
}

std::size_t RecordedDisk::promised(const std::vector<Operation>& operations, std::size_t cut) {
  std::size_t promised = 0;
  for (std::size_t i = 0; i < cut; ++i) promised = std::max(promised, operations[i].promised);
  return promised;
}

}  // namespace net
