// Any bytes as the frames of a peer, one after the other into one node and its tree: the codec
// refuses each or gives back what can be written and read again; the intake stores nothing that
// does not check; the node answers.
//
//   frame (0x00 frame)*       no frame has a zero byte
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// One node that hears frame after frame from one peer.
class Listener {
 public:
  Listener(const ChainRules& rules, bool original)
      : genesis_(*parse_genesis(kWidespreadGenesis)),
        root_(tree_.add_root(genesis_.block.header, genesis_.text)),
        original_(original),
        intake_(tree_, rules, !original, {},
                [this](BlockId block, std::string text) {
                  bodies_.keep(block, std::move(text));
                  kept_.push_back(block);
                }),
        node_(tree_, ChainView(root_),
              {.rules = rules,
               .protocol = original ? ProtocolKind::push_chain : ProtocolKind::header_first,
               .nonce = 1,
               .outbound = 2}) {
    bodies_.keep(root_, encode_data(genesis_.block.body));
    step(PeerUp{0, kNoAddress});
  }

  void hear(const WireMessage& wire) {
    const bool greets = !original_ && !is_original(wire.type) && !has_heard_;
    if (greets && wire.type != MessageType::hello) {  // else nothing more is listened to
      step(Received{0, hello(root_, Relay::headers, 2), kNoAddress});
    }
    has_heard_ = true;
    for (int twice = 0; twice < 2; ++twice) {
      if (is_dropped_ || !node_.hears(0, wire.type)) return;
      step(Received{0, intake_.take(0, wire, node_.chain().tip(), kNowMs), kNoAddress});
    }
  }

 private:
  void step(const Input& input) {
    out_.clear();
    node_.step(kTimeZero, input, out_);
    for (const Send& send : out_.sends()) {
      CHECK(encode(send.message, tree_, bodies_).size() == wire_size(send.message, tree_, bodies_));
    }
    // As a host does: what the step did not take goes.
    for (const BlockId block : std::exchange(kept_, {})) {
      const auto& taken = out_.accepted();
      const bool is_taken = std::find(taken.begin(), taken.end(), block) != taken.end();
      if (!is_taken && !tree_.is_root(block)) tree_.remove_body(block);
    }
    is_dropped_ = !out_.drops().empty();
  }

  const Genesis genesis_;
  BlockTree tree_;
  const BlockId root_;
  Bodies bodies_;
  std::vector<BlockId> kept_;
  const bool original_;
  bool has_heard_ = false, is_dropped_ = false;
  Intake intake_;
  Node node_;
  Effects out_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view frames(reinterpret_cast<const char*>(data), size);
  const ChainRules rules{.kind = size % 3 == 0 ? RulesKind::work : RulesKind::tutorial,
                         .check_genesis = size % 2 == 0};
  std::optional<Listener> listener;
  while (!frames.empty()) {
    const std::string_view frame = frames.substr(0, frames.find('\0'));
    frames.remove_prefix(std::min(frames.size(), frame.size() + 1));
    const auto decoded = decode(frame, {});
    if (!decoded || !decoded->has_value()) continue;
    expect_same(**decoded, frame);
    if (!listener) listener.emplace(rules, size % 5 == 0);
    listener->hear(**decoded);
  }
  return 0;
}
