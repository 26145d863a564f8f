// The core's costs: blocks a second checked, nonces tried, merkle roots, frames of the codec, wire
// sizes.
#include <benchmark/benchmark.h>

#include "core/intake.h"
#include "core/merkle.h"
#include "core/nonce_search.h"
#include "core/wire_size.h"
#include "tests/support/random_blocks.h"

namespace {

using namespace chain;

constexpr CodecLimits kNoLimits{.max_frame = ~std::uint64_t{0}};

// A chain of blocks with one text of `bytes` each, the genesis first.
std::vector<Block> plain_chain(std::size_t length, std::size_t bytes) {
  std::vector<Block> blocks{parse_genesis(kWidespreadGenesis)->block};
  while (blocks.size() <= length) {
    Block block;
    block.header.height = blocks.back().header.height + 1;
    block.header.timestamp_ms = 1'700'000'000'000 + block.header.height;
    block.header.previous_hash = blocks.back().header.hash;
    block.body = Texts{std::string(bytes, 'x')};
    block.header.merkle_root = *merkle_root(block.body);
    block.header.hash = hash_of(block.header, HashOrder::standard);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

void CheckBlock(benchmark::State& state) {
  const std::vector<Block> blocks = plain_chain(1000, 100);
  for (auto _ : state) {
    for (std::size_t i = 1; i < blocks.size(); ++i) {
      benchmark::DoNotOptimize(check_block({}, blocks[i].header, blocks[i - 1].header));
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(CheckBlock);

// A whole chain that a node has never seen: each block checked and put into its tree.
void TakeNewChain(benchmark::State& state) {
  const WireMessage wire{MessageType::whole_chain, plain_chain(1000, 100)};
  for (auto _ : state) {
    BlockTree tree;
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    const BlockId root = tree.add_root(genesis.block.header, genesis.text);
    Intake intake(tree, {}, false, {}, [](BlockId, const std::string&) {});
    benchmark::DoNotOptimize(intake.take(0, wire, root, 0));
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(TakeNewChain);

// Argument: 0 for this machine's fastest compression, 1 and on for those that slower machines have.
void TryNonces(benchmark::State& state) {
  const auto which = static_cast<std::size_t>(state.range(0));
  if (which >= compressions().size()) return state.SkipWithError("not on this machine");
  const Header header = plain_chain(1, 100).back().header;
  constexpr std::int64_t kHopeless = 200;  // leading zero bits
  NonceSearch search(hash_prefix(header, HashOrder::standard), kHopeless, 1, 1,
                     compressions()[which]);
  constexpr int kRounds = 1000;
  for (auto _ : state) benchmark::DoNotOptimize(search.next(kRounds));
  state.SetItemsProcessed(state.iterations() * kRounds * NonceSearch::kLanes);
}
BENCHMARK(TryNonces)->Arg(0)->Arg(1);

void MerkleRoot(benchmark::State& state) {
  Texts texts;
  for (std::int64_t i = 0; i < state.range(0); ++i) texts.push_back("text " + std::to_string(i));
  const Body body = texts;
  for (auto _ : state) benchmark::DoNotOptimize(merkle_root(body));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MerkleRoot)->Arg(1)->Arg(16)->Arg(1024);

// Arguments: blocks in the frame, bytes of text in each.
void Decode(benchmark::State& state) {
  const auto blocks = plain_chain(static_cast<std::size_t>(state.range(0)),
                                  static_cast<std::size_t>(state.range(1)));
  const std::string frame = test::frame_of(MessageType::whole_chain, blocks);
  for (auto _ : state) benchmark::DoNotOptimize(decode(frame, kNoLimits));
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frame.size()));
}
BENCHMARK(Decode)->Args({1, 100})->Args({1, 20000})->Args({1000, 100});

class Bodies final : public FrameFacts {
 public:
  explicit Bodies(const std::vector<Block>& blocks) {
    for (const Block& block : blocks) data_.push_back(encode_data(block.body));
  }
  void append_data_json(BlockId id, std::string& out) const override { out += data_[id]; }

 private:
  std::vector<std::string> data_;
};

BlockId fill(BlockTree& tree, const std::vector<Block>& blocks) {
  BlockId tip = tree.add_root(blocks[0].header, std::string(kWidespreadGenesis));
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    tip = tree.add_header(blocks[i].header, tip, 1);
    tree.add_body(tip, encode_data(blocks[i].body).size());
  }
  return tip;
}

void Encode(benchmark::State& state) {
  const auto blocks = plain_chain(static_cast<std::size_t>(state.range(0)),
                                  static_cast<std::size_t>(state.range(1)));
  BlockTree tree;
  const BlockId tip = fill(tree, blocks);
  const Bodies bodies(blocks);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = encode(whole_chain(tip), tree, bodies).size();
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(Encode)->Args({1, 100})->Args({1, 20000})->Args({1000, 100});

void WireSize(benchmark::State& state) {
  BlockTree tree;
  const BlockId tip = fill(tree, plain_chain(1000, 100));
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire_size(whole_chain(tip), tree));
    benchmark::DoNotOptimize(wire_size(latest_block(tip), tree));
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(WireSize);

}  // namespace
