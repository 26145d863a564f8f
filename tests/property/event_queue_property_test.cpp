// The event queue against a binary heap of (time, number): every pop the same, on millions of
// random operations of every shape that a simulation could have.
#include <gtest/gtest.h>

#include <functional>
#include <queue>

#include "core/random.h"
#include "net-sim/event_queue.h"
#include "tests/support/random_blocks.h"

namespace {

using chain::Random;
using chain::Time;

struct Numbered {
  Time at;
  std::uint64_t number = 0;
};

struct Later {
  bool operator()(const Numbered& a, const Numbered& b) const {
    return a.at != b.at ? a.at > b.at : a.number > b.number;
  }
};

class Both {
 public:
  void push(Time at) {
    const Numbered event{at, ++pushed_};
    queue_.push(event);
    oracle_.push(event);
  }
  // False if they differ.
  bool pop() {
    const Numbered expected = oracle_.top();
    oracle_.pop();
    const Numbered found = queue_.pop();
    now_ = found.at;
    return found.at == expected.at && found.number == expected.number &&
           queue_.size() == oracle_.size();
  }
  bool peek() { return queue_.next_time() == oracle_.top().at; }
  bool empty() const { return oracle_.empty(); }
  std::size_t size() const { return oracle_.size(); }
  Time now() const { return now_; }

 private:
  sim::EventQueue<Numbered> queue_;
  std::priority_queue<Numbered, std::vector<Numbered>, Later> oracle_;
  std::uint64_t pushed_ = 0;
  Time now_{};
};

// How far ahead an event lies: none, next to nothing, of one scale, of any scale, round numbers.
std::int64_t random_delay(Random& random, std::uint64_t shape) {
  switch (shape) {
    case 0:
      return static_cast<std::int64_t>(random.below(3));
    case 1:
      return static_cast<std::int64_t>(random.below(100'000'000));
    case 2: {
      const std::uint64_t bits = random.below(45);
      return static_cast<std::int64_t>(random.next() >> (63 - bits));
    }
    case 3:
      return static_cast<std::int64_t>(random.below(20)) * 1'000'000;
    default:
      return std::int64_t{1} << random.below(40);
  }
}

// `peeks`: with looks at the next time in between.
void compare(std::uint64_t seed, int operations, std::size_t most, bool peeks) {
  Random random(seed);
  Both both;
  std::uint64_t shape = 0;
  std::uint64_t pushes_in_8 = 5;
  for (int i = 0; i < operations; ++i) {
    if (random.below(5000) == 0) {
      shape = random.below(6);
      pushes_in_8 = 1 + random.below(7);
    }
    if (peeks && !both.empty() && random.below(4) == 0) {
      ASSERT_TRUE(both.peek()) << "operation " << i << " of seed " << seed;
    }
    const bool full = both.size() >= most;
    if (both.empty() || (!full && random.below(8) < pushes_in_8)) {
      const std::uint64_t drawn = shape == 5 ? random.below(5) : shape;
      both.push(both.now() + chain::nanoseconds(random_delay(random, drawn)));
    } else {
      ASSERT_TRUE(both.pop()) << "operation " << i << " of seed " << seed;
    }
  }
  while (!both.empty()) ASSERT_TRUE(both.pop()) << "at the end of seed " << seed;
}

TEST(EventQueueProperty, PopsAsABinaryHeapDoes) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    compare(seed, test::scaled(1'000'000), seed % 2 == 0 ? 300 : 50'000, false);
  }
}

TEST(EventQueueProperty, PeeksChangeNothing) {
  for (std::uint64_t seed = 11; seed <= 15; ++seed) {
    compare(seed, test::scaled(400'000), seed % 2 == 0 ? 300 : 20'000, true);
  }
}

TEST(LongEventQueue, PopsAsABinaryHeapDoes) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    const std::size_t most = i % 2 == 0 ? 300 : 200'000;
    compare(test::fresh_seed() + i, test::scaled(5'000'000), most, i % 4 < 2);
  }
}

// Many events far ahead, a look at them, then many that come before all of those.
TEST(EventQueueProperty, EventsMayComeBeforeTheOneThatWasLookedAt) {
  for (const int early : {10, 100, 127, 128, 129, 130, 200, 1000}) {
    Both both;
    for (int i = 0; i < 1000; ++i) {
      both.push(Time{(std::int64_t{1} << 30) + std::int64_t{i} * 1'000'000});
    }
    ASSERT_TRUE(both.peek());
    for (int i = early; i > 0; --i) both.push(Time{(std::int64_t{1} << 29) + i});
    while (!both.empty()) {
      ASSERT_TRUE(both.peek()) << early;
      ASSERT_TRUE(both.pop()) << early;
    }
  }
}

TEST(EventQueueProperty, EventsOfOneInstantKeepTheirOrder) {
  Both both;
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const Time at = both.now() + chain::nanoseconds(static_cast<std::int64_t>(random.below(500)));
    for (std::uint64_t i = random.below(400); i > 0; --i) both.push(at);
    for (std::uint64_t i = random.below(350); i > 0 && !both.empty(); --i) ASSERT_TRUE(both.pop());
  }
  while (!both.empty()) ASSERT_TRUE(both.pop());
}

TEST(EventQueueProperty, TimesReachTheEndOfTheClock) {
  Both both;
  for (int bit = 0; bit < 63; ++bit) both.push(Time{std::int64_t{1} << bit});
  both.push(Time{chain::kNever.ns - 1});
  both.push(Time{0});
  while (!both.empty()) ASSERT_TRUE(both.pop());
}

}  // namespace
