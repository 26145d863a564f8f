// SQLite with destructors and without return codes to forget: a database, a statement, a
// transaction.
//
// What SQLite refuses is thrown as a Failure with SQLite's own words, for every caller here wants
// the same: say it in one line and end the process. A file that is damaged is one of its own
// (Damaged), since something can be done about it. Only what the store needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net-real/failure.h"

struct sqlite3;
struct sqlite3_stmt;

namespace net {

// The help for a damaged store, and for one of which nothing can be saved.
inline constexpr std::string_view kRepair = "chainnode repair saves what can be read of it";
inline constexpr std::string_view kMoveAway =
    "move it away and the node fetches the chain again from its peers";

// A file that SQLite cannot make sense of. Tells what helps.
struct Damaged : Failure {
  Damaged(const std::string& path, const std::string& what, std::string_view help = kRepair)
      : Failure(kExitBadInput, path + ": " + what + "; " + std::string(help)) {}
};

// SQLite may not write where it has to.
struct NotWritable : Failure {
  using Failure::Failure;
};

class Database {
 public:
  // create: opens what is there, too. immutable: nobody writes to the file, and it has no log.
  enum class Mode { create, read_only, immutable };

  explicit Database(const std::string& path, Mode mode = Mode::create);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql);
  // From now on, a file that is shorter than its header says can be read as far as it goes, and so
  // can the tables whose own description is readable. Without it, all of that is Damaged.
  void read_what_is_left();
  std::int64_t last_id() const;
  // What is wrong with the file: pages, and whether each index holds what its table does. Empty:
  // nothing.
  std::vector<std::string> complaints();
  // Moves the write-ahead log into the database file once it has so many pages. To be called after
  // commits, for SQLite's own way of doing so keeps a failed sync to itself.
  void checkpoint_from(int pages);

 private:
  friend class Statement;
  [[noreturn]] void fail() const;

  std::string path_;
  sqlite3* handle_ = nullptr;
  int log_pages_ = 0;  // in the write-ahead log
};

// Writes what the write-ahead log of that database holds once more, and syncs it; to be called
// before the database is opened. A process that was killed, or whose sync failed, may have left
// there what this one can read and the disk has not: the system may believe that it is written.
void rewrite_log(const std::string& path);

// A prepared statement, used again and again.
//   while (statement.step()) ... statement.integer(0) ...;   then reset()
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters from 1 on. What is bound is copied.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind_null(int index);

  bool step();   // true: there is a row
  void reset();  // ready for the next use
  void run();    // all steps, and a reset

  // Columns of the row, from 0 on; text stays valid until the next step or reset.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  bool is_null(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

// All or nothing: rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace net
