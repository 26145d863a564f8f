#include "core/digest.h"

#include "core/random.h"

namespace chain {

namespace {

// The parts of a step that recordings of version 1 include; `whole` adds the others.
struct StepWords {
  WordHash& hash;
  const BlockTree& tree;
  const bool whole;

  void mix_message(const Message& message) {
    hash.mix(static_cast<std::uint64_t>(message.type) << 16 |
             static_cast<std::uint64_t>(message.staged) << 8 |
             static_cast<std::uint64_t>(message.refusal));
    const bool names_block = message.type != MessageType::peers && !is_staged(message.last);
    if (names_block) hash.mix(tree.fingerprint(message.last));
    if (is_original(message.type)) return;
    hash.mix(std::uint64_t{message.pair[1]} << 32 | message.pair[0]);
    hash.mix(message.detail);
    if (message.type == MessageType::peers) hash.mix(message.last);
  }

  void operator()(const PeerUp& up) { hash.mix(std::uint64_t{up.peer} << 32 | up.address); }
  void operator()(const PeerDown& down) { hash.mix(down.peer); }
  void operator()(const DialFailed& failed) { hash.mix(failed.address); }
  void operator()(const Connect& wish) { hash.mix(wish.address); }
  void operator()(const Disconnect& wish) { hash.mix(wish.address); }
  void operator()(const Received& received) {
    hash.mix(whole ? std::uint64_t{received.listens} << 32 | received.from : received.from);
    mix_message(received.message);
  }
  void operator()(const Mined& mined) { hash.mix(tree.hash(mined.block).prefix()); }
  void operator()(const Wake&) {}

  // How many of each kind, so that no list can be taken for the next one.
  void mix_counts(const Effects& effects) {
    hash.mix(effects.accepted().size() << 32 | effects.headers().size());
    hash.mix(effects.tip_changes().size() << 32 | effects.sends().size());
    hash.mix(effects.drops().size() << 32 | effects.dials().size());
    hash.mix(effects.refusals().size());
  }

  void mix_effects(const Effects& effects) {
    if (effects.quiet()) return hash.mix(static_cast<std::uint64_t>(effects.wake().ns));
    if (whole) mix_counts(effects);
    for (const BlockId block : effects.accepted()) hash.mix(tree.fingerprint(block));
    for (const BlockId block : effects.headers()) hash.mix(tree.fingerprint(block) ^ 1);
    for (const TipChange& change : effects.tip_changes()) {
      if (whole) hash.mix(tree.fingerprint(change.from));
      hash.mix(tree.fingerprint(change.to));
    }
    for (const Send& send : effects.sends()) {
      hash.mix(send.to);
      mix_message(send.message);
    }
    for (const Drop& drop : effects.drops()) {
      const auto why = whole ? static_cast<std::uint64_t>(drop.why) << 40 : 0;
      hash.mix(why | std::uint64_t{drop.peer} << 8 | 1);
    }
    for (const Dial& dial : effects.dials()) hash.mix(std::uint64_t{dial.address} << 8 | 2);
    if (whole) {
      for (const Refused& refused : effects.refusals()) {
        hash.mix(static_cast<std::uint64_t>(refused.why) << 32 | refused.peer);
      }
    }
    hash.mix(static_cast<std::uint64_t>(effects.wake().ns));
  }
};

}  // namespace

std::uint64_t WordHash::value() const {
  std::uint64_t state = state_;
  return splitmix64(state);
}

std::uint64_t step_hash(Time now, std::uint32_t node, std::uint64_t number, const Input& input,
                        const Effects& effects, const BlockTree& tree) {
  WordHash hash;
  hash.mix(static_cast<std::uint64_t>(now.ns));
  hash.mix(std::uint64_t{node} << 8 | input.index());
  hash.mix(number);
  StepWords words{hash, tree, true};
  std::visit(words, input);
  words.mix_effects(effects);
  return hash.value();
}

void ChainedDigest::mix_step(Time now, std::uint32_t node, const Input& input,
                             const Effects& effects, const BlockTree& tree) {
  hash_.mix(static_cast<std::uint64_t>(now.ns));
  hash_.mix(std::uint64_t{node} << 8 | input.index());
  StepWords words{hash_, tree, false};
  std::visit(words, input);
  words.mix_effects(effects);
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
