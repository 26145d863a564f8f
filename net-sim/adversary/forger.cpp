#include "net-sim/adversary/forger.h"

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
      if (!work && !rules.check_merkle_root) return {};
      return {work ? Staged::invalid : Staged::other_body, Refusal::merkle_root};
    case Fault::work:
      return work ? Verdict{Staged::invalid, Refusal::proof} : Verdict{};
    case Fault::time:
      return work ? Verdict{Staged::invalid, Refusal::timestamp} : Verdict{};
    case Fault::genesis:
      return work || rules.check_genesis ? Verdict{Staged::wrong_genesis, Refusal::wrong_genesis}
                                         : Verdict{};
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
    return workshop.blocks().name(chain::sha256(text));
  }
  if (makes_branches()) return forge_branch(self, core, workshop);
  return Adversary::find(self, core, workshop);
}

bool Forger::makes_branches() const { return fault_ == Fault::work || fault_ == Fault::genesis; }

// The genesis, or one that differs from it by a word.
chain::BlockId Forger::branch_base(const chain::Node& core, Workshop& workshop) {
  chain::BlockTree& tree = workshop.blocks();
  const chain::BlockId genesis = tree.ancestor(core.chain().tip(), 0);
  if (fault_ != Fault::genesis) return genesis;
  if (foreign_ == chain::kNoBlock) {
    std::string text = tree.root_text(genesis);
    constexpr std::string_view kWord = "GENESIS";
    if (const auto at = text.find(kWord); at != text.npos)
      text.replace(at, kWord.size(), "FORGERY");
    foreign_ = tree.add_root(chain::Header(tree.header(genesis)), std::move(text));
  }
  return foreign_;
}

chain::BlockId Forger::forge_branch(NodeIndex self, const chain::Node& core, Workshop& workshop) {
  const chain::BlockTree& tree = workshop.blocks();
  const std::uint32_t height = tree.height(core.chain().tip()) + 2;
  chain::BlockId last = branch_base(core, workshop);
  while (tree.height(last) < height) last = note_found(workshop.make_block(self, last));
  return last;
}

void Forger::act(const Turn& turn) {
  const auto* mined = std::get_if<chain::Mined>(&turn.input);
  if (mined == nullptr) return honest(turn, turn.input);
  if (chain::is_staged(mined->block)) return send_forged(turn);
  if (!makes_branches()) return honest(turn, turn.input);
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
  if (staged_ == Staged::wrong_genesis && message.type == MessageType::hello) {
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
  AttackCount count = Adversary::count(on_main);
  count.attempts += refused_;
  return count;
}

}  // namespace sim
