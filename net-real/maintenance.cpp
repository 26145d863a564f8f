#include "net-real/maintenance.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "core/json_codec.h"
#include "net-real/block_loader.h"
#include "net-real/block_row.h"
#include "net-real/damaged_file.h"
#include "net-real/data_directory.h"
#include "net-real/failure.h"
#include "net-real/store_schema.h"

namespace net {
namespace {

constexpr std::int64_t kMostUnreadable = 10'000;  // rows in turn, then there are no more

std::string existing_file(const std::filesystem::path& directory) {
  const std::string file = database_file(directory);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    throw Failure(kExitBadInput, "data directory " + directory.string() + " holds no chain");
  }
  return file;
}

// What `read` makes of the database; nothing where a page of it cannot be read.
template <typename Read>
auto if_readable(const Read& read) -> decltype(read()) {
  try {
    return read();
  } catch (const Damaged&) {
    return {};
  }
}

void copy_meta(Database& from, Database& to) {
  for (const char* key : {"genesis", "rules"}) {
    const auto value = if_readable([&] { return meta(from, key); });
    if (value) set_meta(to, key, *value);
  }
}

// Row by row, since pages that cannot be read may lie in between.
std::int64_t copy_blocks(Database& from, Database& to) {
  std::int64_t copied = 0, row = 0;
  Statement insert(to, kInsertNewBlock);
  for (std::int64_t unreadable = 0; unreadable < kMostUnreadable;) {
    const auto block = if_readable([&]() -> std::optional<StoredBlock> {
      Statement select(from, kSelectBlockFrom);
      select.bind(1, row);
      if (!select.step()) return std::nullopt;
      const auto read = read_block(select);
      return read ? std::optional(*read) : std::nullopt;
    });
    ++unreadable;
    ++row;
    if (!block) continue;
    row = block->row + 1;
    unreadable = 0;
    bind_block(insert, block->header, block->data_json ? &*block->data_json : nullptr);
    insert.run();
    ++copied;
  }
  return copied;
}

void copy_discouraged(Database& from, Database& to) {
  if_readable([&] {
    Statement rows(from, "SELECT ip, since_ms FROM discouraged ORDER BY id");
    while (rows.step()) {
      Statement(to, "INSERT OR IGNORE INTO discouraged (ip, since_ms) VALUES (?, ?)")
          .bind(1, rows.text(0))
          .bind(2, rows.integer(1))
          .run();
    }
    return 0;
  });
}

void move(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) throw Failure(kExitCannotWrite, from + " cannot be moved: " + error.message());
}

chain::BlockTree tree_of(const std::string& genesis_text) {
  const auto genesis = chain::parse_genesis(genesis_text);
  if (!genesis) throw Failure(kExitBadInput, "the stored genesis: " + genesis.error());
  chain::BlockTree tree;
  tree.add_root(genesis->block.header, genesis->text);
  return tree;
}

}  // namespace

int verify_store(const std::filesystem::path& directory, const chain::ChainRules& rules) {
  std::vector<std::string> faults;
  std::size_t blocks = 0, whole = 0;
  try {
    Database database(existing_file(directory), Database::Mode::read_only);
    database.run("BEGIN");  // one moment of it, whatever a node does meanwhile
    faults = database.complaints();
    const auto genesis = meta(database, "genesis");
    if (!genesis) throw Failure(kExitBadInput, "the store has no genesis yet");
    check_schema(database, directory);
    check_rules(database, directory, rules);
    chain::BlockTree tree = tree_of(*genesis);
    const LoadedBlocks loaded = load_blocks(database, tree, rules);
    if (!loaded.faulty.empty()) {
      faults.push_back(loaded.first_fault + "; " + std::to_string(loaded.faulty.size()) +
                       " blocks are not valid, or stand on such a one");
    }
    if (!loaded.tip) faults.emplace_back("the tip is none of the blocks that are whole");
    blocks = tree.size();
    whole = static_cast<std::size_t>(std::count(loaded.whole.begin(), loaded.whole.end(), true));
  } catch (const Damaged& damaged) {
    faults.emplace_back(damaged.what());
  }
  for (const std::string& fault : faults) std::fprintf(stderr, "chainnode: %s\n", fault.c_str());
  std::printf("%zu blocks, %zu of them whole up to the genesis; %s\n", blocks, whole,
              faults.empty() ? "all is well" : "damaged");
  return faults.empty() ? 0 : kExitDamaged;
}

int repair_store(const std::filesystem::path& directory, const chain::ChainRules& rules) {
  const std::string file = existing_file(directory), fresh = file + ".new";
  const DataDirectory in_use(directory);
  std::filesystem::remove(fresh);
  std::int64_t copied = 0;
  std::size_t sound = 0;
  std::uint32_t height = 0;
  {
    Database from(file), to(fresh);
    if_readable([&] { return check_schema(from, directory), 0; });
    if_readable([&] { return from.checkpoint_all(), 0; });
    create_tables(to);
    {
      Transaction transaction(to);
      copy_meta(from, to);
      copied = copy_blocks(from, to);
      copy_discouraged(from, to);
      transaction.commit();
    }
    const auto genesis = meta(to, "genesis");
    if (!genesis) {
      throw Failure(kExitBadInput,
                    file +
                        ": its genesis cannot be read, so nothing can be saved; move it away "
                        "and the node fetches the chain again");
    }
    check_rules(to, directory, rules);
    chain::BlockTree tree = tree_of(*genesis);
    height = tree.height(mend_blocks(to, tree, rules, load_blocks(to, tree, rules)));
    sound = tree.size() - 1;
  }
  sync_file(fresh);
  const std::string kept = keep_damaged(file);
  // A log belongs to its file: with another one SQLite would spoil it.
  for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(file + part);
  move(fresh, file);
  in_use.sync();
  std::printf(
      "%lld blocks could be read, %zu of them are sound; the tip's height is %u\n"
      "the file as it was: %s\n",
      static_cast<long long>(copied), sound, height, kept.c_str());
  return 0;
}

int back_up_store(const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::string file = existing_file(from);
  const DataDirectory directory(to);
  const std::string copy = database_file(to), fresh = copy + ".new";
  if (std::filesystem::exists(copy)) {
    throw Failure(kExitBadInput, "data directory " + to.string() + " holds a chain already");
  }
  std::filesystem::remove(fresh);  // of a copy that was cut short
  Database source(file, Database::Mode::read_only);
  check_schema(source, from);
  Statement(source, "VACUUM INTO ?").bind(1, fresh).run();
  sync_file(fresh);
  move(fresh, copy);
  directory.sync();
  std::printf("%s: %ju bytes\n", copy.c_str(), std::uintmax_t{std::filesystem::file_size(copy)});
  return 0;
}

}  // namespace net
