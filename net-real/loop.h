// The one thread that everything but hashing happens on, its clock and its timers.
//
// Asio stays behind this header, so that host, store and miner neither include it nor wait for it
// to compile. Time zero is the Unix epoch as it was known when the program started; from there the
// monotonic clock counts, so that time never goes back however the machine's clock is set.
// Timestamps of blocks come from the machine's clock itself (wall_clock_ms).
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "core/time.h"

namespace boost::asio {
class io_context;
}

namespace net {

// Unix milliseconds, as the machine's clock has them.
std::int64_t wall_clock_ms();

// A clock that never goes back, from a start of its own.
chain::Time steady_now();

// A number that nobody can guess.
std::uint64_t random_number();

// As Asio's timers take it.
inline std::chrono::nanoseconds chrono(chain::Duration duration) {
  return std::chrono::nanoseconds(duration.ns);
}

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop() is called, or nothing is left to wait for. What a task throws comes out here.
  void run();
  // Runs tasks until one has made `condition` true, or `limit` has passed. Returns the condition.
  bool run_until(const std::function<bool()>& condition, chain::Duration limit);
  void stop();

  // Runs `task` on the loop's thread, never from within this call. From any thread.
  void post(std::function<void()> task);
  // Calls `handler` at the first SIGINT or SIGTERM; a second one stops the loop at once.
  void on_signal(std::function<void(int)> handler);
  // Calls `handler` at every SIGHUP.
  void on_hangup(std::function<void()> handler);

  chain::Time now() const;
  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One alarm, set as often as one likes; only the last setting counts.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> ring);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // chain::kNever: not at all.
  void set(chain::Time when);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
