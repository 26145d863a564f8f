// The tables of a store, their versions, and the few things that have a name in it.
//
//   meta(key, value): schema, genesis, rules, tip; genesis_checksum verifies genesis and rules,
//                     tip_hash verifies tip
//   blocks:           block_row.h
//   discouraged:      peers that broke the rules (discouraged.h)
//
// Version 1 had no headers without bodies, 2 discouraged nobody, 3 had no checksums. Each is
// brought up to date in one transaction; what a later version wrote is refused.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/chain_rules.h"
#include "net-real/sqlite.h"

namespace net {

inline constexpr std::int64_t kSchema = 4;

// Of a data directory.
std::string database_file(const std::filesystem::path& directory);

// In one transaction. REQUIRES: the database is empty.
void create_tables(Database& database);
// The empty table discouraged, in the place of one that is there.
void create_discouraged(Database& database);
// Throw Damaged: the file has no byte, or no table meta, so nothing in it can be saved. A new store
// takes its name when it has its tables.
void check_not_empty(const std::string& file);
void check_has_meta(Database& database, const std::filesystem::path& directory);
bool has_table(Database& database, std::string_view name);
// Throws Failure, naming the directory, if there is no way from what is there to kSchema; Damaged
// if there are blocks and no readable schema.
void upgrade_tables(Database& database, const std::filesystem::path& directory);
// The same, also if its schema is older: who only reads upgrades nothing.
void check_schema(Database& database, const std::filesystem::path& directory);
// The same, but an older version will do.
void check_known_schema(Database& database, const std::filesystem::path& directory);
// Whether the blocks have a column for them.
bool has_checksums(Database& database);

std::optional<std::string> meta(Database& database, std::string_view key);
void set_meta(Database& database, std::string_view key, std::string_view value);

// Genesis and rules, with their checksum.
void set_network(Database& database, std::string_view genesis, std::string_view rules);
// Whether they are as they were written; also if there are none and no blocks either.
bool is_network_sound(Database& database);
// Throws Damaged if they are not: the blocks may be sound, so none is removed.
void check_network(Database& database, const std::filesystem::path& directory);
extern const char kSelectDiscouraged[];  // ip, since_ms; the oldest first
// The tip's row and hash.
extern const char kSetTip[];

// The name of a set of rules, as the store remembers it.
std::string rules_name(const chain::ChainRules& rules);
// Throws Failure, naming the directory, if the stored rules are others.
void check_rules(Database& database, const std::filesystem::path& directory,
                 const chain::ChainRules& rules);

}  // namespace net
