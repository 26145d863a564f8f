#include "core/dialer.h"

#include <algorithm>

namespace chain {

Dialer::Target* Dialer::find(AddressId address) {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [address](const Target& t) { return t.address == address; });
  return found == targets_.end() ? nullptr : &*found;
}

void Dialer::wish(AddressId address, Wish kind, Effects& out) {
  Target* target = find(address);
  if (target != nullptr && kind == Wish::lasting) target->kind = kind;
  if (target != nullptr && target->due == kNever) {
    target->unwanted = false;
    return;
  }
  if (target == nullptr) {
    targets_.push_back(
        {.address = address, .pause = redial_ ? redial_->first : Duration{}, .kind = kind});
  } else {
    target->due = kNever;
  }
  out.dial(address);
}

PeerId Dialer::forget(AddressId address) {
  Target* target = find(address);
  if (target == nullptr) return kNoPeer;
  const PeerId peer = target->peer;
  if (peer == kNoPeer && target->due == kNever) {
    target->unwanted = true;
    return kNoPeer;
  }
  targets_.erase(targets_.begin() + (target - targets_.data()));
  return peer;
}

bool Dialer::on_peer_up(Time now, AddressId address, PeerId peer) {
  Target* target = find(address);
  if (target != nullptr && target->unwanted) {
    targets_.erase(targets_.begin() + (target - targets_.data()));
    return false;
  }
  if (target == nullptr) {
    targets_.push_back({.address = address, .pause = redial_ ? redial_->first : Duration{}});
    target = &targets_.back();
  }
  target->peer = peer;
  target->due = kNever;
  target->up_since = now;
  return true;
}

void Dialer::on_peer_down(Time now, PeerId peer) {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [peer](const Target& t) { return t.peer == peer; });
  if (found == targets_.end()) return;
  found->peer = kNoPeer;
  if (redial_ && now - found->up_since >= redial_->max) found->pause = redial_->first;
  wait_or_forget(now, *found);
}

void Dialer::on_dial_failed(Time now, AddressId address) {
  Target* target = find(address);
  if (target != nullptr && target->peer == kNoPeer) wait_or_forget(now, *target);
}

void Dialer::wait_or_forget(Time now, Target& target) {
  if (!redial_ || target.unwanted || target.kind == Wish::passing) {
    targets_.erase(targets_.begin() + (&target - targets_.data()));
    return;
  }
  some_wait_ = true;
  target.due = now + target.pause;
  target.pause = std::min(target.pause * 2, redial_->max);
}

std::vector<AddressId> Dialer::wishes() const {
  std::vector<AddressId> all;
  for (const Target& target : targets_) {
    if (!target.unwanted) all.push_back(target.address);
  }
  return all;
}

void Dialer::on_step_end(Time now, Effects& out) {
  if (!some_wait_) return;
  some_wait_ = false;
  for (Target& target : targets_) {
    if (target.due <= now) {
      target.due = kNever;
      out.dial(target.address);
    }
    out.wake_at(target.due);
    some_wait_ = some_wait_ || target.due != kNever;
  }
}

}  // namespace chain
