#include "net-real/block_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/check.h"
#include "net-real/failure.h"

namespace net {
namespace {

using chain::BlockId;

constexpr std::int64_t kNoRow = -1;
constexpr std::int64_t kGenesisRow = 0;  // SQLite counts blocks from 1
constexpr char kDatabaseName[] = "chain.sqlite";

// A letter for each BlockKey: the order of a block's keys as nine letters.
constexpr std::string_view kKeyLetters = "VGTMPHDNX";
static_assert(kKeyLetters.size() == chain::kBlockKeys);

constexpr char kCreateMeta[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";
constexpr char kCreateBlocks[] = R"(
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
constexpr char kCreateDiscouraged[] = R"(
  CREATE TABLE discouraged (
    id INTEGER PRIMARY KEY,           -- the oldest has the smallest
    ip TEXT NOT NULL UNIQUE,
    since_ms INTEGER NOT NULL);       -- Unix milliseconds
)";
constexpr char kMigrateFrom1[] = "ALTER TABLE blocks RENAME TO old_blocks";
constexpr char kMigrateTo2[] = "INSERT INTO blocks SELECT * FROM old_blocks; DROP TABLE old_blocks";

constexpr char kDiscourage[] = "INSERT OR REPLACE INTO discouraged (ip, since_ms) VALUES (?, ?)";
constexpr char kForgetOldest[] =
    "DELETE FROM discouraged WHERE id NOT IN"
    " (SELECT id FROM discouraged ORDER BY id DESC LIMIT ?)";

constexpr char kInsert[] =
    "INSERT INTO blocks (hash, previous_hash, height, version, timestamp_ms, merkle_root,"
    " difficulty, nonce, key_order, data_json) VALUES (?,?,?,?,?,?,?,?,?,?)";
constexpr char kSelectAll[] =
    "SELECT id, hash, previous_hash, height, version, timestamp_ms, merkle_root, difficulty,"
    " nonce, key_order, data_json FROM blocks ORDER BY id";

std::string system_words() { return std::strerror(errno); }

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

// So that the names in a new directory survive a loss of power, too.
void sync_directory(const std::filesystem::path& directory) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  fsync(file);
  close(file);
}

std::filesystem::path made(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    throw Failure(kExitCannotWrite,
                  "data directory " + directory.string() + " cannot be made: " + error.message());
  }
  return directory;
}

}  // namespace

std::string rules_name(const chain::ChainRules& rules) {
  const std::string order = rules.hash_order == chain::HashOrder::standard ? "" : ", variant order";
  if (!rules.is_work()) return "tutorial" + order;
  return "work" + order + ", difficulty " + std::to_string(rules.first_difficulty) + ", retarget " +
         std::to_string(rules.retarget) + ", interval " +
         std::to_string(rules.block_interval.ns / 1'000'000) + " ms, block " +
         std::to_string(rules.max_block) + " bytes";
}

BlockStore::DirectoryLock::DirectoryLock(const std::filesystem::path& directory) {
  const std::string path = (directory / "lock").string();
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) {
    throw Failure(kExitCannotWrite,
                  "data directory " + directory.string() + " cannot be used: " + system_words());
  }
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    const std::string why = taken ? "another node uses it" : system_words();
    close(file_);
    throw Failure(taken ? kExitBadInput : kExitCannotWrite,
                  "data directory " + directory.string() + " cannot be locked: " + why);
  }
}

BlockStore::DirectoryLock::~DirectoryLock() { close(file_); }

BlockStore::BlockStore(const std::filesystem::path& directory)
    : directory_(made(directory)), lock_(directory_), database_(directory_ / kDatabaseName) {
  database_.run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
      "PRAGMA busy_timeout=1000; PRAGMA trusted_schema=OFF");
  create_or_check_schema();
  select_data_.emplace(database_, "SELECT data_json FROM blocks WHERE id = ?");
  insert_block_.emplace(database_, kInsert);
  add_body_.emplace(database_, "UPDATE blocks SET data_json = ? WHERE id = ?");
  set_tip_.emplace(database_, "INSERT OR REPLACE INTO meta VALUES ('tip', ?)");
}

BlockStore::~BlockStore() = default;

