// A disk that remembers every write and every sync of SQLite, and what a loss of power leaves of
// them.
//
// While one is alive, SQLite works through it; files are real, too. What was not synced when the
// power goes is lost, kept or torn (in sectors of 512 bytes), each write by itself, so that later
// ones may outlive earlier ones; a file may keep a name that it had lost, or lose one that was not
// synced. SQLite's own assumption is made here as well: a torn write damages nothing besides what
// it writes. After a sync that fails the system forgets what it was to write: chance decides then
// what is on disk, and no later sync mends it. The shared memory of the log (-shm) is never on
// disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"

namespace net {

class RecordedDisk {
 public:
  enum class Kind {
    create,
    write,
    truncate,
    sync,
    failed_sync,
    sync_names,
    remove,
    rename,
    promise
  };
  struct Operation {
    Kind kind;
    std::string file = {};     // its name without directory
    std::int64_t offset = 0;   // truncate: the new size
    std::string bytes = {};    // written; rename: the old name
    std::size_t promised = 0;  // promise: how many things must be there from now on
  };
  // Names and contents.
  using Files = std::map<std::string, std::string>;

  RecordedDisk();
  ~RecordedDisk();
  RecordedDisk(const RecordedDisk&) = delete;
  RecordedDisk& operator=(const RecordedDisk&) = delete;

  // From here on so much must be found again.
  void promise(std::size_t things) { add({.kind = Kind::promise, .promised = things}); }
  // The directory was synced, which SQLite does not do here.
  void sync_names() { add({.kind = Kind::sync_names}); }
  void add(Operation operation) { operations_.push_back(std::move(operation)); }
  // SQLite knows nothing of what renames FILE.new to FILE (unfinished_file.h): it is noticed when
  // FILE is opened. The names are synced by then.
  void notice_rename(const std::string& path);
  const std::vector<Operation>& operations() const { return operations_; }

  // The next so many syncs succeed, those after them fail, until they are let succeed again.
  void fail_syncs_after(int syncs) { syncs_left_ = syncs; }
  void let_sync() { syncs_left_ = std::nullopt; }
  bool takes_sync() { return !syncs_left_ || (*syncs_left_ > 0 && (*syncs_left_)-- > 0); }

  // What is there after a loss of power during operation `cut`, as chance has it.
  static Files after_power_loss(const std::vector<Operation>& operations, std::size_t cut,
                                chain::Random& random);
  // How many things were promised before operation `cut`.
  static std::size_t promised(const std::vector<Operation>& operations, std::size_t cut);

 private:
  std::vector<Operation> operations_;
  std::set<std::string> unfinished_;  // FILE.new that was made
  std::optional<int> syncs_left_;     // until they fail
};

}  // namespace net
