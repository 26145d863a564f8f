// A file that takes its place only when it is whole.
//
// It is made beside that place, under the name FILE.new, and renamed once it is synced to disk. So
// a file with the final name is never half of what it should be: an empty one is damage.
#pragma once

#include <string>

namespace net {

class UnfinishedFile {
 public:
  // Removes what an earlier run left under that name.
  explicit UnfinishedFile(const std::string& file);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  const std::string& path() const { return path_; }
  // Syncs it and gives it its name; the names in the directory are synced, too. Throws Failure.
  // REQUIRES: nobody has it open.
  void finish();

 private:
  void remove() const;

  const std::string file_, path_;
};

}  // namespace net
