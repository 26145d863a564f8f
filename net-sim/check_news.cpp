#include "net-sim/check_news.h"

#include <algorithm>

namespace sim {
namespace {

using chain::MessageType;

// How a node of each protocol tells of its new tip.
bool is_news(MessageType type, bool original) {
  if (original) return type == MessageType::latest_block;
  return type == MessageType::inv || type == MessageType::headers || type == MessageType::blocks;
}

}  // namespace

NewsChecker::Heard& NewsChecker::heard(NodeIndex node, chain::PeerId peer) {
  auto& peers = heard_[node];
  if (peer >= peers.size()) peers.resize(peer + 1);
  return peers[peer];
}

// Headers whose ancestors the node lacks it passes over, and what is said before the greeting. A
// body may be the late answer of a peer that has moved on, so that nothing is sure after it.
void NewsChecker::note(NodeIndex node, const chain::Received& received) {
  const chain::Message& message = received.message;
  if (message.staged != chain::Staged::no) return;
  switch (message.type) {
    case MessageType::hello:
      heard(node, received.from) = {};
      return;
    case MessageType::blocks:
      heard(node, received.from).last = chain::kNoBlock;
      return;
    case MessageType::headers:
      if (!world_.view(node).has_header(message.last)) return;
      break;
    case MessageType::inv:
    case MessageType::ping:
    case MessageType::pong:
    case MessageType::latest_block:
      break;
    default:
      return;
  }
  if (message.last == chain::kNoBlock || chain::is_staged(message.last)) return;
  Heard& from = heard(node, received.from);
  const std::uint64_t work = world_.tree.work(message.last);
  from.last = work < from.work ? chain::kNoBlock : message.last;
  from.work = std::max(from.work, work);
}

void NewsChecker::stepped(NodeIndex node, const chain::Input& input,
                          const chain::Effects& effects) {
  if (world_.honest[node] == 0) return;
  const auto* received = std::get_if<chain::Received>(&input);
  const bool answers_chain = received != nullptr && effects.tip_changes().empty() &&
                             received->message.type == MessageType::whole_chain;
  if (received != nullptr) {
    note(node, *received);
  } else if (const auto* up = std::get_if<chain::PeerUp>(&input)) {
    heard(node, up->peer) = {};
    if (up->peer < replied_[node].size()) replied_[node][up->peer].fill(chain::kNoBlock);
  }
  if (effects.sends().empty()) return;
  const chain::BlockId news =
      effects.tip_changes().empty() ? chain::kNoBlock : effects.tip_changes().back().to;
  asked_now_.clear();
  for (const chain::Send& send : effects.sends()) {
    if (send.message.type == MessageType::get_blocks) judge_request(node, send);
    if (answers_chain && send.to == received->from) judge_reply(node, send);
    const bool about_news = news != chain::kNoBlock && send.message.last == news;
    if (!about_news || heard(node, send.to).last != news || !world_.keeps_branches(node)) continue;
    const bool original = world_.is_original(node);
    if (!is_news(send.message.type, original)) continue;
    log_.report(Invariant::no_echo, node, original,
                "told peer " + std::to_string(send.to) + " of block " + std::to_string(news) +
                    ", of which it had heard from there");
  }
}

// A peer that rejects the tip sends its chain again: an answer each time would never end.
void NewsChecker::judge_reply(NodeIndex node, const chain::Send& send) {
  const bool is_chain = send.message.type == MessageType::whole_chain;
  if (!is_chain && send.message.type != MessageType::latest_block) return;
  auto& peers = replied_[node];
  if (send.to >= peers.size()) peers.resize(send.to + 1, {chain::kNoBlock, chain::kNoBlock});
  chain::BlockId& last = peers[send.to][is_chain ? 1 : 0];
  if (last == send.message.last) {
    log_.report(Invariant::tip_repeated_once, node, world_.is_original(node),
                "sent peer " + std::to_string(send.to) + " its tip, block " + std::to_string(last) +
                    ", again in reply to a chain");
  }
  last = send.message.last;
}

// REQUIRES: one of the requests of the step that is seen.
void NewsChecker::judge_request(NodeIndex node, const chain::Send& send) {
  asked_now_.push_back(send.to);
  // Requests of the window, and one for a tip that the peer told.
  const std::uint32_t most = world_.options[node].limits->requests_per_peer + 1;
  if (std::count(asked_now_.begin(), asked_now_.end(), send.to) > std::ptrdiff_t{most}) {
    log_.report(Invariant::requests_bounded, node, world_.is_original(node),
                "asked peer " + std::to_string(send.to) + " for bodies more than " +
                    std::to_string(most) + " times in one step");
  }
  const chain::Message& message = send.message;
  if (chain::is_staged(message.last)) return;
  chain::BlockId block = message.last;
  for (std::uint32_t i = 0; i < message.count(); ++i, block = world_.tree.parent(block)) {
    if (!chains_.has_body(node, block)) return;
  }
  log_.report(Invariant::asked_while_missing, node, world_.is_original(node),
              "asked for " + std::to_string(message.count()) + " bodies up to block " +
                  std::to_string(message.last) + ", all of which it has");
}

}  // namespace sim
