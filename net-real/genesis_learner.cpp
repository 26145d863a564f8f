#include "net-real/genesis_learner.h"

#include <utility>

namespace net {

using chain::PeerId;
using Replies = std::vector<GenesisLearner::Reply>;

namespace {
constexpr char kQuery[] = R"({"type":0,"payload":{}})";
}

Replies GenesisLearner::on_peer_up(PeerId peer) {
  peers_[peer];
  return {{peer, kQuery}};
}

Replies GenesisLearner::ask_again(PeerId peer) {
  Replies replies{{peer, kQuery}};
  const Peer& state = peers_[peer];
  if (!state.tip_text.empty()) replies.push_back(tip_reply(peer, state));
  return replies;
}

GenesisLearner::Reply GenesisLearner::tip_reply(PeerId to, const Peer& peer) {
  return {to, R"({"type":1,"payload":[)" + peer.tip_text + "]}"};
}

void GenesisLearner::on_peer_down(PeerId peer) { peers_.erase(peer); }

Replies GenesisLearner::on_frame(PeerId from, std::string_view frame,
                                 const chain::WireMessage& wire, bool may_teach) {
  Peer& peer = peers_[from];
  if (wire.type == chain::MessageType::query_latest) {
    peer.asked = true;
    return answer_if_possible(from, peer);
  }
  if (wire.blocks.empty()) return {};
  if (wire.blocks.front().header.height == 0) {
    if (may_teach) learn(frame);
    return {};
  }
  if (wire.type == chain::MessageType::whole_chain) return {};  // a chain without its genesis
  peer.tip_text = chain::first_block_text(frame);
  return answer_if_possible(from, peer);
}

Replies GenesisLearner::answer_if_possible(PeerId to, Peer& peer) {
  if (!peer.asked || peer.tip_text.empty()) return {};
  peer.asked = false;
  return {tip_reply(to, peer)};
}

void GenesisLearner::learn(std::string_view frame) {
  if (learned_) return;
  auto genesis = chain::parse_genesis(chain::first_block_text(frame));
  if (genesis) learned_ = std::move(*genesis);
}

std::vector<PeerId> GenesisLearner::peers() const {
  std::vector<PeerId> all;
  for (const auto& entry : peers_) all.push_back(entry.first);
  return all;
}

std::vector<PeerId> GenesisLearner::unanswered() const {
  std::vector<PeerId> some;
  for (const auto& [peer, state] : peers_) {
    if (state.asked) some.push_back(peer);
  }
  return some;
}

}  // namespace net
