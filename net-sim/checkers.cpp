#include "net-sim/checkers.h"

namespace sim {

Checkers::Checkers(Checked world, CheckLevel level)
    : world_(std::move(world)),
      level_(level),
      log_(world_, level == CheckLevel::all),
      streams_(world_, log_),
      chains_(world_, log_),
      news_(world_, log_, chains_),
      liveness_(world_, log_, streams_, chains_),
      adoption_(world_, log_, streams_, chains_),
      stored_walks_(world_.options.size()) {}

void Checkers::stepped(Time now, NodeIndex node, const chain::Input& input,
                       const chain::Effects& effects) {
  if (std::holds_alternative<chain::Received>(input)) {
    log_.see(now);
  } else {
    log_.note(now, Kind::stepped, node, {}, static_cast<std::uint8_t>(input.index()));
  }
  streams_.stepped(node, input, effects);
  chains_.stepped(now, node, input, effects);
  news_.stepped(node, input, effects);
  if (level_ != CheckLevel::safety) {
    liveness_.stepped(node, effects);
    adoption_.stepped(now, node, effects);
  }
  judge_work(node, input, effects);
}

// The work of a step (Effects::work) is linear in its cause.
void Checkers::judge_work(NodeIndex node, const chain::Input& input,
                          const chain::Effects& effects) {
  constexpr std::uint64_t kLooksForEachPeer = 32;         // short walks, and room for windows
  const std::uint64_t peers = 2 * world_.options.size();  // at most two connections to each node
  std::uint64_t bound =
      kLooksForEachPeer * peers + 4 * std::uint64_t{world_.options[node].limits->download_window};
  if (effects.work() <= bound || world_.honest[node] == 0) return;
  if (const auto* received = std::get_if<chain::Received>(&input)) {
    const chain::Message& message = received->message;
    const bool is_chain = message.type == chain::MessageType::whole_chain;
    bound += is_chain && !chain::is_staged(message.last) ? world_.tree.height(message.last)
                                                         : message.count();
  }
  if (effects.work() <= bound) return;
  // After a start the branches that were stored before are walked once.
  std::uint64_t& credit = stored_walks_[node];
  const std::uint64_t excess = effects.work() - bound;
  if (excess <= credit) {
    credit -= excess;
    return;
  }
  log_.report(Invariant::work_bounded, node, world_.is_original(node),
              "looked at " + std::to_string(effects.work()) + " blocks, requests and peers, at " +
                  std::to_string(bound) + " at most");
}

void Checkers::committed(Time now, NodeIndex node) {
  log_.note(now, Kind::committed, node);
  chains_.committed(node);
}

void Checkers::found(Time now, NodeIndex maker, chain::BlockId block, std::uint64_t draw) {
  log_.note(now, Kind::found, block);
  chains_.found(maker, block, draw);
  liveness_.found(now);
  adoption_.found(now, block);
}

void Checkers::sent(Time now, StreamId stream, const chain::Message& message, std::uint64_t bytes,
                    bool over_limit) {
  log_.note(now, Kind::sent, stream, message);
  streams_.sent(now, stream, message, bytes, over_limit);
}

void Checkers::delivered(Time now, StreamId stream, const chain::Message& message) {
  log_.note(now, Kind::delivered, stream, message);
  streams_.delivered(now, stream, message);
  chains_.delivered(world_.links.receiver(stream), message);
  adoption_.delivered(stream, message);
}

void Checkers::opened(Time now, StreamId stream) {
  log_.note(now, Kind::opened, stream);
  streams_.opened(now, stream);
  adoption_.disturbed(now);
}

void Checkers::closed(Time now, StreamId stream) {
  log_.note(now, Kind::closed, stream);
  streams_.closed(stream);
  adoption_.disturbed(now);
}

void Checkers::stopped(Time now, NodeIndex node) {
  log_.note(now, Kind::stopped, node);
  streams_.stopped(node);
  liveness_.stopped(now, node);
  adoption_.disturbed(now);
}

void Checkers::started(Time now, NodeIndex node) {
  log_.note(now, Kind::started, node);
  chains_.started(node);
  stored_walks_[node] = world_.tree.size();
  liveness_.started(now, node);
  adoption_.disturbed(now);
}

void Checkers::finish(Time now) {
  log_.note(now, Kind::end, 0);
  streams_.settle();
  if (level_ == CheckLevel::safety) return;
  adoption_.finish(now);
  liveness_.finish(now);
}

}  // namespace sim
