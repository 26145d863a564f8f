#include "net-real/block_row.h"

#include <cstring>
#include <string_view>

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
    data_json TEXT);                  -- NULL while only the header is known
)";
#define SELECT_BLOCKS                                                                       \
  "SELECT id, hash, previous_hash, height, version, timestamp_ms, merkle_root, difficulty," \
  " nonce, key_order, data_json FROM blocks "
const char kSelectBlocks[] = SELECT_BLOCKS "ORDER BY id";
const char kSelectBlockFrom[] = SELECT_BLOCKS "WHERE id >= ? ORDER BY id LIMIT 1";
#undef SELECT_BLOCKS
#define INTO_BLOCKS                                                                           \
  "INTO blocks (hash, previous_hash, height, version, timestamp_ms, merkle_root, difficulty," \
  " nonce, key_order, data_json) VALUES (?,?,?,?,?,?,?,?,?,?)"
const char kInsertBlock[] = "INSERT " INTO_BLOCKS;
const char kInsertNewBlock[] = "INSERT OR IGNORE " INTO_BLOCKS;
#undef INTO_BLOCKS

namespace {

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

}  // namespace

chain::Result<StoredBlock> read_block(const Statement& row) {
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
}

}  // namespace net
