// The chain on disk: one SQLite file in a data directory of one node and one network.
//
// A step of the node becomes one transaction, durable when commit() returns: write-ahead log with
// synchronous=FULL, because that is one fsync a block (a rollback journal needs three or four) and
// still loses nothing when the machine loses power. A sync that fails ends the process: nobody
// knows what is on the disk then. Blocks are stored parents first (block_row.h).
//
// All rows that are read back are verified as a peer's chain would be. A damaged index and an
// unreadable table discouraged are made again. A damaged block goes with what stands on it, to be
// fetched again from peers. A damaged write-ahead log (wal_scan.h) is cut behind its last whole
// commit. The file as it was is kept beside the mended one.
//
//   <data directory>/lock           held while a node uses the directory
//   <data directory>/chain.sqlite   its tables: store_schema.h; as it was before it was
//                                   mended: chain.sqlite.damaged (damaged_file.h)
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
#include "net-real/block_loader.h"
#include "net-real/data_directory.h"
#include "net-real/discouraged.h"
#include "net-real/sqlite.h"

namespace net {

// What the constructor and load() had to mend.
struct Repairs {
  bool log_cut = false;
  bool index_made_again = false;
  bool discouraged_made_again = false;  // the table, which is empty then
  std::size_t blocks_removed = 0;
  bool tip_moved = false;
  std::string first;  // what was wrong first, for people

  bool any() const {
    return log_cut || index_made_again || discouraged_made_again || blocks_removed > 0 || tip_moved;
  }
};

class BlockStore {
 public:
  static constexpr int kCheckpointPages = 1000;  // 4 MB of write-ahead log
  // A log that one large commit made longer shrinks to this when it begins again.
  static constexpr int kKeptLogBytes = 4 << 20;

  // Creates the directory if need be. Throws Failure: not usable, or in use by another node.
  explicit BlockStore(const std::filesystem::path& directory,
                      int checkpoint_pages = kCheckpointPages);
  ~BlockStore();

  // The network that this directory belongs to; nothing if it is new.
  std::optional<std::string> genesis_text();
  // Throws Failure if the stored rules are others.
  void check_rules(const chain::ChainRules& rules);
  // REQUIRES: there is no genesis yet.  Durable on return.
  void set_genesis(const std::string& text, const chain::ChainRules& rules);

  // Puts all stored blocks that are valid into `tree`, which holds nothing but the genesis as its
  // root; what is not is removed from the file, and so are old side branches (side_branches.h).
  // Throws Failure where the file itself is damaged.
  chain::ChainView load(chain::BlockTree& tree, const chain::ChainRules& rules);

  const Repairs& repairs() const { return repairs_; }
  // Blocks of old side branches that load() removed.
  std::size_t old_blocks_removed() const { return old_blocks_removed_; }

  // The body of a block that is in the tree and not yet committed, as JSON text.
  void keep(chain::BlockId block, std::string data_json);
  // In one transaction, durable on return: headers, then blocks with their bodies, then the tip.
  // REQUIRES: parents first, bodies kept.
  void commit(const chain::BlockTree& tree, const chain::Effects& effects, chain::BlockId tip);

  // Drops a body that was kept and not committed. False: it was not kept.
  bool withdraw(chain::BlockId block) { return kept_.erase(block) > 0; }
  // Drops all such bodies; returns their blocks. Nothing is kept then.
  std::vector<chain::BlockId> withdraw_kept();

  // Appends the JSON text of the block's data array.  REQUIRES: its body was kept.
  void append_data_json(chain::BlockId id, std::string& out) const;

  // The oldest first.
  std::vector<DiscouragedIp> discouraged();
  // Durable on return. Of more than Discouraged::kMost the oldest goes.
  void discourage(const DiscouragedIp& entry);

  // What is left for us where the directory is.
  std::uint64_t free_bytes() const { return directory_.free_bytes(); }

 private:
  void mend_index();
  bool remove_old_branches(const chain::BlockTree& tree, const LoadedBlocks& loaded,
                           chain::BlockId tip);
  void insert(chain::BlockId block, const chain::Header& header, const std::string* data_json);
  void mend_discouraged();
  void begin_mending(const std::string& why);

  DataDirectory directory_;
  const int checkpoint_pages_;
  Repairs repairs_;
  std::size_t old_blocks_removed_ = 0;
  Database database_;
  mutable std::optional<Statement> select_data_;
  std::optional<Statement> insert_block_, add_body_, set_tip_;
  std::vector<std::int64_t> rows_;              // by BlockId; kNoRow: not committed
  std::map<chain::BlockId, std::string> kept_;  // bodies on their way to the disk
};

}  // namespace net
