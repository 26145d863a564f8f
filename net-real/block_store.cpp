#include "net-real/block_store.h"

#include <utility>

#include "core/check.h"
#include "net-real/block_row.h"
#include "net-real/damaged_file.h"
#include "net-real/failure.h"
#include "net-real/side_branches.h"
#include "net-real/store_schema.h"
#include "net-real/unfinished_file.h"
#include "net-real/wal_scan.h"

namespace net {
namespace {

using chain::BlockId;

constexpr std::int64_t kNoRow = -1;

constexpr char kDiscourage[] = "INSERT OR REPLACE INTO discouraged (ip, since_ms) VALUES (?, ?)";
constexpr char kForgetOldest[] =
    "DELETE FROM discouraged WHERE id NOT IN"
    " (SELECT id FROM discouraged ORDER BY id DESC LIMIT ?)";

// The file and its log are kept as they are; the log ends behind its last whole commit from then
// on, so that no later commit stands before the damage.
void cut_damaged_log(const std::string& file, Repairs& repairs) {
  const std::string log = file + "-wal";
  const LogScan scan = scan_log(read_log(file));
  const auto fault = log_fault(scan);
  if (!fault) return;
  repairs.log_cut = true;
  repairs.first = *fault;
  keep_damaged(file);
  std::error_code error;
  std::filesystem::resize_file(log, scan.whole_bytes, error);
  if (error) throw Failure(kExitCannotWrite, log + " cannot be cut: " + error.message());
  sync_file(log);
}

// Under its name when it is whole: no loss of power leaves an empty file.
void create_store(const std::string& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) return check_not_empty(file);
  if (const auto bytes = std::filesystem::file_size(file + "-wal", error); !error && bytes > 0) {
    throw Damaged(file, "it is gone, and its log " + file + "-wal is there", kMoveAway);
  }
  for (const char* part : {"-wal", "-shm", "-journal"}) std::filesystem::remove(file + part, error);
  UnfinishedFile fresh(file);
  {
    Database database(fresh.path());
    create_tables(database);
  }
  fresh.finish();
}

// What is found in the log is about to be told.
std::string with_log_on_disk(std::string file, Repairs& repairs) {
  create_store(file);
  cut_damaged_log(file, repairs);
  rewrite_log(file);
  return file;
}

}  // namespace

BlockStore::BlockStore(const std::filesystem::path& directory, int checkpoint_pages)
    : directory_(directory),
      checkpoint_pages_(checkpoint_pages),
      database_(with_log_on_disk(database_file(directory_.path()), repairs_)) {
  check_has_meta(database_, directory_.path());
  database_.run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
      "PRAGMA busy_timeout=1000; PRAGMA trusted_schema=OFF");
  database_.run(("PRAGMA journal_size_limit=" + std::to_string(kKeptLogBytes)).c_str());
  upgrade_tables(database_, directory_.path());
  check_network(database_, directory_.path());
  select_data_.emplace(database_, "SELECT data_json FROM blocks WHERE id = ?");
  insert_block_.emplace(database_, kInsertBlock);
  add_body_.emplace(database_, kAddBody);
  set_tip_.emplace(database_, kSetTip);
  mend_discouraged();
}

BlockStore::~BlockStore() = default;

std::optional<std::string> BlockStore::genesis_text() { return meta(database_, "genesis"); }

void BlockStore::check_rules(const chain::ChainRules& rules) {
  net::check_rules(database_, directory_.path(), rules);
}

void BlockStore::set_genesis(const std::string& text, const chain::ChainRules& rules) {
  CHECK(!genesis_text());
  Transaction transaction(database_);
  set_network(database_, text, rules_name(rules));
  transaction.commit();
}

// --- What is on the disk -------------------------------------------------------------------------

