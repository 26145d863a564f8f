// A node's one CPU: what comes in while it is at work waits, in order.
//
//          input with bodies            done              blocks accepted            durable
//   idle ---------------------> validating ----> stepped ----------------> committing ------> idle
//     \---------- any other input --------------^     \------ none ---------------------------^
//
// The bodies that a step will accept are validated before it, so that until then the node follows,
// and mines on, the tip that it had. What the step has to say leaves once its blocks are durable; a
// crash before that loses the words, and with `lose_unsynced` the blocks. A node that pauses takes
// nothing from the inbox. Runs without validation, commit time and pauses have no CPUs at all.
#pragma once

#include <deque>
#include <optional>

#include "core/io.h"
#include "net-sim/scenario.h"

namespace sim {

struct Cpu {
  enum class State : std::uint8_t { idle, stepping, validating, committing };

  std::deque<chain::Input> inbox;
  State state = State::idle;
  std::uint32_t pauses = 0;   // that hold now
  Time until{chain::kNever};  // of validating and committing
  chain::Effects held;        // while committing
  // What is durable while committing, where a crash may lose the rest. (That a block is lost does
  // not mean that its header is, which may have come long before.)
  std::optional<chain::ChainView> durable;
  chain::BlockId seen_tip = chain::kNoBlock;  // when the message at work was presented
};

// The time that validating the new bodies of `message` takes; none for what will not be accepted.
// `own`: what the receiver has.
Duration validation_time(const Validation& validation, const chain::BlockTree& tree,
                         const chain::ChainView& own, const chain::Message& message);

}  // namespace sim
