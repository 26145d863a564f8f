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
#include <span>
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
  chain::Time next_time() { return upcoming().front().at; }

  // The next events, at least one, unless others that are pushed come before.  REQUIRES: !empty().
  std::span<const E> upcoming() {
    if (head_ == run_.size()) refill();
    return std::span(run_).subspan(head_);
  }

 private:
  static constexpr int kDigit = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kDigit;
  static constexpr std::size_t kLevels = 11;  // 66 bits
  static constexpr std::size_t kChunkEvents = 32;
  static constexpr std::size_t kSlabChunks = 64;
  static constexpr std::size_t kRunLoad = 32;    // a bucket up to this size is sorted, not split
  static constexpr std::size_t kRunShift = 128;  // events that an insertion may move

  struct Chunk {
    Chunk* next = nullptr;
    std::uint32_t count = 0;
    std::array<E, kChunkEvents> events;
  };
  struct Bucket {
    Chunk* first = nullptr;
    Chunk* last = nullptr;
    std::size_t size = 0;
  };

  Chunk* take_chunk() {
    if (free_ == nullptr) {
      slabs_.push_back(std::make_unique<Chunk[]>(kSlabChunks));
      for (std::size_t i = kSlabChunks; i-- > 0;) give_back(slabs_.back()[i]);
    }
    Chunk* const chunk = free_;
    free_ = chunk->next;
    chunk->next = nullptr;
    chunk->count = 0;
    return chunk;
  }
  void give_back(Chunk& chunk) {
    chunk.next = free_;
    free_ = &chunk;
  }

  void append(const E& event) {
    const auto difference = static_cast<std::uint64_t>(event.at.ns ^ base_);
    const int level = difference == 0 ? 0 : (63 - std::countl_zero(difference)) / kDigit;
    const auto slot =
        static_cast<std::size_t>(static_cast<std::uint64_t>(event.at.ns) >> (level * kDigit)) &
        (kSlots - 1);
    Bucket& bucket = buckets_[static_cast<std::size_t>(level)][slot];
    if (bucket.last == nullptr) {
      bucket.first = bucket.last = take_chunk();
      occupied_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << slot;
    } else if (bucket.last->count == kChunkEvents) {
      bucket.last->next = take_chunk();
      bucket.last = bucket.last->next;
    }
    Chunk& last = *bucket.last;
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

  // Makes the earliest bucket the run, splitting it on the way while it is large; and the buckets
  // after it on its level, as far as they fit.
  void refill() {
    CHECK(size_ > 0);
    run_.clear();
    head_ = 0;
    while (true) {
      std::size_t level = 0;
      while (occupied_[level] == 0) ++level;
      const auto slot = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
      const int shift = static_cast<int>(level) * kDigit;
      base_ = start_of(slot, shift);
      if (level == 0 || buckets_[level][slot].size <= kRunLoad) return fill_run(level);
      drain(level, slot, [this](const E& event) { append(event); });
    }
  }

  void fill_run(std::size_t level) {
    std::size_t slot = 0;
    do {
      slot = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
      drain(level, slot, [this](const E& event) { run_.push_back(event); });
    } while (occupied_[level] != 0 && run_.size() + next_size(level) <= kRunLoad);
    const int shift = static_cast<int>(level) * kDigit;
    run_end_ = end_of(start_of(slot, shift), shift);
    if (level > 0) sort_run();
  }

  // Of the first bucket of a level that has some.
  std::size_t next_size(std::size_t level) const {
    return buckets_[level][static_cast<std::size_t>(std::countr_zero(occupied_[level]))].size;
  }

  // Where the bucket's stretch of time starts.
  std::int64_t start_of(std::size_t slot, int shift) const {
    const int above = shift + kDigit;
    const std::uint64_t prefix =
        above >= 64 ? 0 : static_cast<std::uint64_t>(base_) >> above << above;
    return static_cast<std::int64_t>(prefix | static_cast<std::uint64_t>(slot) << shift);
  }

  // Where a bucket that starts there ends; the last one of all ends with the clock.
  static std::int64_t end_of(std::int64_t start, int shift) {
    const std::int64_t width = std::int64_t{1} << shift;
    const bool is_last = start > std::numeric_limits<std::int64_t>::max() - width;
    return is_last ? std::numeric_limits<std::int64_t>::max() : start + width;
  }

  // Empties a bucket.
  template <typename Visit>
  void drain(std::size_t level, std::size_t slot, Visit visit) {
    const Bucket bucket = buckets_[level][slot];
    buckets_[level][slot] = {};
    occupied_[level] &= ~(std::uint64_t{1} << slot);
    for (Chunk* chunk = bucket.first; chunk != nullptr;) {
      for (std::uint32_t i = 0; i < chunk->count; ++i) visit(chunk->events[i]);
      Chunk* const next = chunk->next;
      give_back(*chunk);
      chunk = next;
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
  Chunk* free_ = nullptr;
  std::vector<E> run_;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<std::array<Bucket, kSlots>, kLevels> buckets_{};
  std::vector<std::unique_ptr<Chunk[]>> slabs_;
};

}  // namespace sim
