// The store: what was committed comes back, what is not right is refused in words.
#include <gtest/gtest.h>

#include <fstream>

#include "net-real/block_row.h"
#include "net-real/block_store.h"
#include "net-real/failure.h"
#include "net-real/maintenance.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

using chain::BlockId;

struct Chain {
  Chain() { tree.add_root(widespread_genesis().block.header, widespread_genesis().text); }

  BlockId add(BlockStore& store, BlockId parent, const chain::Block& block) {
    const std::string data = chain::encode_data(block.body);
    const BlockId id = tree.add_header(block.header, parent, 1);
    tree.add_body(id, data.size());
    store.keep(id, data);
    return id;
  }
  BlockId add(BlockStore& store, BlockId parent, const std::string& text) {
    return add(store, parent, block_after(tree.header(parent), text));
  }

  chain::BlockTree tree;
};

chain::Effects accepted(const std::vector<BlockId>& blocks) {
  chain::Effects effects;
  for (const BlockId block : blocks) effects.accept(block);
  return effects;
}

class Store : public testing::Test {
 protected:
  void begin(BlockStore& store, Chain& chain) {
    store.set_genesis(widespread_genesis().text, {});
    store.load(chain.tree, {});
  }
  std::string words_of_failure(const std::function<void()>& action, int exit_code) {
    try {
      action();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.exit_code, exit_code);
      return failure.what();
    }
    ADD_FAILURE() << "nothing failed";
    return "";
  }
  void change(const char* sql) { Database((directory_.path() / "chain.sqlite").string()).run(sql); }

  void seal() {
    Database database((directory_.path() / "chain.sqlite").string());
    seal_blocks(database);
  }

  TemporaryDirectory directory_;
};

TEST_F(Store, GivesBackEveryFieldKeyOrderAndText) {
  chain::Block odd = block_after(widespread_genesis().block.header, "");
  odd.body = chain::Texts{"한글", "a\"b\\c\n", std::string("nul\0byte", 8)};
  odd.header.version = "2 beta";
  odd.header.has_merkle_root = false;
  odd.header.merkle_root = {};
  odd.header.difficulty = -9007199254740991;
  odd.header.nonce = -1;
  std::swap(odd.header.order.keys[0], odd.header.order.keys[8]);
  odd.header.hash = chain::hash_of(odd.header, chain::HashOrder::standard);
  {
    BlockStore store(directory_.path());
    EXPECT_EQ(store.genesis_text(), std::nullopt);
    Chain chain;
    begin(store, chain);
    const BlockId block = chain.add(store, 0, odd);
    store.commit(chain.tree, accepted({block}), block);
  }
  BlockStore store(directory_.path());
  EXPECT_EQ(store.genesis_text(), widespread_genesis().text);
  Chain chain;
  const chain::ChainView view = store.load(chain.tree, {});
  EXPECT_EQ(chain.tree.header(view.tip()), odd.header);
  std::string data;
  store.append_data_json(view.tip(), data);
  EXPECT_EQ(data, chain::encode_data(odd.body));
  EXPECT_EQ(chain.tree.block_bytes(view.tip()), chain::encode_block(odd).size());
}

TEST_F(Store, KeepsBothBranchesAndTheTip) {
  {
    BlockStore store(directory_.path());
    Chain chain;
    begin(store, chain);
    const BlockId a = chain.add(store, 0, "a");
    store.commit(chain.tree, accepted({a}), a);
    const BlockId b = chain.add(store, 0, "b");
    const BlockId c = chain.add(store, b, "c");
    store.commit(chain.tree, accepted({b, c}), c);
  }
  BlockStore store(directory_.path());
  Chain chain;
  const chain::ChainView view = store.load(chain.tree, {});
  EXPECT_EQ(chain.tree.size(), 4u);
  EXPECT_EQ(chain.tree.height(view.tip()), 2u);
  for (BlockId id = 0; id < 4; ++id) EXPECT_TRUE(view.has_body(id));
}

TEST_F(Store, WhatWasNotCommittedIsGone) {
  {
    BlockStore store(directory_.path());
    Chain chain;
    begin(store, chain);
    const BlockId a = chain.add(store, 0, "a");
    store.commit(chain.tree, accepted({a}), a);
    chain.add(store, a, "kept in memory only");
  }
  BlockStore store(directory_.path());
  Chain chain;
  EXPECT_EQ(store.load(chain.tree, {}).tip(), 1u);
  EXPECT_EQ(chain.tree.size(), 2u);
}

