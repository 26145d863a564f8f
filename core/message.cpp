#include "core/message.h"

namespace chain {

std::string_view name_of(MessageType type) {
  static constexpr std::array<std::string_view, kMessageTypes> kNames{
      "QueryLatest", "LatestBlock", "WholeChain", "Hello", "GetHeaders", "Headers", "Inv",
      "GetBlocks",   "Blocks",      "GetPeers",   "Peers", "Ping",       "Pong",    "Reject"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view name_of(Offence offence) {
  static constexpr std::array<std::string_view, kOffences> kNames{
      "none",          "malformed",   "oversized", "invalid_block",
      "wrong_network", "own_address", "duplicate", "silent"};
  return kNames[static_cast<std::size_t>(offence)];
}

std::string_view words_of(Offence offence) {
  static constexpr std::array<std::string_view, kOffences> kWords{
      "the connection is no longer wished for",
      "what came is no message",
      "a frame is larger than the limit",
      "a block breaks the rules",
      "the other network has another genesis or other rules",
      "this is the node itself",
      "the two nodes are connected already",
      "nothing was heard for too long"};
  return kWords[static_cast<std::size_t>(offence)];
}

std::vector<BlockId> locator_of(const BlockTree& tree, const Message& message) {
  const bool is_one = is_staged(message.last) || message.count() == 1;
  return is_one ? std::vector<BlockId>{message.last} : locator(tree, message.last);
}

}  // namespace chain
