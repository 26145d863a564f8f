// What one floor keeps of each peer, in the order in which they connected: the order of broadcasts.
//
// While nobody has gone, a peer stands where its id says, and is found with one look at itself: in
// a simulation of ten thousand nodes each line of memory that a message touches costs more than
// what is done there. Otherwise by a walk over the ids alone, which stand together.
#pragma once

#include <algorithm>
#include <vector>

#include "core/io.h"
#include "core/prefetch.h"

namespace chain {

// REQUIRES: T has a member `PeerId id`.
template <typename T>
class PeerList {
 public:
  // Null if it is not there.
  T* find(PeerId id) {
    if (id < peers_.size() && peers_[id].id == id) return &peers_[id];
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    return found == ids_.end() ? nullptr : &peers_[static_cast<std::size_t>(found - ids_.begin())];
  }
  const T* find(PeerId id) const { return const_cast<PeerList*>(this)->find(id); }

  void add(const T& peer) {
    ids_.push_back(peer.id);
    peers_.push_back(peer);
  }
  void erase(PeerId id) {
    const T* const peer = find(id);
    if (peer == nullptr) return;
    const auto place = peer - peers_.data();
    ids_.erase(ids_.begin() + place);
    peers_.erase(peers_.begin() + place);
  }
  std::size_t size() const { return peers_.size(); }
  void reserve(std::size_t peers) {
    ids_.reserve(peers);
    peers_.reserve(peers);
  }

  // A hint: this peer is wanted soon, or all.
  void prefetch(PeerId id, bool all) const {
    if (!all && id < peers_.size()) return prefetch_line(&peers_[id]);
    prefetch_bytes(peers_.data(), std::min(peers_.size(), kMostPrefetched) * sizeof(T));
  }

  auto begin() { return peers_.begin(); }
  auto end() { return peers_.end(); }
  auto begin() const { return peers_.begin(); }
  auto end() const { return peers_.end(); }

 private:
  static constexpr std::size_t kMostPrefetched = 32;  // more would push out each other

  std::vector<PeerId> ids_;  // of peers_, in its order
  std::vector<T> peers_;
};

}  // namespace chain
