// Damage outside the rows of a store: its log, its tables and the end of its file. `verify`,
// `backup`, `repair` and the start say the same about it.
#include <gtest/gtest.h>

#include <fstream>

#include "net-real/block_store.h"
#include "net-real/failure.h"
#include "net-real/maintenance.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

using chain::BlockId;

constexpr std::uintmax_t kPage = 4096;

class StoreDamage : public testing::Test {
 protected:
  // A chain whose log is not yet in the file is copied with its log.
  void fill(int blocks, bool with_log = false) {
    const std::filesystem::path at = with_log ? directory_.path() / "source" : data_;
    BlockStore store(at);
    store.set_genesis(widespread_genesis().text, {});
    chain::BlockTree tree = tree_of_genesis();
    store.load(tree, {});
    for (int i = 0; i < blocks; ++i) {
      const auto parent = static_cast<BlockId>(i);
      const chain::Block block = block_after(tree.header(parent), std::string(3000, 'x'));
      const std::string data = chain::encode_data(block.body);
      const BlockId id = tree.add_header(block.header, parent, 1);
      tree.add_body(id, data.size());
      store.keep(id, data);
      chain::Effects effects;
      effects.accept(id);
      store.commit(tree, effects, id);
    }
    if (with_log) std::filesystem::copy(at, data_, std::filesystem::copy_options::recursive);
  }

  static chain::BlockTree tree_of_genesis() {
    chain::BlockTree tree;
    tree.add_root(widespread_genesis().block.header, widespread_genesis().text);
    return tree;
  }

  void change(const char* sql) { Database(file_).run(sql); }

  void flip(const std::string& file, std::streamoff at) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(at);
    const int byte = bytes.get();
    bytes.seekp(at);
    bytes.put(static_cast<char>(byte ^ 1));
  }

  // The text that it prints on stderr.
  static std::string expect_code(int code, const std::function<int()>& action) {
    testing::internal::CaptureStderr();
    try {
      EXPECT_EQ(action(), code);
    } catch (const Failure& failure) {
      ADD_FAILURE() << failure.what();
    }
    return testing::internal::GetCapturedStderr();
  }
  std::string verify(int code) {
    return expect_code(code, [&] { return verify_store(data_, {}); });
  }

  // The height at which a node starts, or why it does not.
  std::string start() {
    try {
      BlockStore store(data_);
      if (!store.genesis_text()) return "no genesis";
      chain::BlockTree tree = tree_of_genesis();
      return std::to_string(tree.height(store.load(tree, {}).tip()));
    } catch (const Failure& failure) {
      return failure.what();
    }
  }

  static bool has(const std::string& text, const char* part) {
    return text.find(part) != text.npos;
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
  const std::string file_ = (data_ / "chain.sqlite").string();
};

TEST_F(StoreDamage, VerifyAndBackupReportADamagedLog) {
  constexpr std::streamoff kFrame = 24 + kPage;
  // The magic, a salt, and a page of the first and of the second frame.
  for (const std::streamoff at : {0L, 17L, 32L + 24 + 100, 32L + kFrame + 24 + 10}) {
    SCOPED_TRACE(at);
    std::filesystem::remove_all(data_);
    std::filesystem::remove_all(directory_.path() / "source");
    fill(5, true);
    verify(0);
    flip(file_ + "-wal", at);
    EXPECT_TRUE(has(verify(kExitDamaged), "of the write-ahead log is damaged"));
    const std::filesystem::path copy = directory_.path() / ("copy " + std::to_string(at));
    const std::string said = expect_code(kExitDamaged, [&] { return back_up_store(data_, copy); });
    EXPECT_TRUE(has(said, "of the write-ahead log is damaged; the copy holds only what is before"))
        << said;
    EXPECT_TRUE(std::filesystem::exists(copy / "chain.sqlite"));
  }
}

TEST_F(StoreDamage, AStoreWithoutAReadableSchemaLeadsToRepair) {
  for (const char* sql :
       {"UPDATE meta SET key = 'schemb' WHERE key = 'schema'",
        "DELETE FROM meta WHERE key = 'schema'", "UPDATE meta SET value = 't' WHERE key = 'schema'",
        "UPDATE meta SET value = '' WHERE key = 'schema'"}) {
    SCOPED_TRACE(sql);
    std::filesystem::remove_all(data_);
    fill(5);
    change(sql);
    EXPECT_TRUE(has(verify(kExitDamaged), "chainnode repair saves what can be read of it"));
    EXPECT_TRUE(has(start(), "chainnode repair saves what can be read of it")) << start();
    EXPECT_EQ(expect_code(0, [&] { return repair_store(data_, {}); }), "");
    EXPECT_EQ(start(), "5");
  }
}

