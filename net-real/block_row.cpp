#include "net-real/block_row.h"

#include <cstring>
#include <string_view>

#include "core/sha256.h"

namespace net {

const char kCreateBlocks[] = R"(
  CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,           -- parents have smaller ones
    hash BLOB NOT NULL UNIQUE,
    previous_hash BLOB NOT NULL,
    height INTEGER NOT NULL,
    version TEXT NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    merkle_root BLOB,                 -- NULL where the key is absent
    difficulty INTEGER NOT NULL,
    nonce INTEGER NOT NULL,
    key_order TEXT NOT NULL,
    data_json TEXT,                   -- NULL while only the header is known
    checksum BLOB);                   -- of the columns from hash to data_json
)";
const char kAddChecksum[] = "ALTER TABLE blocks ADD COLUMN checksum BLOB";
#define SELECT_FIELDS                                                                       \
  "SELECT id, hash, previous_hash, height, version, timestamp_ms, merkle_root, difficulty," \
  " nonce, key_order, data_json"
const char kSelectBlocks[] = SELECT_FIELDS ", checksum FROM blocks ORDER BY id";
const char kSelectBlockFrom[] =
    SELECT_FIELDS ", checksum FROM blocks WHERE id >= ? ORDER BY id LIMIT 1";
const char kSelectOldBlockFrom[] = SELECT_FIELDS " FROM blocks WHERE id >= ? ORDER BY id LIMIT 1";
#define INTO_BLOCKS                                                                           \
  "INTO blocks (hash, previous_hash, height, version, timestamp_ms, merkle_root, difficulty," \
  " nonce, key_order, data_json, checksum) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
const char kInsertBlock[] = "INSERT " INTO_BLOCKS;
const char kInsertNewBlock[] = "INSERT OR IGNORE " INTO_BLOCKS;
#undef INTO_BLOCKS
const char kAddBody[] = "UPDATE blocks SET data_json = ?, checksum = ? WHERE id = ?";

namespace {

constexpr char kSelectAllFields[] = SELECT_FIELDS " FROM blocks ORDER BY id";
#undef SELECT_FIELDS

using chain::Error;

// A letter for each BlockKey.
constexpr std::string_view kKeyLetters = "VGTMPHDNX";
static_assert(kKeyLetters.size() == chain::kBlockKeys);

std::string key_letters(const chain::KeyOrder& order) {
  std::string letters;
  for (const chain::BlockKey key : order.keys)
    letters += kKeyLetters[static_cast<std::size_t>(key)];
  return letters;
}

std::optional<chain::KeyOrder> key_order(std::string_view letters) {
  if (letters.size() != chain::kBlockKeys) return std::nullopt;
  chain::KeyOrder order;
  unsigned seen = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::size_t key = kKeyLetters.find(letters[i]);
    if (key == kKeyLetters.npos || (seen >> key & 1u) != 0) return std::nullopt;
    seen |= 1u << key;
    order.keys[i] = static_cast<chain::BlockKey>(key);
  }
  return order;
}

std::string_view bytes_of(const chain::Hash& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

std::optional<chain::Hash> hash_from(std::string_view bytes) {
  chain::Hash hash;
  if (bytes.size() != hash.bytes.size()) return std::nullopt;
  std::memcpy(hash.bytes.data(), bytes.data(), bytes.size());
  return hash;
}

void append_field(std::string& summed, std::string_view field) {
  summed += std::to_string(field.size()) + ":";
  summed.append(field) += ',';
}

std::string checksum_of(const StoredBlock& block) {
  return row_checksum(block.header, block.data_json ? &*block.data_json : nullptr);
}

}  // namespace

std::string row_checksum(const chain::Header& header, const std::string* data_json) {
  constexpr std::string_view kNull = "-,";
  std::string summed;
  append_field(summed, bytes_of(header.hash));
  append_field(summed, bytes_of(header.previous_hash));
  append_field(summed, std::to_string(header.height));
  append_field(summed, header.version);
  append_field(summed, std::to_string(header.timestamp_ms));
  if (header.has_merkle_root) {
    append_field(summed, bytes_of(header.merkle_root));
  } else {
    summed += kNull;
  }
  append_field(summed, std::to_string(header.difficulty));
  append_field(summed, std::to_string(header.nonce));
  append_field(summed, key_letters(header.order));
  if (data_json != nullptr) {
    append_field(summed, *data_json);
  } else {
    summed += kNull;
  }
  return std::string(bytes_of(chain::sha256(summed)).substr(0, kChecksumBytes));
}

void seal_blocks(Database& database) {
  Statement rows(database, kSelectAllFields);
  Statement seal(database, "UPDATE blocks SET checksum = ? WHERE id = ?");
  while (rows.step()) {
    const auto block = read_fields(rows);
    if (block) seal.bind_blob(1, checksum_of(*block)).bind(2, block->row).run();
  }
}

chain::Result<StoredBlock> read_fields(const Statement& row) {
  const auto hash = hash_from(row.text(1));
  const auto previous = hash_from(row.text(2));
  const auto order = key_order(row.text(9));
  const bool has_root = !row.is_null(6);
  const auto root = has_root ? hash_from(row.text(6)) : chain::Hash{};
  if (!hash || !previous || !order || !root) return Error{std::string("is not readable")};
  StoredBlock block;
  block.row = row.integer(0);
  block.header = {.version = std::string(row.text(4)),
                  .height = row.integer(3),
                  .timestamp_ms = row.integer(5),
                  .has_merkle_root = has_root,
                  .merkle_root = *root,
                  .previous_hash = *previous,
                  .hash = *hash,
                  .difficulty = row.integer(7),
                  .nonce = row.integer(8),
                  .order = *order};
  if (!row.is_null(10)) block.data_json = std::string(row.text(10));
  return block;
}

chain::Result<StoredBlock> read_block(const Statement& row) {
  auto block = read_fields(row);
  if (block && row.text(11) != checksum_of(*block)) {
    return Error{std::string("is not as it was written: its checksum differs")};
  }
  return block;
}

void bind_block(Statement& insert, const chain::Header& header, const std::string* data_json) {
  insert.bind_blob(1, bytes_of(header.hash)).bind_blob(2, bytes_of(header.previous_hash));
  insert.bind(3, header.height).bind(4, header.version).bind(5, header.timestamp_ms);
  if (header.has_merkle_root) {
    insert.bind_blob(6, bytes_of(header.merkle_root));
  } else {
    insert.bind_null(6);
  }
  insert.bind(7, header.difficulty).bind(8, header.nonce).bind(9, key_letters(header.order));
  if (data_json != nullptr) {
    insert.bind(10, *data_json);
  } else {
    insert.bind_null(10);
  }
  insert.bind_blob(11, row_checksum(header, data_json));
}

}  // namespace net
