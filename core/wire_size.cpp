#include "core/wire_size.h"

#include "core/check.h"

namespace chain {
namespace {

constexpr std::uint64_t kEmptyObject = sizeof(R"({"type":0,"payload":{}})") - 1;
constexpr std::uint64_t kEmptyArray = sizeof(R"({"type":1,"payload":[]})") - 1;

}  // namespace

std::uint64_t wire_size(const Message& message, const BlockTree& tree) {
  switch (message.type) {
    case MessageType::query_latest:
      return kEmptyObject;
    case MessageType::latest_block:
      return kEmptyArray + tree.block_bytes(message.last);
    case MessageType::whole_chain:
      return kEmptyArray + tree.chain_bytes(message.last) + tree.height(message.last);  // commas
  }
  CHECK(false);
  return 0;
}

}  // namespace chain
