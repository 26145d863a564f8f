// The scan of the write-ahead log: damage is told from a torn commit, whichever byte is wrong.
#include "net-real/wal_scan.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "net-real/block_store.h"
#include "tests/real/real_fixture.h"
#include "tests/support/random_blocks.h"

namespace net {
namespace {

constexpr std::size_t kHeader = 32, kFrame = 24 + 4096;

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

bool is_commit(const std::string& log, std::size_t frame) {
  return log.substr(kHeader + frame * kFrame + 4, 4) != std::string(4, '\0');
}

// The frames of a log in which each of five commits has several, and where each commit ends.
class WalScan : public testing::Test {
 protected:
  WalScan() {
    Database database(file_);
    database.run("PRAGMA journal_mode=WAL; CREATE TABLE t (x)");
    for (int i = 0; i < 4; ++i) database.run("INSERT INTO t VALUES (randomblob(9000))");
    log_ = read(file_ + "-wal");
    for (std::size_t i = 0; i < frames(); ++i) {
      if (is_commit(log_, i)) ends_.push_back(i + 1);
    }
  }
  std::size_t frames() const { return (log_.size() - kHeader) / kFrame; }
  std::string flipped(std::size_t at) const {
    std::string log = log_;
    log[at] = static_cast<char>(log[at] ^ 0x80);
    return log;
  }

  TemporaryDirectory directory_;
  const std::string file_ = (directory_.path() / "t.sqlite").string();
  std::string log_;
  std::vector<std::size_t> ends_;
};

TEST_F(WalScan, AWholeLogIsWhole) {
  ASSERT_EQ(ends_.size(), 5u);
  const LogScan scan = scan_log(log_);
  EXPECT_EQ(scan.frames, frames());
  EXPECT_EQ(scan.whole_bytes, log_.size());
  EXPECT_EQ(scan.damaged_frame, std::nullopt);
}

TEST_F(WalScan, AnyWrongByteBeforeTheLastTwoCommitsIsDamage) {
  const std::size_t last_two = kHeader + ends_[2] * kFrame;
  for (std::size_t at = 0; at < last_two; at += at % kFrame < 80 ? 1 : 61) {
    const std::size_t frame = at < kHeader ? 0 : 1 + (at - kHeader) / kFrame;
    const LogScan scan = scan_log(flipped(at));
    ASSERT_EQ(scan.damaged_frame, frame) << at;
    ASSERT_LE(scan.whole_bytes, at) << at;
  }
}

TEST_F(WalScan, AWrongPageOrChecksumOfTheLastCommitButOneIsDamage) {
  for (std::size_t frame = ends_[2]; frame < ends_[3]; ++frame) {
    const std::size_t begin = kHeader + frame * kFrame;
    for (std::size_t at = 16; at < kFrame; at += at < 24 ? 1 : 61) {
      const LogScan scan = scan_log(flipped(begin + at));
      ASSERT_EQ(scan.damaged_frame, frame + 1) << at;
      ASSERT_EQ(scan.whole_bytes, kHeader + ends_[2] * kFrame) << at;
    }
  }
}

TEST_F(WalScan, AnyWrongByteOfTheLastCommitIsATornWrite) {
  const std::size_t stride = 10 / static_cast<std::size_t>(test::scaled(10));
  for (std::size_t at = kHeader + ends_[3] * kFrame; at < log_.size(); at += stride) {
    const LogScan scan = scan_log(flipped(at));
    ASSERT_EQ(scan.damaged_frame, std::nullopt) << at;
    ASSERT_EQ(scan.whole_bytes, kHeader + ends_[3] * kFrame) << at;
  }
}

TEST_F(WalScan, ALogOfAnyLengthIsTornAtMost) {
  for (std::size_t bytes = 0; bytes < log_.size(); bytes += bytes < 200 ? 1 : 61) {
    ASSERT_EQ(scan_log(std::string_view(log_).substr(0, bytes)).damaged_frame, std::nullopt);
  }
}

// Behind a short torn commit stands the rest of a longer one that was torn before, salts the same.
TEST_F(WalScan, TheRestOfAnEarlierTornCommitIsNoLaterCommit) {
  const std::string short_log = log_.substr(0, kHeader + ends_[3] * kFrame);
  std::string torn = log_;
  torn[kHeader + ends_[3] * kFrame + 100] ^= 1;
  const std::string other = (directory_.path() / "other.sqlite").string();
  std::filesystem::copy_file(file_, other);
  write(other + "-wal", torn);
  const std::string before = read(other + "-wal");
  Database database(other);
  database.run("PRAGMA wal_autocheckpoint=0; UPDATE t SET x = 1 WHERE rowid = 4");
  std::string log = read(other + "-wal");
  ASSERT_EQ(log.size(), before.size());
  ASSERT_EQ(log.substr(0, short_log.size()), short_log);
  ASSERT_TRUE(is_commit(log, frames() - 1));
  EXPECT_EQ(scan_log(log).damaged_frame, std::nullopt);
  log[short_log.size() + 100] ^= 1;
  EXPECT_EQ(scan_log(log).damaged_frame, std::nullopt);
}

TEST_F(WalScan, FramesOfALogBeforeTheLastRestartAreNoLaterCommits) {
  const std::string other = (directory_.path() / "other.sqlite").string();
  std::filesystem::copy_file(file_, other);
  write(other + "-wal", log_);
  Database database(other);
  database.run("PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (1)");
  std::string log = read(other + "-wal");
  ASSERT_EQ(log.size(), log_.size());
  EXPECT_EQ(scan_log(log).damaged_frame, std::nullopt);
  EXPECT_LT(scan_log(log).whole_bytes, log.size());
  log[kHeader + 100] ^= 1;
  EXPECT_EQ(scan_log(log).damaged_frame, std::nullopt);
}

}  // namespace
}  // namespace net
