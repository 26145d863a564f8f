#include "net-real/damaged_file.h"

#include <filesystem>

#include "net-real/data_directory.h"
#include "net-real/failure.h"

namespace net {
namespace {

std::string free_name_for(const std::string& file) {
  std::error_code error;
  std::string name = file + ".damaged";
  for (int i = 2; std::filesystem::exists(name, error); ++i) {
    name = file + ".damaged." + std::to_string(i);
  }
  return name;
}

void copy_to_disk(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to, error);
  if (error) {
    throw Failure(kExitCannotWrite, from + " is damaged and cannot be copied: " + error.message());
  }
  sync_file(to);
}

}  // namespace

std::string keep_damaged(const std::string& file) {
  const std::string name = free_name_for(file);
  copy_to_disk(file, name);
  std::error_code error;
  const auto log_bytes = std::filesystem::file_size(file + "-wal", error);
  if (!error && log_bytes > 0) copy_to_disk(file + "-wal", name + "-wal");
  sync_names_beside(file);
  return name;
}

}  // namespace net
