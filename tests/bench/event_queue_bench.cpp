// One event through the queue (a pop and a push) with so many pending, beside a binary heap of the
// same events in the same process.
#include <benchmark/benchmark.h>

#include <queue>

#include "core/random.h"
#include "net-sim/event_queue.h"
#include "net-sim/pending.h"

namespace {

using sim::Pending;

struct Numbered {
  Pending event;
  std::uint64_t number;
};
struct Later {
  bool operator()(const Numbered& a, const Numbered& b) const {
    return a.event.at != b.event.at ? a.event.at > b.event.at : a.number > b.number;
  }
};

class BinaryHeap {
 public:
  void push(const Pending& event) { heap_.push({event, ++pushed_}); }
  Pending pop() {
    const Pending event = heap_.top().event;
    heap_.pop();
    return event;
  }

 private:
  std::priority_queue<Numbered, std::vector<Numbered>, Later> heap_;
  std::uint64_t pushed_ = 0;
};

// Latencies of a network: 20 ms and an exponential tail of 100 ms.
chain::Duration delay(chain::Random& random) {
  return chain::milliseconds(20) +
         chain::Duration{chain::mul_q32(chain::milliseconds(100).ns, random.exponential_q32())};
}

template <typename Queue>
void hold(benchmark::State& state) {
  chain::Random random(1);
  std::vector<chain::Duration> delays(1 << 16);
  for (chain::Duration& d : delays) d = delay(random);
  Queue queue;
  std::size_t next = 0;
  const auto push = [&](chain::Time now) {
    queue.push(Pending{now + delays[next++ % delays.size()], sim::EventKind::deliver, 7});
  };
  for (std::int64_t i = 0; i < state.range(0); ++i) push(chain::kTimeZero);
  for (std::int64_t i = 0; i < 2 * state.range(0); ++i) push(queue.pop().at);
  for (auto _ : state) push(queue.pop().at);
  state.SetItemsProcessed(state.iterations());
}

void RadixHeap(benchmark::State& state) { hold<sim::EventQueue<Pending>>(state); }
void PriorityQueue(benchmark::State& state) { hold<BinaryHeap>(state); }
BENCHMARK(RadixHeap)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(PriorityQueue)->Arg(1000)->Arg(100000)->Arg(1000000);

}  // namespace
