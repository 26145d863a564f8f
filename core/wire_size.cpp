#include "core/wire_size.h"

#include "core/block_size.h"
#include "core/check.h"

namespace chain {
namespace {

// The length of a literal, where a hash stands as `#` and 16 digits as `*`.
constexpr std::uint64_t length_of(std::string_view text) {
  std::uint64_t length = 0;
  for (const char c : text) length += c == '#' ? 64 : c == '*' ? 16 : 1;
  return length;
}

constexpr std::uint64_t kOriginal = length_of(R"({"type":0,"payload":})");
constexpr std::uint64_t kSync = length_of(R"({"type":100,"payload":})");
constexpr std::uint64_t kTip = length_of(R"("tip":"#","height":,"work":"*")");
constexpr std::uint64_t kHello =
    length_of(R"({"versions":[1],"network":"#","node":"*",,"listen":,"relay":""})");
constexpr std::uint64_t kGetBlocks = length_of(R"({"last":"#","count":})");
constexpr std::uint64_t kReject = length_of(R"({"code":"","reason":""})");
constexpr std::uint64_t kQuotedHash = length_of(R"("#")");

// Of n things in brackets.
std::uint64_t brackets(std::uint64_t n) { return n == 0 ? 2 : n + 1; }

std::uint64_t tip_size(BlockId tip, const BlockTree& tree) {
  return kTip + decimal_length(tree.height(tip));
}

std::uint64_t headers_size(const Message& message, const BlockTree& tree) {
  const BlockInfo& last = tree.info(message.last);
  const BlockId before =
      tree.parent(tree.ancestor(message.last, last.height + 1 - message.count()));
  return brackets(message.count()) + last.chain_header_bytes - tree.info(before).chain_header_bytes;
}

std::uint64_t blocks_size(const Message& message, const BlockTree& tree) {
  std::uint64_t bytes = brackets(message.count());
  BlockId block = message.last;
  for (std::uint32_t i = 0; i < message.count(); ++i, block = tree.parent(block)) {
    bytes += tree.block_bytes(block);
  }
  return bytes;
}

std::uint64_t addresses_size(const Message& message, const FrameFacts& facts) {
  const auto all = message.addresses();
  std::uint64_t bytes = brackets(message.detail);
  for (std::size_t i = 0; i < message.detail; ++i) {
    bytes += json_string_length(facts.address(all[i]));
  }
  return bytes;
}

}  // namespace

std::uint64_t wire_size(const Message& message, const BlockTree& tree, const FrameFacts& facts) {
  switch (message.type) {
    case MessageType::query_latest:
      return kOriginal + 2;
    case MessageType::latest_block:
      return kOriginal + brackets(1) + tree.block_bytes(message.last);
    case MessageType::whole_chain:
      return kOriginal + brackets(tree.height(message.last) + 1) + tree.chain_bytes(message.last);
    case MessageType::hello:
      return kSync + kHello + tip_size(message.last, tree) + json_string_length(facts.listens()) +
             kRelayWords[message.detail].size();
    case MessageType::get_headers: {
      const std::uint64_t hashes = is_staged(message.last) || message.count() == 1
                                       ? 1
                                       : locator_length(tree.height(message.last));
      return kSync + brackets(hashes) + hashes * kQuotedHash;
    }
    case MessageType::headers:
      return kSync + headers_size(message, tree);
    case MessageType::inv:
    case MessageType::ping:
    case MessageType::pong:
      return kSync + 2 + tip_size(message.last, tree);
    case MessageType::get_blocks:
      return kSync + kGetBlocks + decimal_length(message.count());
    case MessageType::blocks:
      return kSync + blocks_size(message, tree);
    case MessageType::get_peers:
      return kSync + 2;
    case MessageType::peers:
      return kSync + addresses_size(message, facts);
    case MessageType::reject:
      return kSync + kReject + name_of(message.offence()).size() +
             words_of(message.offence()).size();
  }
  CHECK(false);
  return 0;
}

}  // namespace chain