void BlockStore::create_or_check_schema() {
  Statement tables(database_, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'");
  tables.step();
  const bool is_new = tables.integer(0) == 0;
  tables.reset();
  if (is_new) {
    Transaction transaction(database_);
    database_.run(kCreateMeta);
    database_.run(kCreateBlocks);
    database_.run(kCreateDiscouraged);
    set_meta("schema", std::to_string(kSchema));
    transaction.commit();
    sync_directory(directory_);
    return;
  }
  if (meta("schema") == "1") migrate_from_1_to_2();
  if (meta("schema") == "2") migrate_from_2_to_3();
  const std::string schema = meta("schema").value_or("none");
  if (schema != std::to_string(kSchema)) {
    throw Failure(kExitBadInput, "data directory " + directory_.string() + " has schema " + schema +
                                     "; this version reads schema " + std::to_string(kSchema));
  }
}

void BlockStore::migrate_from_1_to_2() {
  Transaction transaction(database_);
  database_.run(kMigrateFrom1);
  database_.run(kCreateBlocks);
  database_.run(kMigrateTo2);
  set_meta("schema", "2");
  transaction.commit();
}

void BlockStore::migrate_from_2_to_3() {
  Transaction transaction(database_);
  database_.run(kCreateDiscouraged);
  set_meta("schema", "3");
  transaction.commit();
}

std::optional<std::string> BlockStore::meta(std::string_view key) {
  Statement select(database_, "SELECT value FROM meta WHERE key = ?");
  select.bind(1, key);
  if (!select.step()) return std::nullopt;
  return std::string(select.text(0));
}

void BlockStore::set_meta(std::string_view key, std::string_view value) {
  Statement(database_, "INSERT OR REPLACE INTO meta VALUES (?, ?)")
      .bind(1, key)
      .bind(2, value)
      .run();
}

std::optional<std::string> BlockStore::genesis_text() { return meta("genesis"); }

void BlockStore::check_rules(const chain::ChainRules& rules) {
  const std::string stored = meta("rules").value_or("");
  if (stored != rules_name(rules)) {
    throw Failure(kExitBadInput, "data directory " + directory_.string() + " holds rules '" +
                                     stored + "'; this node has '" + rules_name(rules) + "'");
  }
}

void BlockStore::set_genesis(const std::string& text, const chain::ChainRules& rules) {
  CHECK(!genesis_text());
  Transaction transaction(database_);
  set_meta("genesis", text);
  set_meta("rules", rules_name(rules));
  transaction.commit();
}

void BlockStore::damaged(const std::string& what) const {
  throw Failure(kExitBadInput, "data directory " + directory_.string() + " is damaged: " + what +
                                   "; move it away and the node fetches the chain again");
}

chain::ChainView BlockStore::load(chain::BlockTree& tree, const chain::ChainRules& rules) {
  CHECK(tree.size() == 1);
  rows_.assign(1, kGenesisRow);
  Statement rows(database_, kSelectAll);
  while (rows.step()) load_block(tree, rules, rows);
  chain::ChainView view(0);
  for (BlockId block = 1; block < tree.size(); ++block) {
    if (tree.has_body(block)) {
      view.add_body(block);
    } else {
      view.add_header(block);
    }
  }

  const std::string tip = meta("tip").value_or("0");
  std::int64_t row = kNoRow;
  std::from_chars(tip.data(), tip.data() + tip.size(), row);
  for (BlockId block = 0; block < tree.size(); ++block) {
    if (rows_[block] != row || !tree.has_body(block)) continue;
    view.follow(block);
    return view;
  }
  damaged("the tip is none of the blocks");
}

void BlockStore::load_block(chain::BlockTree& tree, const chain::ChainRules& rules,
                            Statement& row) {
  const std::string name = "block " + std::to_string(row.integer(0));
  const auto hash = hash_from(row.text(1));
  const auto previous = hash_from(row.text(2));
  const auto order = key_order(row.text(9));
  const bool has_root = !row.is_null(6);
  const auto root = has_root ? hash_from(row.text(6)) : chain::Hash{};
  if (!hash || !previous || !order || !root) damaged(name + " is not readable");
  chain::Header header{.version = std::string(row.text(4)),
                       .height = row.integer(3),
                       .timestamp_ms = row.integer(5),
                       .has_merkle_root = has_root,
                       .merkle_root = *root,
                       .previous_hash = *previous,
                       .hash = *hash,
                       .difficulty = row.integer(7),
                       .nonce = row.integer(8),
                       .order = *order};
  const BlockId parent = tree.find(*previous);
  if (parent == chain::kNoBlock) damaged(name + " has no parent");
  const auto refuse = [&](chain::Refusal refusal) {
    if (refusal == chain::Refusal::none) return;
    damaged(name + ": " + std::string(chain::text_of(refusal).english));
  };
  refuse(chain::check_header(rules, tree, parent, header));
  const BlockId block = tree.add_header(header, parent, chain::work_of(rules, header));
  if (!row.is_null(10)) {
    const std::string_view data = row.text(10);
    const auto texts = chain::decode_data(data, {});
    if (!texts) damaged(name + " has no readable data");
    refuse(chain::check_body(rules, header, *texts));
    tree.add_body(block, data.size());
  }
  rows_.push_back(row.integer(0));
}

void BlockStore::keep(BlockId block, std::string data_json) { kept_[block] = std::move(data_json); }

void BlockStore::commit(const chain::BlockTree& tree, const chain::Effects& effects, BlockId tip) {
  Transaction transaction(database_);
  rows_.resize(tree.size(), kNoRow);
  for (const BlockId block : effects.headers()) {
    if (rows_[block] == kNoRow) insert(block, tree.header(block), nullptr);
  }
  for (const BlockId block : effects.accepted()) {
    const auto body = kept_.find(block);
    CHECK(body != kept_.end());
    if (rows_[block] == kNoRow) {
      insert(block, tree.header(block), &body->second);
    } else {
      add_body_->bind(1, body->second).bind(2, rows_[block]).run();
    }
  }
  CHECK(rows_[tip] != kNoRow);
  set_tip_->bind(1, std::to_string(rows_[tip])).run();
  transaction.commit();
  for (const BlockId block : effects.accepted()) kept_.erase(block);
}

void BlockStore::insert(BlockId block, const chain::Header& header, const std::string* data_json) {
  Statement& row = *insert_block_;
  row.bind_blob(1, bytes_of(header.hash)).bind_blob(2, bytes_of(header.previous_hash));
  row.bind(3, header.height).bind(4, header.version).bind(5, header.timestamp_ms);
  if (header.has_merkle_root) {
    row.bind_blob(6, bytes_of(header.merkle_root));
  } else {
    row.bind_null(6);
  }
  row.bind(7, header.difficulty).bind(8, header.nonce).bind(9, key_letters(header.order));
  if (data_json != nullptr) {
    row.bind(10, *data_json);
  } else {
    row.bind_null(10);
  }
  row.run();
  rows_[block] = database_.last_id();
}

void BlockStore::append_data_json(BlockId id, std::string& out) const {
  const auto kept = kept_.find(id);
  if (kept != kept_.end()) {
    out += kept->second;
    return;
  }
  CHECK(id < rows_.size() && rows_[id] != kNoRow);
  select_data_->bind(1, rows_[id]);
  CHECK(select_data_->step());
  out += select_data_->text(0);
  select_data_->reset();
}

std::vector<DiscouragedIp> BlockStore::discouraged() {
  std::vector<DiscouragedIp> all;
  Statement rows(database_, "SELECT ip, since_ms FROM discouraged ORDER BY id");
  while (rows.step()) all.push_back({std::string(rows.text(0)), rows.integer(1)});
  return all;
}

void BlockStore::discourage(const DiscouragedIp& entry) {
  Transaction transaction(database_);
  Statement(database_, kDiscourage).bind(1, entry.ip).bind(2, entry.since_ms).run();
  const auto most = static_cast<std::int64_t>(Discouraged::kMost);
  Statement(database_, kForgetOldest).bind(1, most).run();
  transaction.commit();
}

std::uint64_t BlockStore::free_bytes() const {
  struct statvfs disk {};
  if (statvfs(directory_.c_str(), &disk) != 0) return 0;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

}  // namespace net