// Of two blocks on one another: what is left, and what is said of it.
TEST_F(Store, MendsWhatDoesNotVerify) {
  struct Damage {
    const char* sql;
    const char* words;
    std::size_t removed;
    std::uint32_t height;  // of the tip after it
  };
  const Damage damages[] = {
      {"UPDATE blocks SET checksum = NULL WHERE id = 2", "block 2 is not as it was", 1, 1},
      {"UPDATE blocks SET data_json = '[\"B\"]' WHERE id = 2", "block 2 is not as it was", 1, 1},
      {"UPDATE blocks SET data_json = '[1]' WHERE id = 2", "block 2 has no readable data", 1, 1},
      {"UPDATE blocks SET data_json = '[\"c\"]', nonce = 2 WHERE id = 2", "block 2: the hash", 1,
       1},
      {"UPDATE blocks SET height = 7 WHERE id = 2", "block 2: the height is not", 1, 1},
      {"UPDATE blocks SET key_order = 'VVTMPHDNX' WHERE id = 2", "block 2 is not readable", 1, 1},
      {"UPDATE blocks SET previous_hash = randomblob(32) WHERE id = 1", "block 1 has no", 2, 0},
      {"UPDATE blocks SET previous_hash = zeroblob(31) WHERE id = 1", "block 1 is not", 2, 0},
      {"UPDATE blocks SET data_json = NULL WHERE id = 1", "the tip is none of the blocks", 0, 0},
      {"DELETE FROM blocks", "the tip is none of the blocks", 0, 0},
      {"DELETE FROM blocks WHERE id = 2", "the tip is none of the blocks", 0, 1},
  };
  for (const Damage& damage : damages) {
    std::filesystem::remove_all(directory_.path() / "chain.sqlite");
    {
      BlockStore store(directory_.path());
      Chain chain;
      begin(store, chain);
      const BlockId a = chain.add(store, 0, "a");
      const BlockId b = chain.add(store, a, "b");
      store.commit(chain.tree, accepted({a, b}), b);
    }
    change(damage.sql);
    // A checksum finds all of it; without one each row is verified as a peer's block would be.
    if (!std::string_view(damage.words).starts_with("block 2 is not as")) seal();
    for (const bool first : {true, false}) {
      BlockStore store(directory_.path());
      Chain chain;
      const chain::ChainView view = store.load(chain.tree, {});
      EXPECT_EQ(chain.tree.height(view.tip()), damage.height) << damage.sql;
      EXPECT_EQ(store.repairs().any(), first) << damage.sql;
      if (!first) continue;
      EXPECT_EQ(store.repairs().blocks_removed, damage.removed) << damage.sql;
      EXPECT_TRUE(store.repairs().first.starts_with(damage.words)) << store.repairs().first;
      EXPECT_TRUE(std::filesystem::exists(directory_.path() / "chain.sqlite.damaged"));
    }
  }
}

// A block was removed while SQLite did not know that there is an index.
TEST_F(Store, MakesADamagedIndexAgain) {
  {
    BlockStore store(directory_.path());
    Chain chain;
    begin(store, chain);
    const BlockId a = chain.add(store, 0, "a");
    const BlockId b = chain.add(store, 0, "b");
    store.commit(chain.tree, accepted({a, b}), a);
  }
  change(
      "CREATE TABLE saved AS SELECT * FROM sqlite_schema WHERE tbl_name = 'blocks';"
      "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name LIKE '%auto%blocks%';"
      "UPDATE sqlite_schema SET sql = replace(sql, 'NULL UNIQUE', 'NULL') WHERE name = 'blocks'");
  change("DELETE FROM blocks WHERE id = 2");
  change(
      "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE tbl_name = 'blocks';"
      "INSERT INTO sqlite_schema SELECT * FROM saved ORDER BY type DESC");
  change("DROP TABLE saved");
  BlockStore store(directory_.path());
  Chain chain;
  EXPECT_EQ(chain.tree.height(store.load(chain.tree, {}).tip()), 1u);
  EXPECT_TRUE(store.repairs().index_made_again) << store.repairs().first;
}

