// Rows that rot: a flipped byte is found under the default rules, wherever it stands, and an older
// store gets its checksums once.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "core/random.h"
#include "net-real/block_loader.h"
#include "net-real/block_row.h"
#include "net-real/block_store.h"
#include "net-real/failure.h"
#include "net-real/maintenance.h"
#include "net-real/store_schema.h"
#include "tests/real/real_fixture.h"

namespace net {
namespace {

using chain::BlockId;

// All that a node takes from a store.
struct Contents {
  std::string genesis, tip;
  std::map<std::string, std::string> blocks;  // header and data, by hash

  bool operator==(const Contents&) const = default;
};

chain::BlockTree tree_of_genesis() {
  chain::BlockTree tree;
  tree.add_root(widespread_genesis().block.header, widespread_genesis().text);
  return tree;
}

class StoreRot : public testing::Test {
 protected:
  static constexpr int kOtherSchema = 100;

  static std::filesystem::path memory() {
    const std::filesystem::path path = "/dev/shm";
    return std::filesystem::is_directory(path) ? path : std::filesystem::temp_directory_path();
  }

  // A chain of 4, a branch of 1, and a header without its body, which comes with the last commit.
  void fill() {
    BlockStore store(directory_.path());
    store.set_genesis(widespread_genesis().text, {});
    chain::BlockTree tree = tree_of_genesis();
    store.load(tree, {});
    BlockId tip = 0;
    const auto add = [&](BlockId parent, const std::string& text, bool with_body) {
      const chain::Block block = block_after(tree.header(parent), text);
      const BlockId id = tree.add_header(block.header, parent, 1);
      chain::Effects effects;
      if (with_body) {
        add_body(store, tree, id, text, effects);
        tip = id;
      } else {
        effects.learn(id);
      }
      store.commit(tree, effects, tip);
      return id;
    };
    for (const char* text : {"a", "data that no hash covers", "c"}) add(tip, text, true);
    const BlockId chain_tip = tip;
    add(0, "branch", true);
    tip = chain_tip;
    const BlockId learnt = add(tip, "d", false);
    add(learnt, "e", false);
    chain::Effects effects;
    add_body(store, tree, learnt, "d", effects);
    store.commit(tree, effects, learnt);
  }

  static void add_body(BlockStore& store, chain::BlockTree& tree, BlockId id,
                       const std::string& text, chain::Effects& effects) {
    const std::string data = chain::encode_data(chain::Texts{text});
    tree.add_body(id, data.size());
    store.keep(id, data);
    effects.accept(id);
  }

  // Nothing where the store says that something is wrong, in its own way.
  std::optional<Contents> read(Repairs* repairs = nullptr) {
    try {
      BlockStore store(directory_.path());
      Contents contents;
      contents.genesis = store.genesis_text().value_or("");
      store.check_rules({});
      chain::BlockTree tree = tree_of_genesis();
      const chain::ChainView view = store.load(tree, {});
      store.discouraged();
      if (repairs != nullptr) *repairs = store.repairs();
      if (store.repairs().any()) return std::nullopt;
      contents.tip = chain::lower_hex(tree.header(view.tip()).hash);
      for (BlockId block = 1; block < tree.size(); ++block) {
        std::string data = chain::encode_block({.header = tree.header(block), .body = {}});
        if (view.has_body(block)) store.append_data_json(block, data);
        contents.blocks[chain::lower_hex(tree.header(block).hash)] = data;
      }
      return contents;
    } catch (const Failure&) {
      return std::nullopt;
    }
  }

  // Its exit code, or kOtherSchema.
  int verify() {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    int code = 0;
    try {
      code = verify_store(directory_.path(), {});
    } catch (const Failure& failure) {
      const bool other = std::string_view(failure.what()).find(" has schema ") != std::string::npos;
      code = other ? kOtherSchema : failure.exit_code;
    }
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    return code;
  }

