// The power goes at every moment of a store's life: what was promised is there afterwards, nothing
// is there by half, and nobody has to mend anything. And a sync that fails is the end.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "net-real/block_store.h"
#include "net-real/failure.h"
#include "net-real/store_schema.h"
#include "net-real/wal_scan.h"
#include "tests/real/real_fixture.h"
#include "tests/real/recorded_disk.h"
#include "tests/support/random_blocks.h"

namespace net {
namespace {

using chain::BlockId;

constexpr int kCheckpointPages = 30;  // so that a short life has many checkpoints
const std::size_t kStates = static_cast<std::size_t>(test::scaled(5000));

// What a store holds: the bodies' hashes, the headers' alone, the tip.
struct Contents {
  std::set<std::string> bodies, headers;
  std::string tip;
  std::size_t discouraged = 0;

  bool operator==(const Contents&) const = default;
};

Contents contents_of(const chain::BlockTree& tree, const chain::ChainView& view,
                     std::size_t discouraged) {
  Contents contents;
  for (BlockId block = 0; block < tree.size(); ++block) {
    const std::string hash = chain::lower_hex(tree.header(block).hash);
    if (view.has_header(block))
      (view.has_body(block) ? contents.bodies : contents.headers).insert(hash);
  }
  contents.tip = chain::lower_hex(tree.header(view.tip()).hash);
  contents.discouraged = discouraged;
  return contents;
}

chain::BlockTree tree_of_genesis() {
  chain::BlockTree tree;
  tree.add_root(widespread_genesis().block.header, widespread_genesis().text);
  return tree;
}

// A store that takes blocks, headers, reorgs and a stop; after each promise, what must be there.
class Life {
 public:
  Life(RecordedDisk& disk, const std::filesystem::path& directory)
      : disk_(disk), directory_(directory) {
    open();
    store_->set_genesis(widespread_genesis().text, {});
    chain::BlockTree unused = tree_of_genesis();
    store_->load(unused, {});
    promise();
  }

  void live() {
    for (int i = 0; i < 12; ++i) extend(1, std::size_t{40} << (i % 8));
    learn_then_fetch(5);
    reorg(4);
    store_->discourage({"192.0.2.1", 1});
    ++discouraged_;
    promise();
    for (int i = 0; i < 12; ++i) extend(3, 900);
    store_.reset();  // a clean stop: the log is moved into the file
    open();
    chain::BlockTree again = tree_of_genesis();
    store_->load(again, {});  // as ids were: parents first, in the order of commits
    ASSERT_EQ(again.size(), tree_.size());
    for (std::uint32_t i = 0; i < 8; ++i) {
      reorg(2 + i % 3);
      extend(2, 2000);
    }
  }

  const std::vector<Contents>& promised() const { return promised_; }
  // Commits after which the log was moved into the file while the store stayed open.
  std::size_t checkpoints() const { return checkpoints_; }

 private:
  void open() {
    store_ = std::make_unique<BlockStore>(directory_, kCheckpointPages);
    disk_.sync_names();
  }

  void promise() {
    promised_.push_back(contents_of(tree_, view_, discouraged_));
    disk_.promise(promised_.size());
  }

  BlockId add_header(BlockId parent, std::size_t bytes, std::string& text) {
    text = std::to_string(++blocks_) + " " + std::string(bytes, 'x');
    const chain::Block block = block_after(tree_.header(parent), text);
    return tree_.add_header(block.header, parent, 1);
  }

  void accept(BlockId block, const std::string& text, chain::Effects& effects) {
    const std::string data = chain::encode_data(chain::Texts{text});
    tree_.add_body(block, data.size());
    store_->keep(block, data);
    view_.add_body(block);
    effects.accept(block);
  }

  void commit(const chain::Effects& effects, BlockId tip) {
    view_.follow(tip);
    const auto& all = disk_.operations();
    const auto before = static_cast<std::ptrdiff_t>(all.size());
    store_->commit(tree_, effects, tip);
    checkpoints_ += std::any_of(all.begin() + before, all.end(), [](const auto& operation) {
      return operation.kind == RecordedDisk::Kind::sync && operation.file == "chain.sqlite";
    });
    promise();
  }

  void grow(BlockId from, std::uint32_t blocks, std::size_t bytes) {
    chain::Effects effects;
    BlockId tip = from;
    for (std::uint32_t i = 0; i < blocks; ++i) {
      std::string text;
      tip = add_header(tip, bytes, text);
      accept(tip, text, effects);
    }
    commit(effects, tip);
  }

  void extend(std::uint32_t blocks, std::size_t bytes) { grow(view_.tip(), blocks, bytes); }

  void reorg(std::uint32_t depth) {
    const std::uint32_t height = tree_.height(view_.tip());
    grow(tree_.ancestor(view_.tip(), height - depth), depth + 1, 300);
  }

