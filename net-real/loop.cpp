#include "net-real/loop.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <random>
#include <utility>

namespace net {
namespace {

using Steady = std::chrono::steady_clock;

std::int64_t wall_clock_ns() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
}

}  // namespace

std::uint64_t random_number() {
  std::random_device device;
  const std::uint64_t high = device();
  return high << 32 | device();
}

std::int64_t wall_clock_ms() { return wall_clock_ns() / 1'000'000; }

chain::Time steady_now() {
  return {std::chrono::nanoseconds(Steady::now().time_since_epoch()).count()};
}

struct Loop::State {
  void await_hangup() {
    hangups.async_wait([this](auto error, int) {
      if (error) return;
      on_hangup();
      await_hangup();
    });
  }

  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context};
  boost::asio::signal_set hangups{context};
  std::function<void()> on_hangup;
  const std::int64_t start_wall_ns = wall_clock_ns();
  const Steady::time_point start = Steady::now();
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::run() { state_->context.run(); }

bool Loop::run_until(const std::function<bool()>& condition, chain::Duration limit) {
  const auto deadline = Steady::now() + chrono(limit);
  const auto busy = boost::asio::make_work_guard(state_->context);
  state_->context.restart();
  while (!condition()) {
    if (state_->context.run_one_until(deadline) == 0) return condition();
  }
  return true;
}

void Loop::stop() { state_->context.stop(); }

void Loop::post(std::function<void()> task) { boost::asio::post(state_->context, std::move(task)); }

void Loop::on_signal(std::function<void(int)> handler) {
  state_->signals.add(SIGINT);
  state_->signals.add(SIGTERM);
  state_->signals.async_wait([this, handler = std::move(handler)](auto error, int signal) {
    if (error) return;
    state_->signals.async_wait([this](auto second_error, int) {
      if (!second_error) stop();
    });
    handler(signal);
  });
}

void Loop::on_hangup(std::function<void()> handler) {
  state_->on_hangup = std::move(handler);
  state_->hangups.add(SIGHUP);
  state_->await_hangup();
}

chain::Time Loop::now() const {
  const auto passed = std::chrono::nanoseconds(Steady::now() - state_->start);
  return {state_->start_wall_ns + passed.count()};
}

boost::asio::io_context& Loop::context() { return state_->context; }

struct Timer::State : std::enable_shared_from_this<Timer::State> {
  State(Loop& the_loop, std::function<void()> the_ring)
      : loop(the_loop), timer(the_loop.context()), ring(std::move(the_ring)) {}

  void set(chain::Time when) {
    const std::uint64_t mine = ++settings;
    if (when == chain::kNever) {
      timer.cancel();
      return;
    }
    timer.expires_after(chrono(when - loop.now()));
    timer.async_wait([weak = weak_from_this(), mine](auto error) {
      const auto state = weak.lock();
      if (!error && state && state->settings == mine) state->ring();
    });
  }

  Loop& loop;
  boost::asio::steady_timer timer;
  std::function<void()> ring;
  std::uint64_t settings = 0;
};

Timer::Timer(Loop& loop, std::function<void()> ring)
    : state_(std::make_shared<State>(loop, std::move(ring))) {}
Timer::~Timer() { state_->timer.cancel(); }
void Timer::set(chain::Time when) { state_->set(when); }

}  // namespace net
