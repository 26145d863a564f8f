#include "net-sim/adversary/forger.h"

#include <algorithm>

#include "core/sha256.h"

namespace sim {
namespace {

using chain::MessageType;
using chain::Refusal;
using chain::Staged;
using Fault = Behaviour::Fault;

struct Verdict {
  Staged staged = Staged::no;
  Refusal refusal = Refusal::none;
};

// What any honest host says of the fault (chain_rules.h, intake.h).
Verdict verdict(Fault fault, const chain::ChainRules& rules) {
  const bool work = rules.is_work();
  switch (fault) {
    case Fault::height:
      return {work ? Staged::invalid : Staged::unlinked, Refusal::height};
    case Fault::previous_hash:
      return {Staged::unlinked, work ? Refusal::unlinked : Refusal::previous_hash};
    case Fault::hash:
      return {Staged::invalid, Refusal::hash};
    case Fault::merkle_root:
      return work ? Verdict{Staged::invalid, Refusal::merkle_root} : Verdict{};
    case Fault::work:
      return work ? Verdict{Staged::invalid, Refusal::proof} : Verdict{};
    case Fault::time:
      return work ? Verdict{Staged::invalid, Refusal::timestamp} : Verdict{};
    case Fault::genesis:
      return {Staged::wrong_genesis, Refusal::wrong_genesis};
  }
  return {};
}

chain::Message as_staged(MessageType type, chain::BlockId name, const Verdict& why) {
  chain::Message message = chain::make(type, name, 1);
  message.staged = why.staged;
  message.refusal = why.refusal;
  return message;
}

}  // namespace

Forger::Forger(Fault fault, const chain::ChainRules& rules)
    : Adversary(Behaviour::Kind::forger), fault_(fault) {
  const Verdict why = verdict(fault, rules);
  staged_ = why.staged;
  refusal_ = why.refusal;
}

chain::BlockId Forger::find(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  if (staged_ != Staged::no) {
    ++refused_;
    like_ = core.chain().tip();
    // A name that no block has: of the forger and its number.
    const std::string text = "forged " + std::to_string(self) + " " + std::to_string(refused_);
    return workshop.tree().name(chain::sha256(text));
  }
  if (fault_ == Fault::work) return forge_branch(self, core, workshop);
  forged_.push_back(workshop.make_block(self, core.chain().tip()));
  return forged_.back();
}

chain::BlockId Forger::forge_branch(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  const chain::BlockTree& tree = workshop.tree();
  const std::uint32_t height = tree.height(core.chain().tip()) + 2;
  chain::BlockId last = tree.ancestor(core.chain().tip(), 0);
  while (tree.height(last) < height) {
    last = workshop.make_block(self, last);
    forged_.push_back(last);
  }
  return last;
}

void Forger::act(const Turn& turn) {
  const auto* mined = std::get_if<chain::Mined>(&turn.input);
  if (mined == nullptr) return honest(turn, turn.input);
  if (chain::is_staged(mined->block)) return send_forged(turn);
  if (fault_ != Fault::work) return honest(turn, turn.input);
  for (const chain::PeerId peer : peers()) {
    turn.out.send(peer, chain::whole_chain(mined->block));
  }
}

void Forger::send_forged(const Turn& turn) const {
  const chain::BlockId name = std::get<chain::Mined>(turn.input).block;
  for (const chain::PeerId peer : peers()) {
    const std::string_view speech = turn.core.protocol_of(peer);
    if (speech.empty()) continue;  // it has not said a word yet
    const bool original = speech == "push_chain";
    MessageType type = original ? MessageType::latest_block : MessageType::blocks;
    if (original && fault_ == Fault::genesis) type = MessageType::whole_chain;
    turn.out.send(peer, as_staged(type, name, {staged_, refusal_}));
  }
}

void Forger::say(const chain::Send& send, chain::Effects& out) const {
  chain::Message message = send.message;
  if (fault_ == Fault::genesis && message.type == MessageType::hello) {
    message.staged = staged_;
    message.refusal = refusal_;
  }
  out.send(send.to, message);
}

// As long as a block of the honest ones.
std::uint64_t Forger::staged_bytes(const chain::Message& message, Workshop& workshop) const {
  return workshop.wire_size(chain::make(message.type, like_, 1));
}

AttackCount Forger::count(const std::function<bool(chain::BlockId)>& on_main) const {
  const auto kept = std::count_if(forged_.begin(), forged_.end(), on_main);
  return {refused_ + forged_.size(), static_cast<std::uint64_t>(kept)};
}

}  // namespace sim
