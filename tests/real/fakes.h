// Fakes of a node's surroundings, to drive a host without sockets: a directory that goes away, a
// log that can be read, and links that only remember the calls.
//
// Without GoogleTest, since the fuzzers are built without it.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/json_codec.h"
#include "net-real/links.h"
#include "net-real/log.h"

namespace net {

class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(
      const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
    std::string name = (in / "chainnode-test-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
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

}  // namespace net