chain::ChainView BlockStore::load(chain::BlockTree& tree, const chain::ChainRules& rules) {
  CHECK(tree.size() == 1);
  const chain::BlockTree only_root = tree;
  mend_index();
  LoadedBlocks loaded = load_blocks(database_, tree, rules);
  repairs_.tip_moved = !loaded.tip;
  repairs_.blocks_removed = loaded.faulty.size();
  BlockId tip = loaded.tip.value_or(0);
  if (repairs_.tip_moved || repairs_.blocks_removed > 0) {
    begin_mending(loaded.faulty.empty() ? "the tip is none of the blocks" : loaded.first_fault);
    tip = mend_blocks(database_, tree, rules, loaded);
  }
  if (remove_old_branches(tree, loaded, tip)) {
    tree = only_root;
    loaded = load_blocks(database_, tree, rules);
    CHECK(loaded.tip && loaded.faulty.empty());
    tip = *loaded.tip;
  }
  rows_ = std::move(loaded.rows);
  chain::ChainView view(0);
  for (BlockId block = 1; block < tree.size(); ++block) {
    if (tree.has_body(block)) {
      view.add_body(block);
    } else {
      view.add_header(block);
    }
  }
  view.follow(tip);
  return view;
}

bool BlockStore::remove_old_branches(const chain::BlockTree& tree, const LoadedBlocks& loaded,
                                     BlockId tip) {
  std::vector<std::int64_t> rows;
  for (const BlockId block : old_side_blocks(tree, tip)) rows.push_back(loaded.rows[block]);
  old_blocks_removed_ = rows.size();
  if (!rows.empty()) remove_rows(database_, rows);
  return !rows.empty();
}

void BlockStore::mend_index() {
  const auto complaints = database_.complaints();
  if (complaints.empty()) return;
  begin_mending(complaints.front());
  database_.run("REINDEX");
  const auto left = database_.complaints();
  if (!left.empty()) throw Damaged(database_file(directory_.path()), left.front());
  repairs_.index_made_again = true;
}

// A node can do without those whom it discouraged.
void BlockStore::mend_discouraged() {
  try {
    discouraged();
    const Statement can_be_prepared(database_, kDiscourage);
    return;
  } catch (const Damaged& damaged) {
    begin_mending(damaged.what());
  }
  Transaction transaction(database_);
  create_discouraged(database_);
  transaction.commit();
  repairs_.discouraged_made_again = true;
}

// What is about to go might have been of use to somebody: it is kept once, as it was at first.
void BlockStore::begin_mending(const std::string& why) {
  if (!repairs_.first.empty()) return;
  repairs_.first = why;
  keep_damaged(database_file(directory_.path()));
}

// --- Steps ---------------------------------------------------------------------------------------

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
      add_body_->bind(1, body->second)
          .bind_blob(2, row_checksum(tree.header(block), &body->second))
          .bind(3, rows_[block])
          .run();
    }
  }
  CHECK(rows_[tip] != kNoRow);
  set_tip_->bind(1, std::to_string(rows_[tip]))
      .bind(2, chain::lower_hex(tree.header(tip).hash))
      .run();
  transaction.commit();
  database_.checkpoint_from(checkpoint_pages_);
  for (const BlockId block : effects.accepted()) kept_.erase(block);
}

std::vector<BlockId> BlockStore::withdraw_kept() {
  std::vector<BlockId> blocks;
  for (const auto& [block, data_json] : kept_) blocks.push_back(block);
  kept_.clear();
  return blocks;
}

void BlockStore::insert(BlockId block, const chain::Header& header, const std::string* data_json) {
  bind_block(*insert_block_, header, data_json);
  insert_block_->run();
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
  Statement rows(database_, kSelectDiscouraged);
  while (rows.step()) all.push_back({std::string(rows.text(0)), rows.integer(1)});
  return all;
}

void BlockStore::discourage(const DiscouragedIp& entry) {
  Transaction transaction(database_);
  Statement(database_, kDiscourage).bind(1, entry.ip).bind(2, entry.since_ms).run();
  const auto most = static_cast<std::int64_t>(Discouraged::kMost);
  Statement(database_, kForgetOldest).bind(1, most).run();
  transaction.commit();
  database_.checkpoint_from(checkpoint_pages_);
}

}  // namespace net
