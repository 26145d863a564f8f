#include "net-real/unfinished_file.h"

#include <filesystem>

#include "net-real/data_directory.h"
#include "net-real/failure.h"

namespace net {

UnfinishedFile::UnfinishedFile(const std::string& file) : file_(file), path_(file + ".new") {
  remove();
}

UnfinishedFile::~UnfinishedFile() { remove(); }

void UnfinishedFile::finish() {
  sync_file(path_);
  std::error_code error;
  std::filesystem::rename(path_, file_, error);
  if (error) throw Failure(kExitCannotWrite, path_ + " cannot be moved: " + error.message());
  sync_names_beside(file_);
}

void UnfinishedFile::remove() const {
  std::error_code ignored;
  for (const char* part : {"", "-journal"}) std::filesystem::remove(path_ + part, ignored);
}

}  // namespace net
