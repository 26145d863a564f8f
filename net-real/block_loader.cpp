#include "net-real/block_loader.h"

#include <limits>

#include "core/json_codec.h"
#include "core/merkle.h"
#include "net-real/block_row.h"
#include "net-real/store_schema.h"

namespace net {
namespace {

using chain::BlockId;
using chain::BlockTree;

std::string words_of(chain::Refusal refusal) {
  return ": " + std::string(chain::text_of(refusal).english);
}

chain::Result<chain::Texts, chain::Malformed> texts_of(const std::string& data_json) {
  // The limits of the network applied when the block was accepted; a stored block has none.
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  return chain::decode_data(data_json, {.max_frame = kNoLimit, .max_block = kNoLimit});
}

// An absent root is not checked.
bool has_other_root(const StoredBlock& block) {
  if (!block.data_json || !block.header.has_merkle_root) return false;
  const auto texts = texts_of(*block.data_json);
  return texts && chain::merkle_root(*texts) != block.header.merkle_root;
}

// What is wrong with the block, or "" and it is in the tree.
std::string add(chain::BlockTree& tree, const chain::ChainRules& rules, const StoredBlock& block) {
  const BlockId parent = tree.find(block.header.previous_hash);
  if (parent == chain::kNoBlock) return " has no parent";
  if (tree.find(block.header.hash) != chain::kNoBlock) return " is there twice";
  const chain::Refusal of_header = chain::check_header(rules, tree, parent, block.header);
  if (of_header != chain::Refusal::none) return words_of(of_header);
  if (block.data_json) {
    const auto texts = texts_of(*block.data_json);
    if (!texts) return " has no readable data";
    // A block that was stored before merkle roots were checked stays; verify reports it.
    const chain::Refusal of_body = chain::check_body(rules, block.header, *texts);
    if (of_body != chain::Refusal::none && of_body != chain::Refusal::merkle_root) {
      return words_of(of_body);
    }
  }
  const BlockId id = tree.add_header(block.header, parent, chain::work_of(rules, block.header));
  if (block.data_json) tree.add_body(id, block.data_json->size());
  return "";
}

std::vector<bool> whole_blocks(const BlockTree& tree) {
  std::vector<bool> whole(tree.size(), true);
  for (BlockId block = 1; block < tree.size(); ++block) {
    whole[block] = whole[tree.parent(block)] && tree.has_body(block);
  }
  return whole;
}

// Before the first commit there is none, and no block either.
std::optional<BlockId> stored_tip(Database& database, const BlockTree& tree,
                                  const LoadedBlocks& loaded) {
  const auto row = meta(database, "tip"), hash = meta(database, "tip_hash");
  if (!row && loaded.rows.size() == 1 && loaded.faulty.empty()) return 0;
  for (BlockId block = 0; row && block < loaded.rows.size(); ++block) {
    if (std::to_string(loaded.rows[block]) != *row || !loaded.whole[block]) continue;
    const bool is_it = !hash || *hash == chain::lower_hex(tree.header(block).hash);
    return is_it ? std::optional(block) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

LoadedBlocks load_blocks(Database& database, chain::BlockTree& tree, const chain::ChainRules& rules,
                         Roots roots) {
  LoadedBlocks loaded;
  loaded.rows.push_back(0);
  Statement rows(database, kSelectBlocks);
  while (rows.step()) {
    const auto block = read_block(rows);
    const std::string fault = block ? add(tree, rules, *block) : " " + block.error();
    if (fault.empty()) {
      loaded.rows.push_back(block->row);
      if (roots == Roots::checked && has_other_root(*block)) {
        loaded.other_root.push_back(block->row);
      }
      continue;
    }
    const std::int64_t row = rows.integer(0);
    if (loaded.faulty.empty()) loaded.first_fault = "block " + std::to_string(row) + fault;
    loaded.faulty.push_back(row);
  }
  loaded.whole = whole_blocks(tree);
  loaded.tip = stored_tip(database, tree, loaded);
  return loaded;
}

namespace {

void delete_rows(Database& database, const std::vector<std::int64_t>& rows) {
  Statement remove(database, "DELETE FROM blocks WHERE id = ?");
  for (const std::int64_t row : rows) remove.bind(1, row).run();
}

}  // namespace

void remove_rows(Database& database, const std::vector<std::int64_t>& rows) {
  Transaction transaction(database);
  delete_rows(database, rows);
  transaction.commit();
}

BlockId mend_blocks(Database& database, const BlockTree& tree, const chain::ChainRules& rules,
                    const LoadedBlocks& loaded) {
  BlockId tip = loaded.tip.value_or(0);
  for (BlockId block = 1; !loaded.tip && block < tree.size(); ++block) {
    if (loaded.whole[block] && chain::is_better(rules, tree, block, tip, 0)) tip = block;
  }
  Transaction transaction(database);
  delete_rows(database, loaded.faulty);
  Statement(database, kSetTip)
      .bind(1, std::to_string(loaded.rows[tip]))
      .bind(2, chain::lower_hex(tree.header(tip).hash))
      .run();
  transaction.commit();
  return tip;
}

}  // namespace net
