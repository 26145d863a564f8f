// The pending events of a simulation, popped in order of (time, order of pushing).
//
// A radix heap with 64 buckets a level and a sorted run in front:
//
//   run:      the events of one short stretch of time, sorted; pop takes its head
//   level 0:  64 buckets of 1 ns     \  an event stands in the level of the highest six-bit digit
//   level 1:  64 buckets of 64 ns     > in which its time differs from `base_`; as time goes on it
//   ...                              /  moves down, at most once a level, or into the run
//
// Time never goes back, which is all that a radix heap asks. Pushing appends to a bucket, a chain
// of fixed chunks from a pool: nothing is compared, or allocated once warm. Events of one instant
// keep their order without a number: they stand in one bucket or in the run, and moves keep order.
// A binary heap is the tests' oracle and the benchmark's rival.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "core/check.h"
#include "core/time.h"

namespace sim {

// REQUIRES: E is trivially copyable and has a member `chain::Time at`.
template <typename E>
class EventQueue {
  static_assert(std::is_trivially_copyable_v<E>);

 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // REQUIRES: event.at is not before the last popped event's.
  void push(const E& event) {
    CHECK(event.at.ns >= now_);
    ++size_;
    if (event.at.ns < run_end_ && insert_into_run(event)) return;
    append(event);
  }

  // REQUIRES: !empty().
  E pop() {
    if (head_ == run_.size()) refill();
    --size_;
    now_ = run_[head_].at.ns;
    return run_[head_++];
  }

  // The time of the next event.  REQUIRES: !empty().
  chain::Time next_time() {
    if (head_ == run_.size()) refill();
    return run_[head_].at;
  }

 private:
  static constexpr int kDigit = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kDigit;
  static constexpr std::size_t kLevels = 11;  // 66 bits
  static constexpr std::size_t kChunkEvents = 32;
  static constexpr std::size_t kSlabChunks = 64;
  static constexpr std::size_t kRunLoad = 32;    // a bucket up to this size is sorted, not split
  static constexpr std::size_t kRunShift = 128;  // events that an insertion may move
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Chunk {
    std::uint32_t next = kNone;
    std::uint32_t count = 0;
    std::array<E, kChunkEvents> events;
  };
  struct Bucket {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t size = 0;
  };

  Chunk& chunk(std::uint32_t index) { return slabs_[index / kSlabChunks][index % kSlabChunks]; }

  std::uint32_t take_chunk() {
    if (free_ == kNone) {
      const auto first = static_cast<std::uint32_t>(slabs_.size() * kSlabChunks);
      slabs_.push_back(std::make_unique<Chunk[]>(kSlabChunks));
      for (std::uint32_t i = kSlabChunks; i-- > 0;) {
        chunk(first + i).next = free_;
        free_ = first + i;
      }
    }
    const std::uint32_t index = free_;
    free_ = chunk(index).next;
    chunk(index).next = kNone;
    chunk(index).count = 0;
    return index;
  }

  void append(const E& event) {
    const auto difference = static_cast<std::uint64_t>(event.at.ns ^ base_);
    const int level = difference == 0 ? 0 : (63 - std::countl_zero(difference)) / kDigit;
    const auto slot =
        static_cast<std::size_t>(static_cast<std::uint64_t>(event.at.ns) >> (level * kDigit)) &
        (kSlots - 1);
    Bucket& bucket = buckets_[static_cast<std::size_t>(level)][slot];
    if (bucket.first == kNone) {
      bucket.first = bucket.last = take_chunk();
      occupied_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << slot;
    } else if (chunk(bucket.last).count == kChunkEvents) {
      const std::uint32_t fresh = take_chunk();
      chunk(bucket.last).next = fresh;
      bucket.last = fresh;
    }
    Chunk& last = chunk(bucket.last);
    last.events[last.count++] = event;
    ++bucket.size;
  }

  // False if too many events would have to move; the run is then back in the buckets.
  bool insert_into_run(const E& event) {
    auto place = run_.end();
    if (head_ < run_.size() && event.at < run_.back().at) {
      place = std::upper_bound(run_.begin() + static_cast<std::ptrdiff_t>(head_), run_.end(),
                               event.at, [](chain::Time t, const E& e) { return t < e.at; });
      // After a look at the next time the run may lie ahead of now; the buckets are relative to it.
      const bool may_spill = base_ <= now_;
      if (may_spill && run_.end() - place > static_cast<std::ptrdiff_t>(kRunShift)) {
        spill_run();
        return false;
      }
    }
    run_.insert(place, event);
    return true;
  }

  void spill_run() {
    base_ = now_;
    run_end_ = now_;
    for (; head_ < run_.size(); ++head_) append(run_[head_]);
    run_.clear();
    head_ = 0;
  }

  // Makes the earliest bucket the run, splitting it on the way while it is large.
  void refill() {
    CHECK(size_ > 0);
    run_.clear();
    head_ = 0;
    while (true) {
      std::size_t level = 0;
      while (occupied_[level] == 0) ++level;
      const auto slot = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
      const int shift = static_cast<int>(level) * kDigit;
      const Bucket bucket = buckets_[level][slot];
      buckets_[level][slot] = {};
      occupied_[level] &= ~(std::uint64_t{1} << slot);
      base_ = start_of(slot, shift);
      if (level == 0 || bucket.size <= kRunLoad) {
        run_end_ = end_of(shift);
        drain(bucket, [this](const E& event) { run_.push_back(event); });
        if (level > 0) sort_run();
        return;
      }
      drain(bucket, [this](const E& event) { append(event); });
    }
  }

  // Where the bucket's stretch of time starts.
  std::int64_t start_of(std::size_t slot, int shift) const {
    const int above = shift + kDigit;
    const std::uint64_t prefix =
        above >= 64 ? 0 : static_cast<std::uint64_t>(base_) >> above << above;
    return static_cast<std::int64_t>(prefix | static_cast<std::uint64_t>(slot) << shift);
  }

  // Where a bucket that starts at `base_` ends; the last one of all ends with the clock.
  std::int64_t end_of(int shift) const {
    const std::int64_t width = std::int64_t{1} << shift;
    const bool is_last = base_ > std::numeric_limits<std::int64_t>::max() - width;
    return is_last ? std::numeric_limits<std::int64_t>::max() : base_ + width;
  }

  template <typename Visit>
  void drain(const Bucket& bucket, Visit visit) {
    for (std::uint32_t index = bucket.first; index != kNone;) {
      Chunk& full = chunk(index);
      for (std::uint32_t i = 0; i < full.count; ++i) visit(full.events[i]);
      const std::uint32_t next = full.next;
      full.next = free_;
      free_ = index;
      index = next;
    }
  }

  void sort_run() {  // by insertion: few events, stable, no allocation
    for (std::size_t i = 1; i < run_.size(); ++i) {
      const E event = run_[i];
      std::size_t j = i;
      for (; j > 0 && event.at < run_[j - 1].at; --j) run_[j] = run_[j - 1];
      run_[j] = event;
    }
  }

  std::int64_t now_ = 0;      // of the last popped event
  std::int64_t base_ = 0;     // buckets are relative to it; never above a pending event in a bucket
  std::int64_t run_end_ = 0;  // events before it belong into the run
  std::size_t head_ = 0;      // of the run
  std::size_t size_ = 0;
  std::uint32_t free_ = kNone;
  std::vector<E> run_;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<std::array<Bucket, kSlots>, kLevels> buckets_{};
  std::vector<std::unique_ptr<Chunk[]>> slabs_;
};

}  // namespace sim
