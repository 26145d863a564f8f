// A line on the terminal while runs go on: how far, how fast, how long still.
//
// Only where stderr is a terminal and nobody asked for quiet; never on stdout.
#pragma once

#include <mutex>

#include "net-sim/simulator.h"

namespace sim {

class Progress {
 public:
  Progress(std::size_t runs, bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From any thread; shows at most a few lines a second.
  void tick(const Simulator& simulator, double wall_seconds);
  // Takes the line away, so that something else can be printed; a run has ended.
  void clear();

 private:
  const std::size_t runs_;
  const bool shown_;
  std::size_t ended_ = 0;
  double last_shown_ = 0;
  bool on_screen_ = false;
  std::mutex mutex_;
};

}  // namespace sim