TEST_F(Store, RefusesOtherRulesOtherSchemasAndASecondUser) {
  BlockStore store(directory_.path());
  Chain chain;
  begin(store, chain);
  EXPECT_NO_THROW(store.check_rules({}));
  chain::ChainRules variant;
  variant.hash_order = chain::HashOrder::variant;
  EXPECT_NE(words_of_failure([&] { store.check_rules(variant); }, kExitBadInput).find("tutorial"),
            std::string::npos);
  const auto open_again = [this] { BlockStore second(directory_.path()); };
  EXPECT_NE(words_of_failure(open_again, kExitBadInput).find("another node uses it"),
            std::string::npos);
}

TEST_F(Store, TheLockHoldsAlthoughItsFileWasDeleted) {
  BlockStore store(directory_.path());
  for (int i = 0; i < 2; ++i) {
    std::filesystem::remove(directory_.path() / "lock");
    const auto open_again = [this] { BlockStore second(directory_.path()); };
    EXPECT_NE(words_of_failure(open_again, kExitBadInput).find("another node uses it"),
              std::string::npos);
    EXPECT_FALSE(ReadLock(directory_.path()).is_held());
  }
}

// Damage, not a new chain: nothing is written to it, and nobody deletes it.
TEST_F(Store, AnEmptyFileOrOneWithoutItsTablesIsDamage) {
  struct Damage {
    const char* sql;  // null: no byte is left
    const char* words;
  };
  const Damage damages[] = {
      {nullptr, "the file is empty"},
      {"DROP TABLE meta", "no table meta"},
      {"DROP TABLE blocks", "no such table: blocks"},
      {"DROP TABLE blocks; DROP TABLE discouraged", "no such table: blocks"},
      {"DROP TABLE meta; DROP TABLE blocks; DROP TABLE discouraged", "no table meta"},
  };
  const std::string file = (directory_.path() / "chain.sqlite").string();
  for (const Damage& damage : damages) {
    std::filesystem::remove(file);
    {
      BlockStore store(directory_.path());
      Chain chain;
      begin(store, chain);
      const BlockId a = chain.add(store, 0, "a");
      store.commit(chain.tree, accepted({a}), a);
    }
    if (damage.sql != nullptr) {
      change(damage.sql);
    } else {
      std::filesystem::resize_file(file, 0);
    }
    const auto bytes = std::filesystem::file_size(file);
    const auto use = [this] {
      BlockStore store(directory_.path());
      Chain chain;
      store.load(chain.tree, {});
    };
    EXPECT_NE(words_of_failure(use, kExitBadInput).find(damage.words), std::string::npos)
        << damage.words;
    EXPECT_EQ(verify_store(directory_.path(), {}), kExitDamaged) << damage.words;
    EXPECT_EQ(std::filesystem::file_size(file), bytes) << damage.words;
  }
}

