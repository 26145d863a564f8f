// What an operator does to a data directory by hand: verify it, save what can be read of it, copy
// it.
//
// None of it starts a node. `verify` and `backup` only read, and may do so while a node runs, since
// SQLite shows them one moment of the file; `repair` wants the directory for itself.
#pragma once

#include <filesystem>

#include "core/chain_rules.h"

namespace net {

// Prints what the store holds, and each fault on stderr. Returns the exit code: kExitDamaged where
// anything is wrong. Throws Failure if there is no store, or of other rules.
int verify_store(const std::filesystem::path& directory, const chain::ChainRules& rules);

// Puts all that can be read into a new file, in which a node starts; the old one stays beside it as
// chain.sqlite.damaged. Returns 0; throws Failure where nothing can be saved.
int repair_store(const std::filesystem::path& directory, const chain::ChainRules& rules);

// A data directory at `to` that holds what `from` does at this moment, on disk when it returns.
// Returns the exit code: kExitDamaged if the write-ahead log is damaged, and the copy holds what is
// before the damage. Throws Failure if there is a store already.
int back_up_store(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace net