  std::string bytes() {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // The only file of the store.
  void put(const std::string& content) {
    std::filesystem::remove_all(directory_.path());
    std::filesystem::create_directory(directory_.path());
    std::ofstream(file_, std::ios::binary) << content;
  }

  void make_schema_3() {
    Database(file_).run(
        "ALTER TABLE blocks DROP COLUMN checksum;"
        "DELETE FROM meta WHERE key IN ('genesis_checksum', 'tip_hash');"
        "UPDATE meta SET value = '3' WHERE key = 'schema'");
  }

  const TemporaryDirectory directory_{memory()};
  const std::string file_ = (directory_.path() / "chain.sqlite").string();
};

// A byte that means nothing may change; the start and verify report each other change. Only another
// version of the schema is none that verify calls damage.
TEST_F(StoreRot, NoFlippedByteChangesAChainSilently) {
  fill();
  const std::optional<Contents> written = read();
  ASSERT_TRUE(written);
  EXPECT_EQ(written->blocks.size(), 6u);
  const std::string sound = bytes();
  chain::Random random(9);
  std::size_t found = 0, flips = 0;
  int other_schemas = 0;
  for (std::size_t at = 0; at < sound.size(); ++at) {
    if (sound[at] == 0 && at % 64 != 0) continue;  // most of them stand in no row
    std::string rotten = sound;
    rotten[at] = static_cast<char>(rotten[at] ^ 1 << random.below(8));
    put(rotten);
    const int verified = verify();
    put(rotten);
    const std::optional<Contents> contents = read();
    ASSERT_TRUE(contents ? verified == 0 : verified == kExitDamaged || verified == kOtherSchema)
        << "byte " << at << ", verify " << verified;
    other_schemas += verified == kOtherSchema ? 1 : 0;
    ++flips;
    found += contents ? 0 : 1;
    if (contents) {
      ASSERT_TRUE(*contents == *written) << "byte " << at << " of " << sound.size();
    }
  }
  EXPECT_GT(found, 1500u);
  EXPECT_LE(other_schemas, 1);
  std::printf("%zu flips in %zu bytes, %zu reported\n", flips, sound.size(), found);
}

TEST_F(StoreRot, ARottenRowGoesWithWhatStandsOnIt) {
  fill();
  std::string rotten = bytes();
  const std::size_t at = rotten.find("data that no hash covers");
  ASSERT_NE(at, rotten.npos);
  rotten[at] = 'D';
  put(rotten);
  EXPECT_EQ(verify_store(directory_.path(), {}), kExitDamaged);
  Repairs repairs;
  read(&repairs);
  EXPECT_EQ(repairs.first, "block 2 is not as it was written: its checksum differs");
  EXPECT_EQ(repairs.blocks_removed, 4u);
  const auto left = read();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->blocks.size(), 2u);
  EXPECT_EQ(verify_store(directory_.path(), {}), 0);
}

// A repair that gave it a new checksum would hide the rot for ever.
TEST_F(StoreRot, RepairLeavesARottenRowOut) {
  fill();
  Database(file_).run("UPDATE blocks SET data_json = '[\"other\"]' WHERE id = 2");
  EXPECT_EQ(repair_store(directory_.path(), {}), 0);
  const auto left = read();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->blocks.size(), 2u);
}

TEST_F(StoreRot, ARottenGenesisRemovesNoBlock) {
  fill();
  const auto written = read();
  const std::string sound = bytes();
  for (const char* sql : {"UPDATE meta SET value = replace(value, '1', '2') WHERE key = 'genesis'",
                          "UPDATE meta SET value = 'tutoriaL' WHERE key = 'rules'",
                          "UPDATE meta SET key = 'Genesis' WHERE key = 'genesis'",
                          "UPDATE meta SET value = upper(value) WHERE key = 'genesis_checksum'"}) {
    put(sound);
    Database(file_).run(sql);
    EXPECT_FALSE(read()) << sql;
    EXPECT_EQ(verify_store(directory_.path(), {}), kExitDamaged) << sql;
    EXPECT_THROW(repair_store(directory_.path(), {}), Failure) << sql;
    Database database(file_);
    Statement blocks(database, "SELECT count(*) FROM blocks");
    ASSERT_TRUE(blocks.step());
    EXPECT_EQ(blocks.integer(0), 6) << sql;
  }
}

// Rules `work` reject such a body from a peer.
TEST_F(StoreRot, NoRulesRemoveABlockForItsMerkleRoot) {
  fill();
  const chain::ChainRules work{.kind = chain::RulesKind::work};
  Database database(file_);
  database.run("UPDATE blocks SET data_json = '[\"other\"]' WHERE id = 2");
  seal_blocks(database);
  for (const chain::ChainRules& rules : {chain::ChainRules{}, work}) {
    chain::BlockTree tree = tree_of_genesis();
    const LoadedBlocks loaded = load_blocks(database, tree, rules, Roots::checked);
    EXPECT_TRUE(loaded.faulty.empty()) << loaded.first_fault;
    EXPECT_EQ(loaded.other_root, std::vector<std::int64_t>{2});
  }
}

// Other programs may compute other roots.
TEST_F(StoreRot, AnotherMerkleRootIsNoDamage) {
  fill();
  {
    Database database(file_);
    database.run("UPDATE blocks SET data_json = '[\"other\"]' WHERE id = 2");
    seal_blocks(database);
  }
  testing::internal::CaptureStderr();
  EXPECT_EQ(verify_store(directory_.path(), {}), 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "chainnode: note: block 2: the merkle root is not that of its data; "
            "1 such blocks, which are kept\n");
  const auto contents = read();
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->blocks.size(), 6u);
}

TEST_F(StoreRot, TheThirdVersionGetsItsChecksumsOnce) {
  fill();
  const auto written = read();
  make_schema_3();
  EXPECT_EQ(read(), written);
  EXPECT_EQ(read(), written);
  EXPECT_EQ(verify_store(directory_.path(), {}), 0);
  Database(file_).run("UPDATE blocks SET data_json = '[\"other\"]' WHERE id = 2");
  EXPECT_EQ(read(), std::nullopt);
}

// Rows that nobody can read stay for load(), which keeps a copy before it removes them.
TEST_F(StoreRot, AnOldStoreIsUpgradedWithItsDamage) {
  fill();
  make_schema_3();
  Database(file_).run("UPDATE blocks SET key_order = '' WHERE id = 3");
  Repairs repairs;
  read(&repairs);
  EXPECT_EQ(repairs.first, "block 3 is not readable");
  EXPECT_EQ(repairs.blocks_removed, 3u);
  EXPECT_TRUE(std::filesystem::exists(file_ + ".damaged"));
}

TEST_F(StoreRot, RepairReadsAnOldStore) {
  fill();
  const auto written = read();
  make_schema_3();
  EXPECT_EQ(repair_store(directory_.path(), {}), 0);
  EXPECT_EQ(read(), written);
}

}  // namespace
}  // namespace net
