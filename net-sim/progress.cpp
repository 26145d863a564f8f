#include "net-sim/progress.h"

#include <unistd.h>

#include <cstdio>

namespace sim {

Progress::Progress(std::size_t runs, bool quiet)
    : runs_(runs), shown_(!quiet && isatty(STDERR_FILENO) != 0) {}

void Progress::tick(const Simulator& simulator, double wall_seconds) {
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  if (wall_seconds < last_shown_ + 0.25 && wall_seconds >= last_shown_) return;
  last_shown_ = wall_seconds;
  on_screen_ = true;
  const double part = simulator.now().seconds() / simulator.scenario().duration.seconds();
  const double rate = static_cast<double>(simulator.events()) / wall_seconds;
  std::fprintf(stderr, "\r\033[K%s: %.0f %% of the time, %.2f M events/s, %.0f s left at most",
               simulator.scenario().name.c_str(), part * 100, rate / 1e6,
               part > 0 ? wall_seconds / part - wall_seconds : 0);
  if (runs_ > 1) std::fprintf(stderr, " (run %zu of %zu)", ended_ + 1, runs_);
  std::fflush(stderr);
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  ++ended_;
  if (!on_screen_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  on_screen_ = false;
}

}  // namespace sim
