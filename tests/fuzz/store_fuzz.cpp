// Any bytes as the file of a store: refused in one line that names the directory, or blocks of
// which each stands on its parent, a tip whose body is there, and room for one more.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "core/block_size.h"
#include "core/check.h"
#include "core/merkle.h"
#include "net-real/block_store.h"
#include "net-real/failure.h"

namespace {

using namespace chain;

// Of this process, in memory where there is such a place.
std::filesystem::path directory() {
  static const std::filesystem::path path = [] {
    const std::filesystem::path memory = "/dev/shm";
    const auto base =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    return base / ("store_fuzz." + std::to_string(getpid()));
  }();
  return path;
}

struct Removed {
  ~Removed() {
    std::error_code ignored;
    std::filesystem::remove_all(directory(), ignored);
  }
};

Body body_of_one_more() { return std::vector<std::string>{"one more"}; }

BlockId one_more(BlockTree& tree, const ChainRules& rules, BlockId parent) {
  const std::int64_t now_ms = tree.header(parent).timestamp_ms + 1;
  Header header = block_template(rules, tree, parent, now_ms);
  header.merkle_root = *merkle_root(body_of_one_more());
  header.hash = hash_of(header, HashOrder::standard);
  return tree.find(header.hash) == kNoBlock
             ? tree.add_header(header, parent, work_of(rules, header))
             : kNoBlock;
}

void open_and_use(const ChainRules& rules) {
  net::BlockStore store(directory());
  const auto text = store.genesis_text();
  if (!text) return;
  store.check_rules(rules);
  const auto genesis = parse_genesis(*text);
  if (!genesis) return;
  BlockTree tree;
  tree.add_root(genesis->block.header, genesis->text);
  const ChainView view = store.load(tree, rules);
  CHECK(view.has_body(view.tip()) && tree.has_body(view.tip()));
  for (BlockId block = 1; block < tree.size(); ++block) {
    CHECK(tree.parent(block) < block && view.has_header(block));
    std::string data;
    if (view.has_body(block)) store.append_data_json(block, data);
  }
  store.discouraged();
  if (tree.header(view.tip()).timestamp_ms > (std::int64_t{1} << 50)) return;
  const BlockId block = one_more(tree, rules, view.tip());
  if (block == kNoBlock) return;
  const std::string data = encode_data(body_of_one_more());
  store.keep(block, data);
  tree.add_body(block, data.size());
  Effects effects;
  effects.accept(block);
  store.commit(tree, effects, block);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Removed removed;
  std::filesystem::create_directories(directory());
  {
    std::ofstream file(directory() / "chain.sqlite", std::ios::binary);
    file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  try {
    open_and_use(ChainRules{});
  } catch (const net::Failure& failure) {
    const std::string what = failure.what();
    CHECK(what.find('\n') == std::string::npos);
    CHECK(what.find(directory().string()) != std::string::npos);
  }
  return 0;
}
