#include "net-sim/sweep/database.h"

#include <sqlite3.h>

#include <memory>

namespace sim {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPointer = std::unique_ptr<sqlite3_stmt, EndStatement>;

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

class NewDatabase {
 public:
  explicit NewDatabase(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    ok_ = sqlite3_open(file.c_str(), &opened) == SQLITE_OK;
    database_.reset(opened);
    run("PRAGMA journal_mode=OFF");  // a file that is not finished is thrown away
    run("PRAGMA synchronous=OFF");
  }

  void run(const std::string& sql) {
    ok_ = ok_ && sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  void add(const TextTable& table) {
    std::string columns, places;
    for (const std::string& column : table.columns) {
      columns += (columns.empty() ? "" : ", ") + quoted_name(column);
      places += places.empty() ? "?" : ", ?";
    }
    run("CREATE TABLE " + table.name + " (" + columns + ")");
    const std::string sql = "INSERT INTO " + table.name + " VALUES (" + places + ")";
    sqlite3_stmt* prepared = nullptr;
    ok_ = ok_ &&
          sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr) == SQLITE_OK;
    const StatementPointer statement(prepared);
    for (const std::vector<Json>& row : table.rows) {
      if (!ok_) return;
      for (std::size_t i = 0; i < row.size(); ++i) bind(prepared, static_cast<int>(i) + 1, row[i]);
      ok_ = sqlite3_step(prepared) == SQLITE_DONE && sqlite3_reset(prepared) == SQLITE_OK;
    }
  }

  // One line; empty: all went well.
  std::string close() {
    std::string fault;
    if (!ok_) fault = database_ ? sqlite3_errmsg(database_.get()) : "no memory";
    if (sqlite3_close(database_.release()) != SQLITE_OK && fault.empty())
      fault = "cannot be closed";
    return fault;
  }

 private:
  void bind(sqlite3_stmt* statement, int place, const Json& cell) {
    int code = SQLITE_OK;
    if (cell.is_null()) {
      code = sqlite3_bind_null(statement, place);
    } else if (cell.is_number_float()) {
      code = sqlite3_bind_double(statement, place, cell.get<double>());
    } else if (cell.is_number()) {
      code = sqlite3_bind_int64(statement, place, cell.get<std::int64_t>());
    } else {
      const std::string text = cell.get<std::string>();
      code = sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()),
                               SQLITE_TRANSIENT);
    }
    ok_ = ok_ && code == SQLITE_OK;
  }

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  bool ok_ = false;
};

}  // namespace

chain::Result<std::filesystem::path> write_database(const std::filesystem::path& file,
                                                    const std::vector<TextTable>& tables) {
  const std::filesystem::path temporary = file.string() + ".part";
  std::error_code failed;
  std::filesystem::remove(temporary, failed);
  NewDatabase database(temporary);
  database.run("BEGIN");
  for (const TextTable& table : tables) database.add(table);
  database.run("COMMIT");
  std::string fault = database.close();
  if (fault.empty()) {
    std::filesystem::rename(temporary, file, failed);
    if (!failed) return file;
    fault = failed.message();
  }
  std::filesystem::remove(temporary, failed);
  return chain::Error("cannot write " + file.string() + ": " + fault);
}

}  // namespace sim
