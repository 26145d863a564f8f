// A block as a row of the store's table `blocks`, there and back.
//
// By columns, so that `sqlite3` answers questions about them. The order in which a block's JSON had
// its keys is nine letters. A header without its body is a row whose data is NULL.
//
// Each row has a checksum of its own, so that a flipped bit is found under all rules. It is the
// first 8 bytes of a SHA-256 over the other columns without the id. Each column is written as
// `LENGTH:BYTES,`: numbers in decimal, NULL as `-,`. Any tool can compute it; 8 bytes miss one
// random change in 2^64.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/block.h"
#include "core/result.h"
#include "net-real/sqlite.h"

namespace net {

inline constexpr std::size_t kChecksumBytes = 8;

extern const char kCreateBlocks[];
extern const char kAddChecksum[];         // to a table without the column
extern const char kSelectBlocks[];        // parents first
extern const char kSelectBlockFrom[];     // the first whose id is at least ?
extern const char kSelectOldBlockFrom[];  // the same without the checksum
extern const char kInsertBlock[];
extern const char kInsertNewBlock[];  // nothing, if its hash is there already
extern const char kAddBody[];         // data_json, checksum, id

struct StoredBlock {
  std::int64_t row = 0;
  chain::Header header;
  std::optional<std::string> data_json;
};

// The row that a kSelectBlocks stands on. The error goes behind the block's name. `read_fields`
// does not look at the checksum.
chain::Result<StoredBlock> read_block(const Statement& row);
chain::Result<StoredBlock> read_fields(const Statement& row);
// `data_json`: null, only the header is known.
std::string row_checksum(const chain::Header& header, const std::string* data_json);
// Gives each row that is readable the checksum of what it holds now.
void seal_blocks(Database& database);
// Into the parameters of a kInsertBlock or kInsertNewBlock. `data_json`: null, only the header is
// known.
void bind_block(Statement& insert, const chain::Header& header, const std::string* data_json);

}  // namespace net
