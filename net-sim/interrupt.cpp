#include "net-sim/interrupt.h"

#include <atomic>
#include <csignal>

namespace sim {
namespace {

std::atomic<bool> interrupt_seen{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may wait for nobody");

void on_interrupt(int) { interrupt_seen = true; }

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return interrupt_seen; }

}  // namespace sim
