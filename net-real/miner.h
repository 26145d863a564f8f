// Threads that look for a nonce, one job at a time.
//
// Thread i of n tries 1 + i, 1 + i + n, ...: nonces from 1, as the original's. A job ends when it
// is replaced, cancelled or solved. How a nonce is tried is core's (nonce_search.h); which block to
// mine, and what becomes of it, is decided elsewhere (mine_queue.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/block.h"

namespace net {

struct MineJob {
  std::uint64_t id = 0;
  chain::Header header;  // all but nonce and hash
  chain::HashOrder order = chain::HashOrder::standard;
};

class Miner {
 public:
  static constexpr unsigned kMaxThreads = 256;

  // Called once for a solved job, on one of the miner's threads, with nonce and hash filled in.
  using Found = std::function<void(std::uint64_t job, const chain::Header& header)>;

  // Throws Failure if the machine has not so many threads to give.
  Miner(unsigned threads, Found found);
  ~Miner();  // waits for the threads
  Miner(const Miner&) = delete;
  Miner& operator=(const Miner&) = delete;

  // Instead of what is being mined. From any thread but the miner's own.
  void start(const MineJob& job);
  void cancel();
  // Nonces tried so far, by all threads. From any thread.
  std::uint64_t hashes() const { return hashes_.load(std::memory_order_relaxed); }

 private:
  void end_threads();
  void work(unsigned thread);
  void search(const MineJob& job, std::uint64_t generation, unsigned thread);
  void solved(const MineJob& job, std::uint64_t generation, std::int64_t nonce,
              const chain::Hash& hash);

  const unsigned threads_count_;
  const Found found_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  MineJob job_;
  bool mining_ = false;
  bool stopping_ = false;
  // Counts starts, cancels and solutions; written under mutex_, read every few nonces.
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<std::uint64_t> hashes_{0};
  std::vector<std::thread> threads_;
};

}  // namespace net
