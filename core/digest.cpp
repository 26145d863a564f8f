#include "core/digest.h"

#include "core/random.h"

namespace chain {

void Digest::mix_message(const Message& message, const BlockTree& tree) {
  mix(static_cast<std::uint64_t>(message.type) << 16 |
      static_cast<std::uint64_t>(message.staged) << 8 |
      static_cast<std::uint64_t>(message.refusal));
  const bool names_block = message.type != MessageType::peers && !is_staged(message.last);
  if (names_block) mix(tree.fingerprint(message.last));
  if (is_original(message.type)) return;
  mix(std::uint64_t{message.pair[1]} << 32 | message.pair[0]);
  mix(message.detail);
  if (message.type == MessageType::peers) mix(message.last);
}

void Digest::mix_step(Time now, std::uint32_t node, const Input& input, const Effects& effects,
                      const BlockTree& tree) {
  mix(static_cast<std::uint64_t>(now.ns));
  mix(std::uint64_t{node} << 8 | input.index());
  struct Visitor {
    Digest& digest;
    const BlockTree& tree;
    void operator()(const PeerUp& up) { digest.mix(std::uint64_t{up.peer} << 32 | up.address); }
    void operator()(const PeerDown& down) { digest.mix(down.peer); }
    void operator()(const DialFailed& failed) { digest.mix(failed.address); }
    void operator()(const Connect& wish) { digest.mix(wish.address); }
    void operator()(const Disconnect& wish) { digest.mix(wish.address); }
    void operator()(const Received& received) {
      digest.mix(received.from);
      digest.mix_message(received.message, tree);
    }
    void operator()(const Mined& mined) { digest.mix(tree.hash(mined.block).prefix()); }
    void operator()(const Wake&) {}
  };
  std::visit(Visitor{*this, tree}, input);
  if (effects.quiet()) return mix(static_cast<std::uint64_t>(effects.wake().ns));
  for (const BlockId block : effects.accepted()) mix(tree.fingerprint(block));
  for (const BlockId block : effects.headers()) mix(tree.fingerprint(block) ^ 1);
  for (const TipChange& change : effects.tip_changes()) mix(tree.fingerprint(change.to));
  for (const Send& send : effects.sends()) {
    mix(send.to);
    mix_message(send.message, tree);
  }
  for (const Drop& drop : effects.drops()) mix(std::uint64_t{drop.peer} << 8 | 1);
  for (const Dial& dial : effects.dials()) mix(std::uint64_t{dial.address} << 8 | 2);
  mix(static_cast<std::uint64_t>(effects.wake().ns));
}

std::uint64_t Digest::value() const {
  std::uint64_t state = state_;
  return splitmix64(state);
}

std::string hex16(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

std::optional<std::uint64_t> from_hex16(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace chain
