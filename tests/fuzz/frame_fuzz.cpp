// Any bytes as a frame of a peer, into a node's own tree: the codec refuses them or gives back what
// can be written and read again; the intake stores nothing that does not check; the node answers.
#include <cstdint>

#include "core/check.h"
#include "core/intake.h"
#include "core/node.h"
#include "core/wire_size.h"

namespace {

using namespace chain;

constexpr std::int64_t kNowMs = 1'700'000'000'000;

class Bodies final : public FrameFacts {
 public:
  void keep(BlockId block, std::string data) {
    if (data_.size() <= block) data_.resize(block + 1);
    data_[block] = std::move(data);
  }
  void append_data_json(BlockId id, std::string& out) const override { out += data_.at(id); }
  std::string address(std::uint32_t id) const override { return "ws://" + std::to_string(id); }

 private:
  std::vector<std::string> data_;
};

void expect_same(const WireMessage& message, std::string_view frame) {
  if (message.blocks.empty()) return;
  const std::string first = encode_block(message.blocks.front());
  const auto again = decode_block(first, {});
  CHECK(again.ok() && *again == message.blocks.front());
  CHECK(decode_block(first_block_text(frame), {}).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view frame(reinterpret_cast<const char*>(data), size);
  const auto decoded = decode(frame, {});
  if (!decoded || !decoded->has_value()) return 0;
  expect_same(**decoded, frame);
  const Genesis genesis = *parse_genesis(kWidespreadGenesis);
  BlockTree tree;
  const BlockId root = tree.add_root(genesis.block.header, genesis.text);
  Bodies bodies;
  bodies.keep(root, encode_data(genesis.block.body));
  const ChainRules rules{.kind = size % 3 == 0 ? RulesKind::work : RulesKind::tutorial,
                         .check_genesis = size % 2 == 0};
  const bool original = size % 5 == 0;
  Intake intake(tree, rules, !original, {},
                [&](BlockId block, std::string text) { bodies.keep(block, std::move(text)); });
  Node node(tree, ChainView(root),
            {.rules = rules,
             .protocol = original ? ProtocolKind::push_chain : ProtocolKind::header_first,
             .nonce = 1,
             .outbound = 2});
  Effects out;
  node.step(kTimeZero, PeerUp{0, kNoAddress}, out);
  const bool greets = !original && !is_original((*decoded)->type);
  if (greets && (*decoded)->type != MessageType::hello) {  // else nothing more is listened to
    out.clear();
    node.step(kTimeZero, Received{0, hello(root, Relay::headers, 2), kNoAddress}, out);
  }
  for (int twice = 0; twice < 2; ++twice) {
    if (!node.hears(0, (*decoded)->type)) break;
    out.clear();
    const Message message = intake.take(0, **decoded, node.chain().tip(), kNowMs);
    node.step(kTimeZero, Received{0, message, kNoAddress}, out);
    for (const Send& send : out.sends()) {
      CHECK(encode(send.message, tree, bodies).size() == wire_size(send.message, tree, bodies));
    }
  }
  return 0;
}
