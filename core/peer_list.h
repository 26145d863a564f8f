// What one floor keeps of each peer, in the order in which they connected: the order of broadcasts.
//
// Found by a walk over the ids alone, which stand together: a node has tens of peers, rarely some
// hundreds, and in a simulation of ten thousand nodes each line of memory that a message touches
// costs more than the walk.
#pragma once

#include <algorithm>
#include <vector>

#include "core/io.h"

namespace chain {

// REQUIRES: T has a member `PeerId id`.
template <typename T>
class PeerList {
 public:
  // Null if it is not there.
  T* find(PeerId id) {
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    return found == ids_.end() ? nullptr : &peers_[static_cast<std::size_t>(found - ids_.begin())];
  }
  const T* find(PeerId id) const { return const_cast<PeerList*>(this)->find(id); }

  void add(const T& peer) {
    ids_.push_back(peer.id);
    peers_.push_back(peer);
  }
  void erase(PeerId id) {
    std::erase(ids_, id);
    std::erase_if(peers_, [id](const T& peer) { return peer.id == id; });
  }

  auto begin() { return peers_.begin(); }
  auto end() { return peers_.end(); }
  auto begin() const { return peers_.begin(); }
  auto end() const { return peers_.end(); }

 private:
  std::vector<PeerId> ids_;  // of peers_, in its order
  std::vector<T> peers_;
};

}  // namespace chain
