// Shared by the tests of net-real: valid blocks, and a host on a store of its own in fake
// surroundings (fakes.h).
//
// No sockets: those are tried by sockets_test.cpp and, from outside, by tests/e2e.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/merkle.h"
#include "net-real/host.h"
#include "tests/real/fakes.h"

namespace net {

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
  ~HostUnderTest() { EXPECT_EQ(host.counters().bodies_left, bodies_left); }

  const chain::Header& tip() const { return host.tree().header(host.tip()); }

  Loop loop;
  MemoryLog log;
  RecordingLinks links;
  AddressRegistry registry;
  BlockStore store;
  Host host;
  std::uint64_t bodies_left = 0;  // as the test expects it at the end
};

}  // namespace net
