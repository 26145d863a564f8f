#include "net-real/store_reader.h"

#include <stdlib.h>  // mkdtemp

#include <cerrno>
#include <fstream>
#include <system_error>

#include "net-real/failure.h"
#include "net-real/store_schema.h"

namespace net {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLogs[] = {"-wal", "-journal"};

bool has_log(const std::string& file) {
  std::error_code error;
  for (const char* log : kLogs) {
    if (fs::exists(file + log, error) || error) return true;
  }
  return false;
}

void check_readable(const std::string& file) {
  std::error_code error;
  for (const char* part : {"", "-wal", "-journal"}) {
    if (!fs::exists(file + part, error) && !error) continue;
    errno = 0;
    if (std::ifstream(file + part)) continue;
    const std::string why = std::system_category().message(errno);
    throw Failure(kExitCannotWrite, file + part + " cannot be read: " + why);
  }
}

}  // namespace

std::string existing_file(const fs::path& directory) {
  const std::string file = database_file(directory);
  std::error_code error;
  if (fs::exists(file, error)) return file;
  if (error) throw Failure(kExitCannotWrite, file + " cannot be read: " + error.message());
  throw Failure(kExitBadInput, "data directory " + directory.string() + " holds no chain");
}

StoreReader::StoreReader(const fs::path& directory) {
  const std::string file = existing_file(directory);
  check_not_empty(file);
  try {
    database_ = std::make_unique<Database>(file, Database::Mode::read_only);
    database_->run("SELECT count(*) FROM sqlite_schema");
  } catch (const NotWritable&) {
    database_.reset();
    open_where_nothing_is_written(directory);
  }
  check_has_meta(*database_, directory);
}

StoreReader::Copy::~Copy() {
  std::error_code ignored;
  if (!path.empty()) fs::remove_all(path, ignored);
}

StoreReader::~StoreReader() = default;

void StoreReader::open_where_nothing_is_written(const fs::path& directory) {
  const std::string file = database_file(directory);
  check_readable(file);
  lock_.emplace(directory);
  if (!lock_->is_held()) {
    throw Failure(kExitBadInput, "data directory " + directory.string() +
                                     " cannot be written here, and a node uses it: only a user "
                                     "who may write there can read it meanwhile");
  }
  if (!has_log(file)) {
    database_ = std::make_unique<Database>(file, Database::Mode::immutable);
    database_->run("SELECT count(*) FROM sqlite_schema");
    return;
  }
  copy(file);
  database_ = std::make_unique<Database>(database_file(copy_.path));
}

void StoreReader::copy(const std::string& from) {
  std::error_code error;
  const fs::path place = fs::temp_directory_path(error);
  const auto fail = [&](const std::string& what, const std::error_code& why) {
    throw Failure(kExitCannotWrite, from + " cannot be written beside, and " + what +
                                        " cannot be copied to " + place.string() + ": " +
                                        why.message() + "; TMPDIR names another place");
  };
  if (error) fail("it", error);
  std::string name = (place / "chainnode-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) fail("it", {errno, std::system_category()});
  copy_.path = name;
  const std::string to = database_file(copy_.path);
  for (const char* part : {"", "-wal", "-journal"}) {
    if (part[0] != '\0' && !fs::exists(from + part)) continue;
    fs::copy_file(from + part, to + part, error);
    // The library calls a full file system an input or output error.
    std::error_code unknown;
    const bool is_full = fs::space(place, unknown).available < fs::file_size(from + part, unknown);
    if (error && !unknown && is_full) error = std::make_error_code(std::errc::no_space_on_device);
    if (error) fail(from + part, error);
    // Rights of a copy are those of the original, which may be to read alone.
    fs::permissions(to + part, fs::perms::owner_read | fs::perms::owner_write, error);
    if (error) fail(from + part, error);
  }
}

}  // namespace net
