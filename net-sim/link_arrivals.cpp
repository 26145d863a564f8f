// From the queue of pending events to the receiver, and what stalls on the way.
#include <algorithm>

#include "net-sim/link.h"

namespace sim {

bool Links::arrives(const Pending& event) {
  const bool flowing = (streams_[event.target].flags & kCondition) == kFlowing;
  if (!flowing && !arrives_in_trouble(event)) return false;
  if (event.kind == EventKind::deliver) {
    ledger_.delivered.add(sizes_.take(event.size));
  } else {
    --signals_;
  }
  return true;
}

// The same where an end is closed, something is cut or something waits; true if it arrives.
bool Links::arrives_in_trouble(const Pending& event) {
  const StreamId id = event.target;
  Rare& rare = rare_[id];
  if (event.again != 0) {
    if (--rare.coming_again == 0) set(id, kComingAgain, false);
  } else if (rare.coming_again > 0) {  // due at the instant of a retransmission: after it
    queue_.push(event);
    return false;
  }
  const std::uint16_t flags = streams_[id].flags;
  if (rare.broken && event.kind == EventKind::deliver) {  // a reset still comes through
    drop(event, ledger_.lost_to_timeout);
    return false;
  }
  if ((flags & kFlowing) == 0) {  // nobody is left to send it again, or to take it
    drop(event, ledger_.lost_to_close);
    return false;
  }
  if ((flags & (kCut | kStalled)) != 0) {
    stall(id, event);
    return false;
  }
  if ((flags & kOtherOpen) == 0) {
    // Data for a closed end is answered with a reset.
    if (event.kind == EventKind::deliver && (flags & kBackCut) == 0) send_fin(id ^ 1, event.at);
    drop(event, ledger_.lost_to_close);
    return false;
  }
  if ((flags & kBackCut) != 0) {
    note_unacknowledged(id, event.at);
  } else {
    note_acknowledged(id);
  }
  return true;
}

// What will never arrive, and why.
void Links::drop(const Pending& event, Traffic& fault) {
  if (event.kind == EventKind::deliver) {
    fault.add(sizes_.take(event.size));
  } else {
    --signals_;
  }
}

void Links::drop_stalled(StreamId id, Traffic& fault) {
  Rare& rare = rare_[id];
  if (rare.stall == kNoStream) return;
  for (const Pending& lost : stalls_[rare.stall]) drop(lost, fault);
  stalls_[rare.stall].clear();
  free_stalls_.push_back(rare.stall);
  rare.stall = kNoStream;
  set(id, kStalled, false);
}

void Links::stall(StreamId id, const Pending& event) {
  Rare& rare = rare_[id];
  if (rare.stall == kNoStream) {
    if (free_stalls_.empty()) {
      free_stalls_.push_back(static_cast<std::uint32_t>(stalls_.size()));
      stalls_.emplace_back();
    }
    rare.stall = free_stalls_.back();
    free_stalls_.pop_back();
    set(id, kStalled, true);
  }
  stalls_[rare.stall].push_back(event);
  note_unacknowledged(id, event.at);
}

void Links::note_unacknowledged(StreamId id, Time since) {
  Rare& rare = rare_[id];
  if (rare.unacknowledged == chain::kNever) {
    rare.unacknowledged = since;
    set(id, kUnacknowledged, true);
    queue_.push({since + scenario_.network.tcp_timeout, EventKind::tcp_timeout, id});
  }
  if (!rare.retransmitting) arm_retransmission(id, since);
}

void Links::note_acknowledged(StreamId id) {
  rare_[id].unacknowledged = chain::kNever;
  set(id, kUnacknowledged, false);
}

void Links::arm_retransmission(StreamId id, Time now) {
  Rare& rare = rare_[id];
  rare.retransmitting = true;
  queue_.push({now + rare.timeout, EventKind::retransmit, id});
  rare.timeout = std::min(rare.timeout * 2, kLastRetransmission);
}

void Links::on_retransmit(const Pending& event) {
  const StreamId id = event.target;
  Rare& rare = rare_[id];
  rare.retransmitting = false;
  if ((streams_[id].flags & kFlowing) == 0) drop_stalled(id, ledger_.lost_to_close);
  const bool given_up = !is_open(id) && rare.stall == kNoStream;
  if (rare.unacknowledged == chain::kNever || given_up) {
    rare.timeout = kFirstRetransmission;
    return;
  }
  if (is_cut(id)) return arm_retransmission(id, event.at);
  if (rare.stall != kNoStream) {
    const std::uint32_t stall = rare.stall;
    rare.stall = kNoStream;
    set(id, kStalled, false);
    set(id, kComingAgain, true);
    // Before all that is under way on this stream, whatever its arrival.
    for (Pending& stalled : stalls_[stall]) {
      stalled.at = event.at;
      stalled.again = 1;
      ++rare.coming_again;
      queue_.push(stalled);
    }
    stalls_[stall].clear();
    free_stalls_.push_back(stall);
  }
  if (is_cut(id ^ 1)) return arm_retransmission(id, event.at);
  rare.timeout = kFirstRetransmission;
  note_acknowledged(id);
}

bool Links::times_out(const Pending& event) {
  const StreamId id = event.target;
  Rare& rare = rare_[id];
  if (rare.unacknowledged == chain::kNever) return false;
  const Time due = rare.unacknowledged + scenario_.network.tcp_timeout;
  if (due > event.at) {  // acknowledged meanwhile, and stalled again
    queue_.push({due, EventKind::tcp_timeout, id});
    return false;
  }
  // What was never acknowledged goes with the connection.
  rare.broken = rare.stall != kNoStream;
  drop_stalled(id, ledger_.lost_to_timeout);
  note_acknowledged(id);
  return is_open(id);
}

}  // namespace sim
