// An alarm for what is due again and again and hardly ever late: moving it costs a clock's reading.
//
// A timer is set when something is due and none is set; when it rings, what was due then has long
// happened, and it is set once more for what is due now. For peer_session.cpp, where each frame is
// due.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <utility>

#include "net-real/loop.h"

namespace net {

class LazyAlarm {
 public:
  template <typename Executor>
  explicit LazyAlarm(const Executor& executor) : timer_(executor) {}

  // `late` is called if done() was not within that time. It keeps the alarm's owner alive.
  void expect(chain::Duration within, std::function<void()> late) {
    due_ = steady_now() + within;
    if (!is_set_) watch(std::move(late));
  }
  bool expects() const { return due_ != chain::kNever; }
  void done() { due_ = chain::kNever; }
  void cancel() { timer_.cancel(); }

 private:
  void watch(std::function<void()> late) {
    is_set_ = expects();
    if (!is_set_) return;
    const chain::Duration left = due_ - steady_now();
    if (left.ns <= 0) return late();
    timer_.expires_after(chrono(left));
    timer_.async_wait([this, late = std::move(late)](boost::system::error_code error) mutable {
      if (!error) watch(std::move(late));
    });
  }

  boost::asio::steady_timer timer_;
  chain::Time due_ = chain::kNever;
  bool is_set_ = false;
};

}  // namespace net
