// When does everyone agree again? Follows the tips of all live honest nodes and times each event.
//
// Convergence time after an event: to the first instant from which all live honest nodes follow one
// tip, until the next block is found; if a block is found first, to the first instant at which all
// their tips lie on one chain no more than the newest block apart. One entry for each occurrence of
// an event; without a value if the next of its kind or the end comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/block_tree.h"
#include "core/time.h"

namespace sim {

struct Convergence {
  std::string after;  // the event's word
  chain::Time at;
  std::optional<chain::Duration> took;
};

class ConvergenceTracker {
 public:
  // Nodes follow `root` until told otherwise.  `depth`: of an expectation `converged: {depth: k}`.
  ConvergenceTracker(const chain::BlockTree& tree, std::uint32_t nodes, chain::BlockId root,
                     std::uint32_t depth);

  void on_event(const std::string& kind, chain::Time at);
  void on_block_found(chain::Time at);
  void on_tip(std::uint32_t node, chain::BlockId tip, chain::Time at);
  // A node that is down or is no honest one does not count.
  void set_counted(std::uint32_t node, bool counted, chain::Time at);

  std::uint32_t depth() const { return depth_; }
  std::uint32_t distinct_tips() const { return distinct_; }
  const std::vector<Convergence>& entries() const { return entries_; }
  // Whether the tips of all counted nodes agree up to `depth` blocks below the highest.
  bool agree(std::uint32_t depth) const;
  std::uint64_t counted(chain::BlockId tip) const {
    return tip < followers_.size() ? followers_[tip] : 0;
  }

 private:
  struct Open {
    std::size_t entry;
    bool block_found = false;  // since the event
  };

  void add(chain::BlockId tip);
  void remove(chain::BlockId tip);
  bool one_chain() const;
  void settle(chain::Time at);

  const chain::BlockTree& tree_;
  std::uint32_t depth_;
  std::vector<chain::BlockId> tips_;
  std::vector<bool> is_counted_;
  std::vector<std::uint32_t> followers_;  // of each block
  std::uint32_t distinct_ = 0;
  chain::BlockId xor_of_tips_ = 0;  // of the distinct ones: with two of them, one gives the other
  std::vector<Convergence> entries_;
  std::vector<Open> open_;
};

}  // namespace sim
