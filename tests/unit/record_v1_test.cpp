// A recording of version 1, as version 0.1.0 wrote it: one node of header_first, seven steps.
#include <gtest/gtest.h>

#include "core/record_writer.h"
#include "tests/support/recording.h"

namespace {

using namespace chain;

constexpr std::string_view kVersion1 =
    "636861696e72656301000000000000000000000000000000d308a385886a3f24275d18d52859693098010000"
    "abb0d5eb1001000976657273696f6e2031110800000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000767656e65736973120000ca9781"
    "12ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb000000000000000000000000000000"
    "000000000000000000000000000000000000000013000a1200003e23e8160039594a33894f6564e1b1348bbd"
    "7a0088d42c4acb73eeaed59c009d000000000000000000000000000000000000000000000000000000000000"
    "000000000013000a15000000010000000080c8afa02500010100ffffffff0f80e0a596bb110500018094ebdc"
    "0380e0ba84bf030207000000c0c1fbc4210308b04808050500c08db701030001ad5236a80500c08db7010302"
    "04674b0f750500c08db7010301021c3a88410600c08db701009d6124c60100c08db701032f6784830700c08d"
    "b7018f0ce5d816000f9a2bb08f0ce5d84b68bb2d50046a38";
constexpr const char* kDigest = "ce68f1cd151be308";  // as it was printed then

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

TEST(RecordVersion1, IsReplayedAndEachStepIsCompared) {
  const std::string part = bytes_of(kVersion1);
  const auto again = test::replayed({part});
  EXPECT_EQ(again.fault, "");
  EXPECT_FALSE(again.differs_at);
  EXPECT_EQ(again.counts.steps, 7u);
  EXPECT_EQ(again.digest, kDigest);
  const auto read = test::read_back({part});
  std::uint64_t step = 0;
  for (std::size_t i = 0; i + 1 < read.records.size(); ++i) {
    if (!std::holds_alternative<StepTaken>(read.records[i])) continue;
    const auto planted = test::replayed({test::planted(part, read.offsets[i + 1] - 1, 1)});
    EXPECT_EQ(planted.differs_at, step++);
  }
}

// A node that was upgraded: a part has one version.
TEST(RecordVersion1, MayGoOnInAPartOfTheNextVersion) {
  const std::string first = bytes_of(kVersion1);
  const auto read = test::read_back({first});
  RecordWriter writer(read.end);
  std::string second = writer.next_part();
  BlockTree tree;
  tree.add_root({}, "genesis");
  NodeOptions options{.protocol = ProtocolKind::header_first, .nonce = 6};
  Node node(tree, ChainView(0), options);
  writer.begin_world(RecordedWorld::real, "version 2", 0);
  writer.begin_life(0, options, ChainView(0), tree);
  Effects out;
  node.step(kTimeZero, PeerUp{1, kNoAddress}, out);
  writer.step(kTimeZero, 0, PeerUp{1, kNoAddress}, out, tree);
  writer.finish_frame();
  second += writer.frames();
  const auto again = test::replayed({first, second});
  EXPECT_EQ(again.fault, "");
  EXPECT_FALSE(again.differs_at);
  EXPECT_EQ(again.counts.steps, 8u);
  EXPECT_EQ(again.digest, hex16(writer.digest()));
}

}  // namespace
