#include "net-real/miner.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "core/nonce_search.h"
#include "net-real/failure.h"

namespace net {
namespace {

// Between two looks at whether the job is over: 512 nonces, some 20 microseconds.
constexpr int kRoundsPerLook = 128;
static_assert(Miner::kMaxThreads <= chain::NonceSearch::kMaxStride);

}  // namespace

Miner::Miner(unsigned threads, Found found)
    : threads_count_(std::clamp(threads, 1u, kMaxThreads)), found_(std::move(found)) {
  try {
    for (unsigned i = 0; i < threads_count_; ++i) threads_.emplace_back([this, i] { work(i); });
  } catch (const std::system_error& error) {
    end_threads();
    throw Failure(kExitBadInput, "--threads " + std::to_string(threads_count_) + ": " +
                                     std::to_string(threads_.size()) +
                                     " were started, then: " + error.code().message());
  }
}

Miner::~Miner() { end_threads(); }

void Miner::end_threads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ++generation_;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Miner::start(const MineJob& job) {
  {
    const std::lock_guard lock(mutex_);
    job_ = job;
    mining_ = true;
    ++generation_;
  }
  changed_.notify_all();
}

void Miner::cancel() {
  const std::lock_guard lock(mutex_);
  mining_ = false;
  ++generation_;
}

void Miner::work(unsigned thread) {
  std::uint64_t done = 0;  // the last generation that this thread has searched
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || (mining_ && generation_ != done); });
    if (stopping_) return;
    done = generation_;
    const MineJob job = job_;
    lock.unlock();
    search(job, done, thread);
    lock.lock();
  }
}

void Miner::search(const MineJob& job, std::uint64_t generation, unsigned thread) {
  chain::NonceSearch search(chain::hash_prefix(job.header, job.order), job.header.difficulty,
                            1 + thread, threads_count_);
  const std::int64_t stride = threads_count_;
  std::int64_t next = 1 + thread;  // the first nonce that is not counted yet
  const auto count_until = [&](std::int64_t nonce) {
    hashes_.fetch_add(static_cast<std::uint64_t>((nonce - next) / stride),
                      std::memory_order_relaxed);
    next = nonce;
  };
  while (generation_.load(std::memory_order_relaxed) == generation && !search.exhausted()) {
    const auto found = search.next(kRoundsPerLook);
    count_until(found ? found->nonce + stride
                      : next + kRoundsPerLook * chain::NonceSearch::kLanes * stride);
    if (found) {
      return solved(job, generation, found->nonce, found->hash);
    }
  }
}

void Miner::solved(const MineJob& job, std::uint64_t generation, std::int64_t nonce,
                   const chain::Hash& hash) {
  {
    const std::lock_guard lock(mutex_);
    if (generation_ != generation) return;  // another thread was faster, or the job is over
    mining_ = false;
    ++generation_;
  }
  chain::Header header = job.header;
  header.nonce = nonce;
  header.hash = hash;
  found_(job.id, header);
}

}  // namespace net
