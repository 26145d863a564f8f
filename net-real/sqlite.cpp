#include "net-real/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstddef>
namespace net {

namespace {

// SQLite says "disk I/O error" for all of these.
std::string words_of(int extended_code) {
  switch (extended_code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return " (a sync to disk failed: what was written may be lost)";
    case SQLITE_IOERR_WRITE:
      return " (a write failed)";
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
      return " (a read failed)";
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP:
    case SQLITE_FULL:
      return " (the disk has no room)";
    default:
      return "";
  }
}

// https://www.sqlite.org/uri.html
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '?') {
      uri += "%3f";
    } else if (c == '#') {
      uri += "%23";
    } else if (c == '%') {
      uri += "%25";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

int remember_pages(void* log_pages, sqlite3*, const char*, int pages) {
  *static_cast<int*>(log_pages) = pages;
  return SQLITE_OK;
}

}  // namespace

Database::Database(const std::string& path, Mode mode) : path_(path) {
  int access = SQLITE_OPEN_NOMUTEX;
  access |=
      mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (mode == Mode::immutable) access |= SQLITE_OPEN_URI;
  const std::string name = mode == Mode::immutable ? immutable_uri(path) : path;
  if (sqlite3_open_v2(name.c_str(), &handle_, access, nullptr) != SQLITE_OK) {
    const std::string why = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
    sqlite3_close(handle_);
    throw NotWritable(kExitCannotWrite, path + ": " + why);
  }
  // This takes the place of SQLite's own checkpoints. PRAGMA wal_autocheckpoint would remove it.
  sqlite3_wal_hook(handle_, remember_pages, &log_pages_);
}

Database::~Database() { sqlite3_close(handle_); }

void Database::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

// `.recover` of the sqlite3 shell does the same.
void Database::read_what_is_left() { run("PRAGMA writable_schema=ON"); }

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_); }

std::vector<std::string> Database::complaints() {
  std::vector<std::string> all;
  Statement check(*this, "PRAGMA integrity_check(10)");
  while (check.step()) all.emplace_back(check.text(0));
  if (all == std::vector<std::string>{"ok"}) all.clear();
  return all;
}

void Database::checkpoint_from(int pages) {
  if (log_pages_ < pages) return;
  const int result =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  // Busy: somebody copies the file just now. The log, synced by then, grows on meanwhile.
  if (result != SQLITE_OK && result != SQLITE_BUSY && result != SQLITE_LOCKED) fail();
  log_pages_ = 0;
}

void Database::fail() const {
  const int code = sqlite3_errcode(handle_);
  const std::string what = sqlite3_errmsg(handle_) + words_of(sqlite3_extended_errcode(handle_));
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_CONSTRAINT) {
    throw Damaged(path_, what);
  }
  if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) {
    throw NotWritable(kExitCannotWrite, path_ + ": " + what);
  }
  // Each statement fits the tables of a sound store.
  const bool lacks = what.starts_with("no such table") || what.starts_with("no such column") ||
                     what.find("has no column named") != what.npos;
  if (code == SQLITE_ERROR && lacks) throw Damaged(path_, what);
  if (what == "unsupported file format") throw Damaged(path_, what, kMoveAway);
  throw Failure(kExitCannotWrite, path_ + ": " + what);
}

void rewrite_log(const std::string& path) {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  const std::string log = path + "-wal";
  int exists = 0;
  vfs->xAccess(vfs, log.c_str(), SQLITE_ACCESS_EXISTS, &exists);
  if (exists == 0) return;
  const auto check = [&log](int result) {
    if (result == SQLITE_OK) return;
    throw Failure(kExitCannotWrite, log + ": " + sqlite3_errstr(result) + words_of(result));
  };
  const char* const name = sqlite3_create_filename(path.c_str(), "", log.c_str(), 0, nullptr);
  std::vector<std::max_align_t> room(
      static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
  auto* const file = reinterpret_cast<sqlite3_file*>(room.data());
  check(vfs->xOpen(vfs, sqlite3_filename_wal(name), file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL,
                   nullptr));
  sqlite3_int64 size = 0;
  int result = file->pMethods->xFileSize(file, &size);
  std::array<char, 64 << 10> piece;
  for (sqlite3_int64 at = 0; result == SQLITE_OK && at < size;) {
    const auto bytes = static_cast<int>(std::min<sqlite3_int64>(size - at, piece.size()));
    result = file->pMethods->xRead(file, piece.data(), bytes, at);
    if (result == SQLITE_OK) result = file->pMethods->xWrite(file, piece.data(), bytes, at);
    at += bytes;
  }
  if (result == SQLITE_OK && size > 0) result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  file->pMethods->xClose(file);
  sqlite3_free_filename(name);
  check(result);
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  if (sqlite3_prepare_v2(database.handle_, sql, -1, &handle_, nullptr) != SQLITE_OK) {
    database.fail();
  }
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int index, std::int64_t value) {
  if (sqlite3_bind_int64(handle_, index, value) != SQLITE_OK) database_.fail();
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  if (sqlite3_bind_text64(handle_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) !=
      SQLITE_OK) {
    database_.fail();
  }
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  if (sqlite3_bind_blob64(handle_, index, data, bytes.size(), SQLITE_TRANSIENT) != SQLITE_OK) {
    database_.fail();
  }
  return *this;
}

Statement& Statement::bind_null(int index) {
  if (sqlite3_bind_null(handle_, index) != SQLITE_OK) database_.fail();
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(handle_);
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_.fail();
  return result == SQLITE_ROW;
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

Transaction::Transaction(Database& database) : database_(database) { database.run("BEGIN"); }

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Failure&) {  // the failure that brought us here is the one to be told
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace net
