// A main chain and branches of it, made once, as the texts that frames consist of: what a test or a
// fuzzer sends to a host by the thousand, without hashing a block again.
//
// All blocks are valid under `tutorial`. Each branch is a whole path from the genesis.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/merkle.h"
#include "tests/real/fakes.h"

namespace net {

class KnownChains {
 public:
  struct Entry {
    chain::Hash hash;
    std::uint32_t height = 0, parent = 0;  // the parent's place in the list; the genesis is its own
    std::string header, block;             // JSON texts
  };
  using Path = std::vector<std::uint32_t>;  // places in the list, by height

  static const KnownChains& get() {
    static const KnownChains chains;
    return chains;
  }

  std::size_t paths() const { return paths_.size(); }
  const Path& path(std::size_t number) const { return paths_[number % paths_.size()]; }
  const Entry& entry(std::uint32_t place) const { return entries_[place]; }
  const Entry* find(const chain::Hash& hash) const {
    const auto found = places_.find(hash.bytes);
    return found == places_.end() ? nullptr : &entries_[found->second];
  }

  // The `count` entries that end with `last`, or as many as there are above the genesis: a frame.
  std::string frame(int type, const Entry& last, std::uint32_t count) const {
    constexpr std::size_t kMost = 1'000'000;  // bytes, below the limit of a frame
    const auto text = type == 102 ? &Entry::header : &Entry::block;
    std::vector<const std::string*> texts;
    const Entry* entry = &last;
    for (std::size_t bytes = 0; texts.size() < count && entry->height > 0;) {
      bytes += (entry->*text).size() + 1;
      if (bytes > kMost) break;
      texts.push_back(&(entry->*text));
      entry = &entries_[entry->parent];
    }
    std::string out = R"({"type":)" + std::to_string(type) + R"(,"payload":)";
    char separator = '[';
    for (auto each = texts.rbegin(); each != texts.rend(); ++each) {
      out += separator + **each;
      separator = ',';
    }
    return out + (texts.empty() ? "[]}" : "]}");
  }

 private:
  KnownChains() {
    const chain::Block genesis = widespread_genesis().block;
    header_ = {genesis.header};
    entries_.push_back({genesis.header.hash, 0, 0, "", std::string(chain::kWidespreadGenesis)});
    places_[genesis.header.hash.bytes] = 0;
    paths_.push_back(grow({0}, 4500));
    // Near the tip; below the low-work floor; a light one; the heaviest, from the genesis; three
    // that outweigh the main chain.
    constexpr std::uint32_t kBranches[][2] = {{4490, 20},   {2000, 2600}, {100, 300}, {0, 4600},
                                              {1000, 3550}, {3000, 1540}, {500, 4030}};
    for (const auto& [fork, count] : kBranches) {
      const Path& main = paths_.front();
      paths_.push_back(grow(Path(main.begin(), main.begin() + fork + 1), count));
    }
  }

  Path grow(Path path, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) path.push_back(add_after(path.back()));
    return path;
  }

  std::uint32_t add_after(std::uint32_t parent) {
    const auto place = static_cast<std::uint32_t>(entries_.size());
    chain::Block block{.header = {}, .body = chain::Texts{"block " + std::to_string(place)}};
    chain::Header& header = block.header;
    header.height = header_[parent].height + 1;
    header.timestamp_ms = 1'700'000'000'000 + header.height;
    header.previous_hash = header_[parent].hash;
    header.merkle_root = *chain::merkle_root(block.body);
    header.nonce = 1;
    header.hash = chain::hash_of(header, chain::HashOrder::standard);
    std::string text;
    chain::append_header(text, header);
    entries_.push_back({header.hash, static_cast<std::uint32_t>(header.height), parent, text,
                        chain::encode_block(block)});
    header_.push_back(header);
    places_[header.hash.bytes] = place;
    return place;
  }

  std::vector<Entry> entries_;
  std::vector<chain::Header> header_;
  std::map<decltype(chain::Hash::bytes), std::uint32_t> places_;
  std::vector<Path> paths_;
};

}  // namespace net
