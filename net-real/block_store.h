// The chain on disk: one SQLite file in a data directory of one node and one network.
//
// A step of the node becomes one transaction, durable when commit() returns: write-ahead log with
// synchronous=FULL, because that is one fsync a block (a rollback journal needs three or four) and
// still loses nothing when the machine loses power. Blocks are stored parents first, by columns, so
// that `sqlite3` answers questions about them; the genesis is stored as text. What is read back is
// verified as a peer's chain would be. A header without its body is a row without data.
//
//   <data directory>/lock           held while a node uses the directory
//   <data directory>/chain.sqlite   meta(key, value): schema, genesis, rules, tip;  blocks;
//                                   discouraged: who broke the rules, as discouraged.h has it
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/chain_rules.h"
#include "core/chain_view.h"
#include "core/io.h"
#include "core/json_codec.h"
#include "net-real/discouraged.h"
#include "net-real/sqlite.h"

namespace net {

// The name of a set of rules, as the store remembers it.
std::string rules_name(const chain::ChainRules& rules);

class BlockStore {
 public:
  // 1 had no headers without bodies, 2 discouraged nobody. Both are brought up to date.
  static constexpr std::int64_t kSchema = 3;

  // Creates the directory if need be. Throws Failure: not usable, or in use by another node.
  explicit BlockStore(const std::filesystem::path& directory);
  ~BlockStore();

  // The network that this directory belongs to; nothing if it is new.
  std::optional<std::string> genesis_text();
  // Throws Failure if the stored rules are others.
  void check_rules(const chain::ChainRules& rules);
  // REQUIRES: there is no genesis yet.  Durable on return.
  void set_genesis(const std::string& text, const chain::ChainRules& rules);

  // Puts all stored blocks into `tree`, which holds nothing but the genesis as its root. Throws
  // Failure on the first block that is not valid.
  chain::ChainView load(chain::BlockTree& tree, const chain::ChainRules& rules);

  // The body of a block that is in the tree and not yet committed, as JSON text.
  void keep(chain::BlockId block, std::string data_json);
  // In one transaction, durable on return: headers, then blocks with their bodies, then the tip.
  // REQUIRES: parents first, bodies kept.
  void commit(const chain::BlockTree& tree, const chain::Effects& effects, chain::BlockId tip);

  // Appends the JSON text of the block's data array.  REQUIRES: its body was kept.
  void append_data_json(chain::BlockId id, std::string& out) const;

  // The oldest first.
  std::vector<DiscouragedIp> discouraged();
  // Durable on return. Of more than Discouraged::kMost the oldest goes.
  void discourage(const DiscouragedIp& entry);

  // What is left for us where the directory is.
  std::uint64_t free_bytes() const;

 private:
  // An open file with an exclusive lock on it.
  class DirectoryLock {
   public:
    explicit DirectoryLock(const std::filesystem::path& directory);
    ~DirectoryLock();

   private:
    int file_;
  };

  std::optional<std::string> meta(std::string_view key);
  void set_meta(std::string_view key, std::string_view value);
  void create_or_check_schema();
  void migrate_from_1_to_2();
  void migrate_from_2_to_3();
  void load_block(chain::BlockTree& tree, const chain::ChainRules& rules, Statement& row);
  void insert(chain::BlockId block, const chain::Header& header, const std::string* data_json);
  [[noreturn]] void damaged(const std::string& what) const;

  std::filesystem::path directory_;
  DirectoryLock lock_;
  mutable Database database_;
  mutable std::optional<Statement> select_data_;
  std::optional<Statement> insert_block_, add_body_, set_tip_;
  std::vector<std::int64_t> rows_;              // by BlockId; kNoRow: not committed
  std::map<chain::BlockId, std::string> kept_;  // bodies on their way to the disk
};

}  // namespace net
