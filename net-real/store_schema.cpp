#include "net-real/store_schema.h"

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

void upgrade_from_1(Database& database) {
  database.run("ALTER TABLE blocks RENAME TO old_blocks");
  database.run(kCreateBlocks);
  database.run("INSERT INTO blocks SELECT * FROM old_blocks; DROP TABLE old_blocks");
}

void upgrade_from_2(Database& database) { database.run(kCreateDiscouraged); }

// From version i + 1 to the next.
constexpr void (*kUpgrades[])(Database&) = {upgrade_from_1, upgrade_from_2};
static_assert(std::size(kUpgrades) == kSchema - 1);

}  // namespace

std::string database_file(const std::filesystem::path& directory) {
  return (directory / "chain.sqlite").string();
}

void create_tables(Database& database) {
  Transaction transaction(database);
  database.run(kCreateMeta);
  database.run(kCreateBlocks);
  database.run(kCreateDiscouraged);
  set_meta(database, "schema", std::to_string(kSchema));
  transaction.commit();
}

bool is_empty(Database& database) {
  Statement tables(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'");
  tables.step();
  return tables.integer(0) == 0;
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
  const std::string schema = meta(database, "schema").value_or("none");
  if (schema == std::to_string(kSchema)) return;
  const bool is_older = schema.size() == 1 && schema < std::to_string(kSchema);
  throw Failure(kExitBadInput,
                "data directory " + directory.string() + " has schema " + schema +
                    "; this version reads schema " + std::to_string(kSchema) +
                    (is_older ? ", and a node that starts brings it up to date" : ""));
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

std::string rules_name(const chain::ChainRules& rules) {
  const std::string order = rules.hash_order == chain::HashOrder::standard ? "" : ", variant order";
  const std::string seal = rules.seal == chain::Seal::hash ? "" : ", simulated seal";
  if (!rules.is_work()) return "tutorial" + order + seal;
  return "work" + order + seal + ", difficulty " + std::to_string(rules.first_difficulty) +
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
