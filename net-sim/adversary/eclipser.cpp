#include "net-sim/adversary/eclipser.h"

#include <algorithm>

#include "core/random.h"

namespace sim {
namespace {

using chain::MessageType;

constexpr Duration kRedial = chain::milliseconds(500);  // faster than any honest neighbour

}  // namespace

bool Eclipser::is_mask(chain::PeerId peer) const {
  return std::find(masks_.begin(), masks_.end(), peer) != masks_.end();
}

void Eclipser::restarted() {
  Adversary::restarted();
  masks_.clear();
  dialling_ = 0;
}

void Eclipser::act(const Turn& turn) {
  const auto* up = std::get_if<chain::PeerUp>(&turn.input);
  const auto* down = std::get_if<chain::PeerDown>(&turn.input);
  const auto* failed = std::get_if<chain::DialFailed>(&turn.input);
  const auto* received = std::get_if<chain::Received>(&turn.input);
  if (up != nullptr && up->address == victim_ && dialling_ > 0) {
    --dialling_;
    ++count_.successes;
    masks_.push_back(up->peer);
    std::uint64_t state = std::uint64_t{turn.self} << 32 | up->peer;
    turn.out.send(up->peer, chain::hello(turn.core.chain().tip(), chain::Relay::inv,
                                         chain::splitmix64(state)));
  } else if (failed != nullptr && failed->address == victim_ && dialling_ > 0) {
    --dialling_;
  } else if (down != nullptr && is_mask(down->peer)) {
    std::erase(masks_, down->peer);
  } else if (received != nullptr && is_mask(received->from)) {
    speak(turn, *received);
  } else {
    honest(turn, turn.input);
  }
  dial_missing(turn);
}

// As little as keeps the connection.
void Eclipser::speak(const Turn& turn, const chain::Received& received) {
  const chain::Message& message = received.message;
  if (message.type == MessageType::ping) {
    turn.out.send(received.from, chain::make(MessageType::pong, message.last, message.height()));
  } else if (message.type == MessageType::get_peers) {
    turn.out.send(received.from, chain::peers(1, {turn.self}));
  } else if (message.type == MessageType::query_latest) {
    turn.out.send(received.from,
                  chain::latest_block(turn.workshop.blocks().ancestor(turn.core.chain().tip(), 0)));
  }
}

void Eclipser::dial_missing(const Turn& turn) {
  if (masks_.size() + dialling_ >= connections_) return;
  if (turn.now >= next_dial_) {
    next_dial_ = turn.now + kRedial;
    for (; masks_.size() + dialling_ < connections_; ++dialling_) {
      turn.out.dial(victim_);
      ++count_.attempts;
    }
    return;
  }
  turn.out.wake_at(next_dial_);
}

}  // namespace sim