  void learn_then_fetch(int count) {
    std::vector<std::pair<BlockId, std::string>> learnt;
    chain::Effects headers;
    BlockId tip = view_.tip();
    for (int i = 0; i < count; ++i) {
      std::string text;
      tip = add_header(tip, 100, text);
      view_.add_header(tip);
      headers.learn(tip);
      learnt.push_back({tip, text});
    }
    commit(headers, view_.tip());
    for (const auto& [block, text] : learnt) {
      chain::Effects effects;
      accept(block, text, effects);
      commit(effects, block);
    }
  }

  RecordedDisk& disk_;
  const std::filesystem::path directory_;
  chain::BlockTree tree_ = tree_of_genesis();
  chain::ChainView view_{0};
  std::unique_ptr<BlockStore> store_;
  std::vector<Contents> promised_;
  std::size_t discouraged_ = 0, checkpoints_ = 0;
  int blocks_ = 0;
};

// Where a sync costs nothing, if there is such a place: what is lost is decided here.
std::filesystem::path memory() {
  const std::filesystem::path path = "/dev/shm";
  return std::filesystem::is_directory(path) ? path : std::filesystem::temp_directory_path();
}

void write(const RecordedDisk::Files& files, const std::filesystem::path& directory) {
  for (const auto& [name, bytes] : files) {
    std::ofstream(directory / name, std::ios::binary) << bytes;
  }
}

// What a store finds in these files; nothing while it has no genesis.
std::optional<Contents> found_in(const RecordedDisk::Files& files) {
  const TemporaryDirectory directory(memory());
  write(files, directory.path());
  BlockStore store(directory.path());
  EXPECT_FALSE(store.repairs().log_cut) << store.repairs().first;
  if (!store.genesis_text()) return std::nullopt;
  chain::BlockTree tree = tree_of_genesis();
  const chain::ChainView view = store.load(tree, {});
  EXPECT_FALSE(store.repairs().any()) << store.repairs().first;
  return contents_of(tree, view, store.discouraged().size());
}

std::string schema_of(const RecordedDisk::Files& files) {
  const TemporaryDirectory directory(memory());
  write(files, directory.path());
  Database database(database_file(directory.path()));
  return meta(database, "schema").value_or("");
}

bool has_torn_log(const RecordedDisk::Files& files) {
  const auto log = files.find("chain.sqlite-wal");
  return log != files.end() && scan_log(log->second).whole_bytes < log->second.size();
}

// No loss of power is called damage (found_in), though many tear the log.
TEST(PowerLoss, TakesNothingThatWasPromised) {
  const TemporaryDirectory directory(memory());
  RecordedDisk::Kind kinds[] = {RecordedDisk::Kind::create, RecordedDisk::Kind::remove,
                                RecordedDisk::Kind::truncate, RecordedDisk::Kind::rename};
  std::vector<RecordedDisk::Operation> operations;
  std::vector<Contents> promised;
  {
    RecordedDisk disk;
    Life life(disk, directory.path() / "data");
    life.live();
    operations = disk.operations();
    promised = life.promised();
    EXPECT_GE(life.checkpoints(), 5u);
  }
  for (const auto kind : kinds) {
    EXPECT_TRUE(std::any_of(operations.begin(), operations.end(),
                            [kind](const auto& operation) { return operation.kind == kind; }));
  }
  chain::Random random(7);
  std::size_t states = 0, empty = 0, ahead = 0, torn = 0;
  for (std::size_t round = 0; states < kStates; ++round) {
    for (std::size_t cut = 0; cut < operations.size(); ++cut, ++states) {
      const std::size_t least = RecordedDisk::promised(operations, cut);
      const auto files = RecordedDisk::after_power_loss(operations, cut, random);
      torn += has_torn_log(files);
      const auto found = found_in(files);
      const std::string where = "operation " + std::to_string(cut) + ", round " +
                                std::to_string(round) + ", promised " + std::to_string(least);
      if (!found) {
        ASSERT_EQ(least, 0u) << where;
        ++empty;
        continue;
      }
      const bool as_promised = least > 0 && *found == promised[least - 1];
      const bool as_next = least < promised.size() && *found == promised[least];
      ASSERT_TRUE(as_promised || as_next) << where;
      ahead += as_promised ? 0 : 1;
    }
  }
  // Chance found all that there is to find: also what was written, and nobody told yet.
  EXPECT_GT(empty, 0u);
  EXPECT_GT(ahead, 0u);
  EXPECT_GT(torn, kStates / 10);
  std::printf(
      "%zu operations, %zu states: %zu before a genesis, %zu with more than was promised, "
      "%zu with a log that is not whole\n",
      operations.size(), states, empty, ahead, torn);
}

// The store is either as it was or has all its checksums; a cut is no damage in both cases.
TEST(PowerLoss, LeavesAnUpgradeWholeOrUndone) {
  const TemporaryDirectory directory(memory());
  const std::filesystem::path data = directory.path() / "data";
  std::vector<RecordedDisk::Operation> operations;
  std::size_t upgrade = 0;
  Contents written;
  {
    RecordedDisk disk;
    {
      Life life(disk, data);
      life.live();
      written = life.promised().back();
    }
    Database(database_file(data))
        .run(
            "ALTER TABLE blocks DROP COLUMN checksum;"
            "DELETE FROM meta WHERE key IN ('genesis_checksum', 'tip_hash');"
            "UPDATE meta SET value = '3' WHERE key = 'schema'");
    upgrade = disk.operations().size();
    { BlockStore store(data); }  // a clean stop moves the log into the file
    operations = disk.operations();
  }
  chain::Random random(9);
  std::size_t states = 0, undone = 0;
  for (; states < 400; ++states) {
    const std::size_t cut = upgrade + random.below(operations.size() - upgrade);
    const auto files = RecordedDisk::after_power_loss(operations, cut, random);
    undone += schema_of(files) == "3";
    const auto found = found_in(files);
    ASSERT_TRUE(found && *found == written) << "operation " << cut - upgrade << " of the upgrade";
  }
  EXPECT_GT(undone, states / 10);
  EXPECT_LT(undone, states);
  std::printf("%zu operations, %zu states: %zu before the upgrade\n", operations.size() - upgrade,
              states, undone);
}

// Each sync of a life, one after the other, fails: the store says so and does no more. Those of a
// clean stop aside, whose only work is to move into the file what the log holds, and keeps.
TEST(PowerLoss, ASyncThatFailsIsTheEnd) {
  constexpr int kSyncsOfAStop = 3;
  const auto life = [](std::optional<int> syncs) {
    const TemporaryDirectory directory(memory());
    RecordedDisk disk;
    if (syncs) disk.fail_syncs_after(*syncs);
    Life(disk, directory.path() / "data").live();
    const auto& all = disk.operations();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [](const auto& operation) {
      return operation.kind == RecordedDisk::Kind::sync;
    }));
  };
  const int syncs = life(std::nullopt);
  ASSERT_GT(syncs, 50);
  int told = 0;
  for (int sync = 0; sync < syncs; ++sync) {
    try {
      life(sync);
    } catch (const Failure& failure) {
      ++told;
      EXPECT_EQ(failure.exit_code, kExitCannotWrite);
      const std::string words = failure.what();
      EXPECT_NE(words.find("a sync to disk failed"), std::string::npos) << words;
    }
  }
  EXPECT_GE(told, syncs - 2 * kSyncsOfAStop);
}

