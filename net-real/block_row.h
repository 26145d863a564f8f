// A block as a row of the store's table `blocks`, there and back.
//
// By columns, so that `sqlite3` answers questions about them. The order in which a block's JSON had
// its keys is nine letters. A header without its body is a row whose data is NULL.
#pragma once

#include <optional>
#include <string>

#include "core/block.h"
#include "core/result.h"
#include "net-real/sqlite.h"

namespace net {

extern const char kCreateBlocks[];
extern const char kSelectBlocks[];     // parents first
extern const char kSelectBlockFrom[];  // the first whose id is at least ?
extern const char kInsertBlock[];
extern const char kInsertNewBlock[];  // nothing, if its hash is there already

struct StoredBlock {
  std::int64_t row = 0;
  chain::Header header;
  std::optional<std::string> data_json;
};

// The row that a kSelectBlocks stands on. The error goes behind the block's name.
chain::Result<StoredBlock> read_block(const Statement& row);
// Into the parameters of a kInsertBlock or kInsertNewBlock. `data_json`: null, only the header is
// known.
void bind_block(Statement& insert, const chain::Header& header, const std::string* data_json);

}  // namespace net
