// A download of headers from one peer in two passes, so that a branch is stored only if it carries
// enough work.
//
// A headers page of a branch whose work lies below the low-work floor (chain_rules.h) is not
// stored. In the first pass only the hash of each page's end is kept, until all pages together
// reach the floor. Then the pages are requested again, and each is stored as far as it has the
// hashes that were kept. A branch that does not reach the floor costs `max_pages` hashes at most.
//
//             low-work page              reaches the floor           has the last end
//   (none) ------------------> presync ------------------> redownload ---------------> final
//                                 |                            |
//                                 | more than max_pages        | a page without the next end
//                                 v                            v
//                               final                        final
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.h"

namespace chain {

// The class is pure: the intake of a real node feeds it headers that it has checked, the simulator
// blocks of its tree. Rationale: the floor keeps a peer from filling the disk with cheap headers;
// two passes keep the floor from hiding a long branch that is heavier in the end. The ends bind the
// second pass: without them a peer could show one branch and then send another.
class HeadersSync {
 public:
  enum class State : std::uint8_t {
    presync,     // nothing is stored; the hash of each page's end is kept
    redownload,  // the pages come again and are stored
    final,       // over: what comes now is judged like any other page
  };

  // A page whose headers are linked and valid, as the class sees it.
  struct Page {
    std::uint32_t first_height = 0;  // of its first header
    std::uint32_t count = 0;         // of its headers, at least 1
    std::uint64_t work = 0;          // from the root to its last header
  };
  // What is to be done with a page.
  struct Verdict {
    std::uint32_t stored = 0;  // so many of its headers, from the first on; the rest is dropped
    enum class Next : std::uint8_t {
      after_page,  // request what follows the page
      from_base,   // request the branch again, from the block that it stands on
      none,        // the download is over
    } next = Next::none;
  };

  // Begins with a low-work page that stands on block `base` of the tree, and ends with `end`.
  HeadersSync(const Hash& base, const Page& page, const Hash& end);

  State state() const { return state_; }
  // The block below the branch.
  const Hash& base() const { return base_; }
  // The hash of the last page's end.
  const Hash& end() const { return ends_.back().hash; }
  std::size_t pages() const { return ends_.size(); }
  // Whether a page is the next of the first pass: its first header names `previous`.
  bool continues(const Hash& previous) const {
    return state_ == State::presync && end() == previous;
  }

  // The next page of the first pass.  REQUIRES: it continues.
  Verdict take(const Page& page, const Hash& end, std::uint64_t floor, std::uint32_t max_pages);
  // A page of the second pass; `hash_at(height)` gives the hash of each of its headers.
  template <typename HashAt>
  Verdict take_again(const Page& page, const HashAt& hash_at) {
    std::uint32_t stored = 0;
    while (confirmed_ < ends_.size() && ends_[confirmed_].height < page.first_height + page.count) {
      const End& end = ends_[confirmed_++];
      if (end.height < page.first_height) continue;  // stored meanwhile, from another peer
      if (hash_at(end.height) != end.hash) return give_up();
      stored = end.height - page.first_height + 1;
    }
    if (stored == 0) return give_up();
    if (confirmed_ == ends_.size()) state_ = State::final;  // the rest is judged like any page
    return {stored, Verdict::Next::after_page};
  }

 private:
  struct End {
    Hash hash;
    std::uint32_t height;
  };

  Verdict give_up() {
    state_ = State::final;
    return {};
  }

  Hash base_;
  std::vector<End> ends_;      // of the pages of the first pass
  std::size_t confirmed_ = 0;  // second pass: ends that have come again
  State state_ = State::presync;
};

}  // namespace chain
