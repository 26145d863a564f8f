#include "net-real/miner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "net-real/failure.h"

namespace net {
namespace {

constexpr std::int64_t kMaxNonce = (std::int64_t{1} << 53) - 1;  // a number in JSON is exact up to

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
  chain::Sha256 midstate;
  midstate.update(chain::hash_prefix(job.header, job.order));
  std::array<char, 20> digits;
  for (std::int64_t nonce = 1 + thread; nonce <= kMaxNonce; nonce += threads_count_) {
    if (generation_.load(std::memory_order_relaxed) != generation) return;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), nonce);
    const auto length = static_cast<std::size_t>(written.ptr - digits.data());
    const chain::Hash hash = midstate.finish_with({digits.data(), length});
    if (chain::leading_zero_bits(hash) >= job.header.difficulty) {
      return solved(job, generation, nonce, hash);
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
