#include "net-real/store_schema.h"

#include <string>

#include "core/sha256.h"
#include "net-real/block_row.h"

namespace net {
namespace {

constexpr char kCreateMeta[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";
constexpr char kCreateDiscouraged[] = R"(
  CREATE TABLE discouraged (
    id INTEGER PRIMARY KEY,           -- the oldest has the smallest
    ip TEXT NOT NULL UNIQUE,
    since_ms INTEGER NOT NULL);       -- Unix milliseconds
)";

// The table gets its checksums here, and their values with version 4.
void upgrade_from_1(Database& database) {
  database.run("ALTER TABLE blocks RENAME TO old_blocks");
  database.run(kCreateBlocks);
  database.run("INSERT INTO blocks SELECT *, NULL FROM old_blocks; DROP TABLE old_blocks");
}

void upgrade_from_2(Database& database) { create_discouraged(database); }

std::string network_checksum(std::string_view genesis, std::string_view rules) {
  return chain::lower_hex(chain::sha256(std::string(genesis) + '\n' + std::string(rules)))
      .substr(0, 2 * kChecksumBytes);
}

std::string hash_of_row(Database& database, std::string_view row) {
  Statement select(database, "SELECT lower(hex(hash)) FROM blocks WHERE id = ?");
  select.bind(1, row);
  return select.step() ? std::string(select.text(0)) : "";
}

void upgrade_from_3(Database& database) {
  if (!has_checksums(database)) database.run(kAddChecksum);
  seal_blocks(database);
  const auto genesis = meta(database, "genesis");
  if (genesis) set_network(database, *genesis, meta(database, "rules").value_or(""));
  const auto tip = meta(database, "tip");
  const std::string hash = tip ? hash_of_row(database, *tip) : "";
  if (!hash.empty()) set_meta(database, "tip_hash", hash);
}

// From version i + 1 to the next.
constexpr void (*kUpgrades[])(Database&) = {upgrade_from_1, upgrade_from_2, upgrade_from_3};
static_assert(std::size(kUpgrades) == kSchema - 1);

bool is_older(const std::string& schema) {
  return schema.size() == 1 && schema >= "1" && schema < std::to_string(kSchema);
}

bool is_version(const std::string& schema) {
  return !schema.empty() && schema.front() != '0' &&
         schema.find_first_not_of("0123456789") == schema.npos;
}

std::string stored_schema(Database& database, const std::filesystem::path& directory) {
  const auto schema = meta(database, "schema");
  if (schema && is_version(*schema)) return *schema;
  if (!has_table(database, "blocks")) return schema.value_or("none");
  throw Damaged(database_file(directory), "its schema cannot be read",
                meta(database, "genesis") ? kRepair : kMoveAway);
}

}  // namespace

const char kSelectDiscouraged[] = "SELECT ip, since_ms FROM discouraged ORDER BY id";
const char kSetTip[] = "INSERT OR REPLACE INTO meta VALUES ('tip', ?), ('tip_hash', ?)";

std::string database_file(const std::filesystem::path& directory) {
  return (directory / "chain.sqlite").string();
}

void create_tables(Database& database) {
  Transaction transaction(database);
  database.run(kCreateMeta);
  database.run(kCreateBlocks);
  create_discouraged(database);
  set_meta(database, "schema", std::to_string(kSchema));
  transaction.commit();
}

void create_discouraged(Database& database) {
  database.run("DROP TABLE IF EXISTS discouraged");
  database.run(kCreateDiscouraged);
}

void check_not_empty(const std::string& file) {
  std::error_code error;
  if (std::filesystem::file_size(file, error) != 0 || error) return;
  throw Damaged(file, "the file is empty", kMoveAway);
}

void check_has_meta(Database& database, const std::filesystem::path& directory) {
  if (has_table(database, "meta")) return;
  throw Damaged(database_file(directory), "it has no table meta", kMoveAway);
}

bool has_table(Database& database, std::string_view name) {
  Statement columns(database, "SELECT 1 FROM pragma_table_info(?)");
  return columns.bind(1, name).step();
}

bool has_checksums(Database& database) {
  Statement columns(database,
                    "SELECT count(*) FROM pragma_table_info('blocks') WHERE name = 'checksum'");
  columns.step();
  return columns.integer(0) > 0;
}

void upgrade_tables(Database& database, const std::filesystem::path& directory) {
  for (std::int64_t version = 1; version < kSchema; ++version) {
    if (meta(database, "schema") != std::to_string(version)) continue;
    Transaction transaction(database);
    kUpgrades[version - 1](database);
    set_meta(database, "schema", std::to_string(version + 1));
    transaction.commit();
  }
  check_schema(database, directory);
}

void check_schema(Database& database, const std::filesystem::path& directory) {
  const std::string schema = stored_schema(database, directory);
  if (schema == std::to_string(kSchema)) return;
  throw Failure(kExitBadInput,
                "data directory " + directory.string() + " has schema " + schema +
                    "; this version reads schema " + std::to_string(kSchema) +
                    (is_older(schema) ? ", and a node that starts brings it up to date" : ""));
}

void check_known_schema(Database& database, const std::filesystem::path& directory) {
  if (!is_older(stored_schema(database, directory))) check_schema(database, directory);
}

std::optional<std::string> meta(Database& database, std::string_view key) {
  Statement select(database, "SELECT value FROM meta WHERE key = ?");
  select.bind(1, key);
  if (!select.step()) return std::nullopt;
  return std::string(select.text(0));
}

void set_meta(Database& database, std::string_view key, std::string_view value) {
  Statement(database, "INSERT OR REPLACE INTO meta VALUES (?, ?)")
      .bind(1, key)
      .bind(2, value)
      .run();
}

void set_network(Database& database, std::string_view genesis, std::string_view rules) {
  set_meta(database, "genesis", genesis);
  set_meta(database, "rules", rules);
  set_meta(database, "genesis_checksum", network_checksum(genesis, rules));
}

bool is_network_sound(Database& database) {
  const auto genesis = meta(database, "genesis");
  const auto checksum = meta(database, "genesis_checksum");
  if (genesis && checksum) {
    return *checksum == network_checksum(*genesis, meta(database, "rules").value_or(""));
  }
  Statement blocks(database, "SELECT 1 FROM blocks LIMIT 1");
  return genesis || (!checksum && !blocks.step());
}

void check_network(Database& database, const std::filesystem::path& directory) {
  if (is_network_sound(database)) return;
  throw Damaged(database_file(directory), "the genesis and the rules are not as they were written",
                kMoveAway);
}

std::string rules_name(const chain::ChainRules& rules) {
  const std::string order = rules.hash_order == chain::HashOrder::standard ? "" : ", variant order";
  const std::string seal = rules.seal == chain::Seal::hash ? "" : ", simulated seal";
  if (!rules.is_work()) return "tutorial" + order + seal;
  return "work" + order + seal + ", difficulty " + std::to_string(rules.first_difficulty) +
         (rules.min_difficulty > 0 ? ", at least " + std::to_string(rules.min_difficulty) : "") +
         ", retarget " + std::to_string(rules.retarget) + ", interval " +
         std::to_string(rules.block_interval.ns / 1'000'000) + " ms, block " +
         std::to_string(rules.max_block) + " bytes";
}

void check_rules(Database& database, const std::filesystem::path& directory,
                 const chain::ChainRules& rules) {
  const std::string stored = meta(database, "rules").value_or("");
  if (stored == rules_name(rules)) return;
  throw Failure(kExitBadInput, "data directory " + directory.string() + " holds rules '" + stored +
                                   "'; this node has '" + rules_name(rules) + "'");
}

}  // namespace net