TEST_F(StoreDamage, RepairReportsADamagedLog) {
  constexpr std::streamoff kPageOfFrame = 32 + 24 + 100;
  fill(5, true);
  flip(file_ + "-wal", kPageOfFrame + 3 * (24 + kPage));
  EXPECT_TRUE(has(expect_code(0, [&] { return repair_store(data_, {}); }),
                  "of the write-ahead log is damaged; nothing behind it"));
  std::filesystem::remove_all(data_);
  std::filesystem::remove_all(directory_.path() / "source");
  fill(5, true);
  flip(file_ + "-wal", kPageOfFrame);
  try {
    repair_store(data_, {});
    ADD_FAILURE() << "it has no genesis";
  } catch (const Failure& failure) {
    EXPECT_TRUE(has(failure.what(),
                    "of the write-ahead log is damaged, and its "
                    "genesis cannot be read"))
        << failure.what();
  }
}

// Nothing can be repaired where the genesis is gone, too.
TEST_F(StoreDamage, AnEmptyTableMetaIsDamage) {
  fill(5);
  change("DELETE FROM meta");
  EXPECT_TRUE(has(verify(kExitDamaged), "move it away and the node fetches the chain again"));
  EXPECT_TRUE(has(start(), "move it away and the node fetches the chain again")) << start();
}

TEST_F(StoreDamage, ATableOfTheDiscouragedWithOtherColumnsIsMadeAgain) {
  for (const char* column : {"id", "ip", "since_ms"}) {
    SCOPED_TRACE(column);
    std::filesystem::remove_all(data_);
    fill(5);
    change(("ALTER TABLE discouraged RENAME COLUMN " + std::string(column) + " TO other").c_str());
    EXPECT_TRUE(has(verify(kExitDamaged), "no such column: "));
    BlockStore(data_).discourage({.ip = "192.0.2.1", .since_ms = 1});
    EXPECT_EQ(verify(0), "");
    EXPECT_EQ(start(), "5");
    EXPECT_EQ(BlockStore(data_).discouraged().size(), 1u);
  }
}

TEST_F(StoreDamage, TheTableOfTheDiscouragedIsMadeAgain) {
  fill(5);
  change("DROP TABLE discouraged");
  EXPECT_TRUE(has(verify(kExitDamaged), "no such table: discouraged"));
  {
    BlockStore store(data_);
    EXPECT_TRUE(store.repairs().any());
    EXPECT_TRUE(has(store.repairs().first, "no such table: discouraged"));
    EXPECT_TRUE(store.discouraged().empty());
    EXPECT_TRUE(std::filesystem::exists(file_ + ".damaged"));
  }
  EXPECT_EQ(verify(0), "");
  EXPECT_EQ(start(), "5");
  EXPECT_FALSE(BlockStore(data_).repairs().any());
}

// SQLite reads no such file. Nearly all rows are in it.
TEST_F(StoreDamage, RepairSavesTheRowsOfAFileThatWasCut) {
  constexpr int kBlocks = 40;
  for (const std::uintmax_t cut : {std::uintmax_t{1}, kPage - 1, kPage, kPage + 1, 2 * kPage}) {
    SCOPED_TRACE(cut);
    std::filesystem::remove_all(data_);
    fill(kBlocks);
    std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - cut);
    EXPECT_EQ(expect_code(0, [&] { return repair_store(data_, {}); }), "");
    const std::string height = start();
    EXPECT_GE(std::atoi(height.c_str()), kBlocks - 3) << height;
    EXPECT_EQ(verify(0), "");
  }
}

TEST_F(StoreDamage, TextOfADamagedFileIsPrintedAsUtf8) {
  fill(1);
  change(
      "CREATE TABLE \"\xff\xed\x95\x9c\x1b\" (x); INSERT INTO \"\xff\xed\x95\x9c\x1b\" VALUES "
      "(NULL);"
      "PRAGMA writable_schema=ON;"
      "UPDATE sqlite_schema SET sql = replace(sql, '(x)', '(x NOT NULL)')");
  EXPECT_TRUE(has(verify(kExitDamaged), "NULL value in \\xff\xed\x95\x9c .x"));
}

TEST(Failure, IsOneLineOfUtf8) {
  const auto line = [](const std::string& text) { return std::string(Failure(1, text).what()); };
  EXPECT_EQ(line("a\nb\x1b[0m\x7f"), "a b [0m ");
  EXPECT_EQ(line("\xed\x95\x9c \xf0\x9f\x98\x80 \xc3\xa9"),
            "\xed\x95\x9c \xf0\x9f\x98\x80 \xc3\xa9");
  EXPECT_EQ(line("\xff\x80"), "\\xff\\x80");
  EXPECT_EQ(line("\xc2\x9b"), "\\xc2\\x9b");  // a control character of ISO 6429
  EXPECT_EQ(line("\xc0\x80"), "\\xc0\\x80");  // overlong
  EXPECT_EQ(line("\xe0\x80\x80"), "\\xe0\\x80\\x80");
  EXPECT_EQ(line("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(line("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(line("\xed\x95"), "\\xed\\x95");  // cut short
}

}  // namespace
}  // namespace net
