// The half of the codec that writes frames.
#include <array>

#include "core/digest.h"
#include "core/json_codec.h"

namespace chain {
namespace {

void append_quoted(std::string& out, const Hash& hash) {
  out += '"';
  append_lower_hex(out, hash);
  out += '"';
}

void append_stored_block(std::string& out, BlockId id, const BlockTree& tree,
                         const FrameFacts& facts, std::string& data_json) {
  if (tree.is_root(id)) {
    out += tree.root_text(id);
    return;
  }
  data_json.clear();
  facts.append_data_json(id, data_json);
  append_block(out, tree.header(id), data_json);
}

// `,`-joined, in brackets: what `append` writes for each block of the path that ends with `last`.
template <typename Append>
void append_path(std::string& out, const BlockTree& tree, BlockId last, std::uint32_t count,
                 Append append) {
  std::vector<BlockId> path{last};
  while (path.size() < count) path.push_back(tree.parent(path.back()));
  char separator = '[';
  for (auto id = path.rbegin(); id != path.rend(); ++id) {
    out += separator;
    append(*id);
    separator = ',';
  }
  out += ']';
}

void append_tip(std::string& out, const BlockTree& tree, BlockId tip) {
  out += "\"tip\":";
  append_quoted(out, tree.header(tip).hash);
  out += ",\"height\":";
  append_integer(out, tree.height(tip));
  out += ",\"work\":\"" + hex16(tree.work(tip)) + '"';
}

void append_hello(std::string& out, const Message& message, const BlockTree& tree,
                  const FrameFacts& facts) {
  out += "{\"versions\":[" + std::to_string(kSyncVersion) + "],\"network\":";
  append_quoted(out, facts.network());
  out += ",\"node\":\"" + hex16(message.nonce()) + "\",";
  append_tip(out, tree, message.last);
  out += ",\"listen\":";
  append_string(out, facts.listens());
  out += ",\"relay\":";
  append_string(out, kRelayWords[message.detail]);
  out += '}';
}

void append_locator(std::string& out, const Message& message, const BlockTree& tree) {
  const std::vector<BlockId> hashes = locator_of(tree, message);
  char separator = '[';
  for (const BlockId id : hashes) {
    out += separator;
    append_quoted(out, tree.hash(id));
    separator = ',';
  }
  out += ']';
}

void append_addresses(std::string& out, const Message& message, const FrameFacts& facts) {
  const auto all = message.addresses();
  out += '[';
  for (std::size_t i = 0; i < message.detail; ++i) {
    if (i > 0) out += ',';
    append_string(out, facts.address(all[i]));
  }
  out += ']';
}

void append_payload(std::string& out, const Message& message, const BlockTree& tree,
                    const FrameFacts& facts) {
  std::string data_json;
  const auto block = [&](BlockId id) { append_stored_block(out, id, tree, facts, data_json); };
  const auto header = [&](BlockId id) { append_header(out, tree.header(id)); };
  switch (message.type) {
    case MessageType::query_latest:
    case MessageType::get_peers:
      out += "{}";
      return;
    case MessageType::latest_block:
      return append_path(out, tree, message.last, 1, block);
    case MessageType::whole_chain:
      return append_path(out, tree, message.last, tree.height(message.last) + 1, block);
    case MessageType::blocks:
      return append_path(out, tree, message.last, message.count(), block);
    case MessageType::headers:
      return append_path(out, tree, message.last, message.count(), header);
    case MessageType::hello:
      return append_hello(out, message, tree, facts);
    case MessageType::get_headers:
      return append_locator(out, message, tree);
    case MessageType::inv:
    case MessageType::ping:
    case MessageType::pong:
      out += '{';
      append_tip(out, tree, message.last);
      out += '}';
      return;
    case MessageType::get_blocks:
      out += "{\"last\":";
      append_quoted(out, tree.hash(message.last));
      out += ",\"count\":";
      append_integer(out, message.count());
      out += '}';
      return;
    case MessageType::peers:
      return append_addresses(out, message, facts);
    case MessageType::reject:
      out += "{\"code\":";
      append_string(out, name_of(message.offence()));
      out += ",\"reason\":";
      append_string(out, words_of(message.offence()));
      out += '}';
      return;
  }
}

}  // namespace

std::string encode(const Message& message, const BlockTree& tree, const FrameFacts& facts) {
  std::string out;
  out.reserve(static_cast<std::size_t>(wire_size(message, tree, facts)));
  out += "{\"type\":";
  const auto type = static_cast<int>(message.type);
  const auto first = static_cast<int>(MessageType::hello);
  append_integer(out, type < first ? type : type - first + kFirstSyncType);
  out += ",\"payload\":";
  append_payload(out, message, tree, facts);
  return out += '}';
}

}  // namespace chain