TEST_F(Store, ALogWithoutItsFileIsDamage) {
  const std::string file = (directory_.path() / "chain.sqlite").string();
  std::ofstream(file + "-wal") << "log";
  const auto open = [this] { BlockStore store(directory_.path()); };
  EXPECT_NE(words_of_failure(open, kExitBadInput).find("it is gone, and its log"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(file + "-wal"));
}

TEST_F(Store, RemembersWhoIsDiscouraged) {
  {
    BlockStore store(directory_.path());
    EXPECT_TRUE(store.discouraged().empty());
    store.discourage({"192.0.2.1", 1});
    store.discourage({"2001:db8::1", 2});
    store.discourage({"192.0.2.1", 3});
  }
  BlockStore store(directory_.path());
  EXPECT_EQ(store.discouraged(),
            (std::vector<DiscouragedIp>{{"2001:db8::1", 2}, {"192.0.2.1", 3}}));
}

TEST_F(Store, ForgetsTheOldestOfTooManyDiscouraged) {
  BlockStore store(directory_.path());
  change(
      "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
      "INSERT INTO discouraged (ip, since_ms) SELECT 'ip ' || i, i FROM n");
  EXPECT_EQ(store.discouraged().size(), Discouraged::kMost);
  store.discourage({"192.0.2.1", 5});
  const auto all = store.discouraged();
  EXPECT_EQ(all.size(), Discouraged::kMost);
  EXPECT_EQ(all.front().ip, "ip 2");
  EXPECT_EQ(all.back(), (DiscouragedIp{"192.0.2.1", 5}));
}

TEST_F(Store, OfTheSecondVersionLearnsToDiscourage) {
  {
    BlockStore store(directory_.path());
    Chain chain;
    begin(store, chain);
    const BlockId a = chain.add(store, 0, "a");
    store.commit(chain.tree, accepted({a}), a);
  }
  change(
      "DROP TABLE discouraged; UPDATE meta SET value = '2' WHERE key = 'schema';"
      "ALTER TABLE blocks DROP COLUMN checksum");
  {
    BlockStore store(directory_.path());
    store.discourage({"192.0.2.1", 1});
  }
  BlockStore store(directory_.path());
  EXPECT_EQ(store.discouraged(), (std::vector<DiscouragedIp>{{"192.0.2.1", 1}}));
  Chain chain;
  EXPECT_EQ(chain.tree.height(store.load(chain.tree, {}).tip()), 1u);
}

TEST_F(Store, RefusesASchemaFromTheFuture) {
  { BlockStore store(directory_.path()); }
  change("UPDATE meta SET value = '99' WHERE key = 'schema'");
  const auto open = [this] { BlockStore store(directory_.path()); };
  EXPECT_NE(words_of_failure(open, kExitBadInput).find("has schema 99"), std::string::npos);
}

// A page of the log is 4,096 bytes and has a header of 24; the log has one of 32.
TEST_F(Store, MovesTheLogIntoTheFileFromSoManyPagesOn) {
  for (const int more : {1, 0, -1}) {
    const std::string file = (directory_.path() / std::to_string(more)).string();
    Database database(file);
    database.run("PRAGMA journal_mode=WAL; CREATE TABLE t (x)");
    database.run("INSERT INTO t VALUES (zeroblob(100000))");
    const auto pages = static_cast<int>((std::filesystem::file_size(file + "-wal") - 32) / 4120);
    database.checkpoint_from(pages + more);
    EXPECT_EQ(std::filesystem::file_size(file) > 100'000, more <= 0) << more;
  }
}

TEST_F(Store, TheLogOfAnOpenStoreStaysShort) {
  constexpr std::uintmax_t kMostOfLog = 8 << 20;
  constexpr std::size_t kLarge = 12 << 20;
  const std::string log = (directory_.path() / "chain.sqlite-wal").string();
  BlockStore store(directory_.path());
  Chain chain;
  begin(store, chain);
  BlockId tip = 0;
  const auto extend = [&](std::size_t bytes) {
    tip = chain.add(store, tip, std::string(bytes, 'x'));
    store.commit(chain.tree, accepted({tip}), tip);
    return std::filesystem::file_size(log);
  };
  std::uintmax_t longest = 0;
  for (int i = 0; i < 1000; ++i) longest = std::max(longest, extend(16'000));
  EXPECT_LT(longest, kMostOfLog);
  EXPECT_GT(std::filesystem::file_size(directory_.path() / "chain.sqlite"), 8u << 20);
  const std::uintmax_t with_large = extend(kLarge);
  EXPECT_GT(with_large, kLarge);
  EXPECT_LT(with_large, kMostOfLog + kLarge);
  EXPECT_LE(extend(1), std::uintmax_t{BlockStore::kKeptLogBytes});
}

// A megabyte is what CodecLimits allow by default; a network may allow more.
TEST_F(Store, KeepsBlocksOfAnySize) {
  constexpr std::size_t kDefault = chain::CodecLimits{}.max_frame, kQuotes = 4;
  std::size_t blocks = 1;
  {
    BlockStore store(directory_.path());
    Chain chain;
    begin(store, chain);
    BlockId tip = 0;
    for (const std::size_t bytes : {kDefault - 1, kDefault, kDefault + 1, 3 * kDefault}) {
      tip = chain.add(store, tip, std::string(bytes - kQuotes, 'x'));
      store.commit(chain.tree, accepted({tip}), tip);
      ++blocks;
    }
  }
  const auto expect_whole = [&] {
    BlockStore store(directory_.path());
    Chain chain;
    EXPECT_EQ(chain.tree.height(store.load(chain.tree, {}).tip()), blocks - 1);
    EXPECT_EQ(chain.tree.size(), blocks);
    EXPECT_FALSE(store.repairs().any()) << store.repairs().first;
  };
  EXPECT_EQ(verify_store(directory_.path(), {}), 0);
  expect_whole();
  EXPECT_EQ(repair_store(directory_.path(), {}), 0);
  expect_whole();
}

}  // namespace
}  // namespace net
