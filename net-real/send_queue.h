// Frames that wait to be sent: of one peer, and of all peers together.
//
// A frame that is sent to many peers is one text in memory, so over all peers it counts once, for
// as long as it waits for any of them. Used by the loop's thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "net-real/links.h"
#include "net-real/loop.h"

namespace net {

class SendQueues {
 public:
  explicit SendQueues(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Whether one more frame may wait.
  bool fits(const Frame& frame) const {
    return waiting_.contains(frame.get()) || bytes_ + frame->size() <= max_bytes_;
  }
  void add(const Frame& frame) {
    if (++waiting_[frame.get()] == 1) bytes_ += frame->size();
  }
  // REQUIRES: it was added.
  void remove(const Frame& frame) {
    const auto found = waiting_.find(frame.get());
    if (--found->second > 0) return;
    bytes_ -= frame->size();
    waiting_.erase(found);
  }
  std::size_t bytes() const { return bytes_; }
  std::size_t max_bytes() const { return max_bytes_; }

 private:
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::map<const std::string*, std::size_t> waiting_;  // in how many queues each frame stands
};

class SendQueue {
 public:
  // Sessions may outlive whoever made `all`.
  explicit SendQueue(std::shared_ptr<SendQueues> all) : all_(std::move(all)) {}
  ~SendQueue() { clear(); }
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  bool empty() const { return frames_.empty(); }
  std::size_t size() const { return frames_.size(); }
  std::size_t bytes() const { return bytes_; }
  // The frame that is being sent, and since when.  REQUIRES: !empty().
  const Frame& front() const { return frames_.front(); }
  chain::Time front_since() const { return front_since_; }

  void push(const Frame& frame) {
    if (frames_.empty()) front_since_ = steady_now();
    frames_.push_back(frame);
    bytes_ += frame->size();
    all_->add(frame);
  }
  // REQUIRES: !empty().
  void pop() {
    bytes_ -= frames_.front()->size();
    all_->remove(frames_.front());
    frames_.pop_front();
    front_since_ = steady_now();
  }
  void clear() {
    while (!frames_.empty()) pop();
  }

 private:
  const std::shared_ptr<SendQueues> all_;
  std::deque<Frame> frames_;
  std::size_t bytes_ = 0;
  chain::Time front_since_{};
};

}  // namespace net
