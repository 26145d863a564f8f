// What the tests of net-real share: a directory that goes away, a log that can be read, blocks that
// are valid, and links that only remember what they were told.
//
// No sockets: those are tried by sockets_test.cpp and, from outside, by tests/e2e.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/merkle.h"
#include "net-real/host.h"

namespace net {

class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(
      const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
    std::string name = (in / "chainnode-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class MemoryLog {
 public:
  MemoryLog() : file_(std::tmpfile()), log(file_, LogFormat::text) {}
  ~MemoryLog() { std::fclose(file_); }
  bool has(std::string_view piece) const {
    std::string text(1 << 16, '\0');
    std::rewind(file_);
    text.resize(std::fread(text.data(), 1, text.size(), file_));
    return text.find(piece) != text.npos;
  }

 private:
  std::FILE* file_;

 public:
  Log log;
};

class RecordingLinks : public Links {
 public:
  void send(chain::PeerId to, const Frame& frame) override {
    on_send();
    sent.push_back({to, *frame});
  }
  void close(chain::PeerId peer, CloseWhy, std::string_view) override { closed.push_back(peer); }
  void dial(chain::AddressId address) override { dialled.push_back(address); }
  std::string remote_ip(chain::PeerId) const override { return ip; }
  std::vector<PeerFacts> peers() const override { return {}; }
  SendStats send_stats() const override { return {}; }
  void charge(chain::PeerId peer, std::uint64_t work) override { charged[peer] += work; }
  void sent_blocks(chain::PeerId peer, bool useful) override {
    blocks_of.push_back({peer, useful});
  }

  std::function<void()> on_send = [] {};
  std::string ip = "192.0.2.1";  // of all peers
  std::vector<std::pair<chain::PeerId, std::string>> sent;
  std::vector<chain::PeerId> closed;
  std::map<chain::PeerId, std::uint64_t> charged;
  std::vector<std::pair<chain::PeerId, bool>> blocks_of;  // peer, and whether a block was useful
  std::vector<chain::AddressId> dialled;
};

inline chain::Genesis widespread_genesis() {
  return *chain::parse_genesis(chain::kWidespreadGenesis);
}

inline chain::Block block_after(const chain::Header& parent, const std::string& text) {
  chain::Block block{.header = {}, .body = chain::Texts{text}};
  block.header.height = parent.height + 1;
  block.header.timestamp_ms = 1700000000000 + parent.height;
  block.header.previous_hash = parent.hash;
  block.header.merkle_root = *chain::merkle_root(block.body);
  block.header.nonce = 1;
  block.header.hash = chain::hash_of(block.header, chain::HashOrder::standard);
  return block;
}

// A host on a store of its own.
struct HostUnderTest {
  explicit HostUnderTest(const std::filesystem::path& directory)
      : HostUnderTest(directory, {.genesis = widespread_genesis(),
                                  .protocol = chain::ProtocolKind::push_chain}) {}
  HostUnderTest(const std::filesystem::path& directory, const HostOptions& options)
      : store(directory), host(loop, store, links, registry, log.log, options) {}

  const chain::Header& tip() const { return host.tree().header(host.tip()); }

  Loop loop;
  MemoryLog log;
  RecordingLinks links;
  AddressRegistry registry;
  BlockStore store;
  Host host;
};

}  // namespace net
