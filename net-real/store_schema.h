// The tables of a store, their versions, and the few things that have a name in it.
//
//   meta(key, value): schema, genesis, rules, tip     blocks: block_row.h
//   discouraged: who broke the rules, as discouraged.h has it
//
// Version 1 had no headers without bodies, 2 discouraged nobody. Both are brought up to date in
// one transaction each; what a later version wrote is refused.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/chain_rules.h"
#include "net-real/sqlite.h"

namespace net {

inline constexpr std::int64_t kSchema = 3;

// Of a data directory.
std::string database_file(const std::filesystem::path& directory);

// In one transaction. REQUIRES: the database is empty.
void create_tables(Database& database);
bool is_empty(Database& database);
// Throws Failure, naming the directory, if there is no way from what is there to kSchema.
void upgrade_tables(Database& database, const std::filesystem::path& directory);
// Throws Failure, naming the directory, if its schema is another: who only reads upgrades nothing.
void check_schema(Database& database, const std::filesystem::path& directory);

std::optional<std::string> meta(Database& database, std::string_view key);
void set_meta(Database& database, std::string_view key, std::string_view value);

// The name of a set of rules, as the store remembers it.
std::string rules_name(const chain::ChainRules& rules);
// Throws Failure, naming the directory, if the stored rules are others.
void check_rules(Database& database, const std::filesystem::path& directory,
                 const chain::ChainRules& rules);

}  // namespace net