// A sync fails, the process ends; another one starts, tells what it finds and goes on, and then the
// power goes: also what was found is there, although nobody can know whether it had been synced.
TEST(PowerLoss, TakesNothingThatWasToldAfterAFailedSync) {
  chain::Random random(8);
  std::size_t states = 0;
  const int stride = 30 / test::scaled(10);
  for (int failing = 5;; failing += stride) {
    const TemporaryDirectory directory(memory());
    RecordedDisk disk;
    disk.fail_syncs_after(failing);
    try {
      Life(disk, directory.path() / "data").live();
      break;  // there was no such sync any more
    } catch (const Failure&) {
    }
    disk.let_sync();
    const std::size_t second_life = disk.operations().size();
    std::vector<Contents> told;
    {
      BlockStore store(directory.path() / "data", kCheckpointPages);
      if (!store.genesis_text()) continue;
      chain::BlockTree tree = tree_of_genesis();
      chain::ChainView view = store.load(tree, {});
      const std::size_t discouraged = store.discouraged().size();
      for (int i = 0; i < 4; ++i) {
        told.push_back(contents_of(tree, view, discouraged));
        disk.promise(told.size());
        const chain::Block block = block_after(tree.header(view.tip()), "second life");
        const BlockId id = tree.add_header(block.header, view.tip(), 1);
        const std::string data = chain::encode_data(block.body);
        tree.add_body(id, data.size());
        store.keep(id, data);
        view.add_body(id);
        view.follow(id);
        chain::Effects effects;
        effects.accept(id);
        store.commit(tree, effects, id);
      }
      told.push_back(contents_of(tree, view, discouraged));
    }
    const auto operations = std::vector(disk.operations());
    for (std::size_t cut = second_life; cut < operations.size(); ++cut) {
      std::size_t least = 0;
      for (std::size_t i = second_life; i < cut; ++i) {
        least = std::max(least, operations[i].promised);
      }
      if (least == 0) continue;
      for (int round = 0; round < 4; ++round, ++states) {
        const auto found = found_in(RecordedDisk::after_power_loss(operations, cut, random));
        ASSERT_TRUE(found && (*found == told[least - 1] || *found == told[least]))
            << "sync " << failing << ", operation " << cut << ", promised " << least;
      }
    }
  }
  EXPECT_GT(states, static_cast<std::size_t>(test::scaled(1000)));
  std::printf("%zu states after a failed sync and a new start\n", states);
}

}  // namespace
}  // namespace net
