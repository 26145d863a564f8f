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
#include "net-real/store_reader.h"
#include "net-real/store_schema.h"
#include "net-real/unfinished_file.h"
#include "net-real/wal_scan.h"

namespace net {
namespace {

constexpr std::int64_t kMostUnreadable = 10'000;  // rows in turn, then there are no more

// What `read` makes of the database; nothing where a page of it cannot be read.
template <typename Read>
auto if_readable(const Read& read) -> decltype(read()) {
  try {
    return read();
  } catch (const Damaged&) {
    return {};
  }
}

// A network row whose checksum does not match is not copied.
void copy_network(Database& from, Database& to) {
  if (!if_readable([&] { return is_network_sound(from); })) return;
  const auto genesis = if_readable([&] { return meta(from, "genesis"); });
  const auto rules = if_readable([&] { return meta(from, "rules"); });
  if (genesis) set_network(to, *genesis, rules.value_or(""));
}

// What stands in the first row from `row` on. Nothing to read: its page is damaged; no row: there
// is none any more.
struct NextRow {
  bool is_readable = false, is_end = false;
  std::int64_t row = 0;
  std::optional<StoredBlock> block{};
};

NextRow row_from(Database& from, std::int64_t row, bool has_sums) {
  return if_readable([&]() -> NextRow {
    Statement select(from, has_sums ? kSelectBlockFrom : kSelectOldBlockFrom);
    select.bind(1, row);
    if (!select.step()) return {.is_readable = true, .is_end = true};
    const auto block = has_sums ? read_block(select) : read_fields(select);
    NextRow next{.is_readable = true, .row = select.integer(0)};
    if (block) next.block = *block;
    return next;
  });
}

// Row by row, since pages that cannot be read may lie in between.
std::int64_t copy_blocks(Database& from, Database& to, bool has_sums) {
  std::int64_t copied = 0, row = 0;
  Statement insert(to, kInsertNewBlock);
  for (std::int64_t unreadable = 0; unreadable < kMostUnreadable; ++row) {
    const NextRow next = row_from(from, row, has_sums);
    if (next.is_end) break;
    unreadable = next.is_readable ? 0 : unreadable + 1;
    if (next.is_readable) row = std::max(row, next.row);
    if (!next.block) continue;
    const auto& data = next.block->data_json;
    bind_block(insert, next.block->header, data ? &*data : nullptr);
    insert.run();
    ++copied;
  }
  return copied;
}

void copy_discouraged(Database& from, Database& to) {
  if_readable([&] {
    Statement rows(from, kSelectDiscouraged);
    while (rows.step()) {
      Statement(to, "INSERT OR IGNORE INTO discouraged (ip, since_ms) VALUES (?, ?)")
          .bind(1, rows.text(0))
          .bind(2, rows.integer(1))
          .run();
    }
    return 0;
  });
}

// Nothing while a node uses the directory: it writes to the log.
std::optional<std::string> log_fault_of(const std::filesystem::path& directory) {
  const ReadLock lock(directory);
  if (!lock.is_held()) return std::nullopt;
  return log_fault(scan_log(read_log(database_file(directory))));
}

// No damage: the rows are as they were written.
void print_other_roots(const LoadedBlocks& loaded) {
  if (loaded.other_root.empty()) return;
  std::fprintf(stderr,
               "chainnode: note: block %lld: the merkle root is not that of its data; "
               "%zu such blocks, which are kept\n",
               static_cast<long long>(loaded.other_root.front()), loaded.other_root.size());
}

void print_line(const std::string& line) {
  std::fprintf(stderr, "chainnode: %s\n", printable(line).c_str());
}

chain::BlockTree tree_of(const std::string& genesis_text) {
  const auto genesis = chain::parse_genesis(genesis_text);
  if (!genesis) throw Failure(kExitBadInput, "the stored genesis: " + genesis.error());
  chain::BlockTree tree;
  tree.add_root(genesis->block.header, genesis->text);
  return tree;
}

// The findings of verify_store().
struct Findings {
  std::vector<std::string> faults;
  std::size_t blocks = 0, whole = 0;
};

void find_faults(const std::filesystem::path& directory, const chain::ChainRules& rules,
                 Findings& found) {
  StoreReader store(directory);
  Database& database = store.database();
  database.run("BEGIN");  // one moment of it, whatever a node does meanwhile
  for (std::string& complaint : database.complaints()) found.faults.push_back(complaint);
  check_schema(database, directory);
  check_network(database, directory);
  const auto genesis = meta(database, "genesis");
  if (!genesis && !found.faults.empty()) return;  // it may stand where nothing can be read
  if (!genesis) throw Failure(kExitBadInput, "the store has no genesis yet");
  check_rules(database, directory, rules);
  chain::BlockTree tree = tree_of(*genesis);
  const LoadedBlocks loaded = load_blocks(database, tree, rules, Roots::checked);
  print_other_roots(loaded);
  if (!loaded.faulty.empty()) {
    found.faults.push_back(loaded.first_fault + "; " + std::to_string(loaded.faulty.size()) +
                           " blocks are not valid, or stand on such a one");
  }
  if (!loaded.tip) found.faults.emplace_back("the tip is none of the blocks that are whole");
  found.blocks = tree.size();
  found.whole =
      static_cast<std::size_t>(std::count(loaded.whole.begin(), loaded.whole.end(), true));
  Statement discouraged(database, kSelectDiscouraged);
  while (discouraged.step()) {
  }
}

}  // namespace

int verify_store(const std::filesystem::path& directory, const chain::ChainRules& rules) {
  Findings found;
  try {
    if (const auto fault = log_fault_of(directory)) found.faults.push_back(*fault);
    find_faults(directory, rules, found);
  } catch (const Damaged& damaged) {
    found.faults.emplace_back(damaged.what());
  } catch (const Failure& failure) {
    if (found.faults.empty()) throw;
    found.faults.emplace_back(failure.what());  // the damage may be its cause
  }
  for (const std::string& fault : found.faults) print_line(fault);
  std::printf("blocks with the genesis: %zu, %zu of them whole; %s\n", found.blocks, found.whole,
              found.faults.empty() ? "all is well" : "damaged");
  return found.faults.empty() ? 0 : kExitDamaged;
}

int repair_store(const std::filesystem::path& directory, const chain::ChainRules& rules) {
  const std::string file = existing_file(directory);
  check_not_empty(file);
  const DataDirectory in_use(directory);
  const auto fault = log_fault(scan_log(read_log(file)));
  bool has_sums = true;
  {
    Database look(file, Database::Mode::read_only);
    look.read_what_is_left();
    if_readable([&] {
      check_known_schema(look, directory);
      return 0;
    });
    has_sums = if_readable([&] { return std::optional(has_checksums(look)); }).value_or(true);
  }
  UnfinishedFile fresh(file);
  const std::string kept = keep_damaged(file);  // before anything may write to it
  std::int64_t copied = 0;
  std::size_t sound = 0;
  std::uint32_t height = 0;
  {
    Database from(file), to(fresh.path());
    from.read_what_is_left();
    create_tables(to);
    {
      Transaction transaction(to);
      copy_network(from, to);
      copied = copy_blocks(from, to, has_sums);
      copy_discouraged(from, to);
      transaction.commit();
    }
    const auto genesis = meta(to, "genesis");
    if (!genesis) {
      throw Failure(kExitBadInput,
                    file + ": " + (fault ? *fault + ", and " : "") +
                        "its genesis cannot be read, so nothing can be saved; move it away and the "
                        "node fetches the chain again");
    }
    check_rules(to, directory, rules);
    chain::BlockTree tree = tree_of(*genesis);
    height = tree.height(mend_blocks(to, tree, rules, load_blocks(to, tree, rules)));
    sound = tree.size() - 1;
  }
  // A log belongs to its file: with another one SQLite would spoil it.
  for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(file + part);
  fresh.finish();
  std::printf(
      "blocks after the genesis: %lld could be read, %zu of them are sound; "
      "the tip's height is %u\nthe file as it was: %s\n",
      static_cast<long long>(copied), sound, height, kept.c_str());
  if (fault) print_line("note: " + *fault + "; nothing behind it is saved");
  return 0;
}

int back_up_store(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto fault = log_fault_of(from);
  StoreReader store(from);
  Database& source = store.database();
  check_schema(source, from);
  const DataDirectory directory(to);
  const std::string copy = database_file(to);
  if (std::filesystem::exists(copy)) {
    throw Failure(kExitBadInput, "data directory " + to.string() + " holds a chain already");
  }
  UnfinishedFile fresh(copy);
  Statement(source, "VACUUM INTO ?").bind(1, fresh.path()).run();
  fresh.finish();
  std::printf("%s: %ju bytes\n", copy.c_str(), std::uintmax_t{std::filesystem::file_size(copy)});
  if (!fault) return 0;
  print_line(*fault + "; the copy holds only what is before it");
  return kExitDamaged;
}

}  // namespace net
