// When does everyone agree again? Follows the tips of all live honest nodes and times each event.
//
// Convergence time after an event: to the first instant from which all live honest nodes follow one
// tip, until the next block is found; if a block is found first, to the first instant at which all
// their tips lie on one chain no more than the newest block apart. One entry for each occurrence of
// an event; without a value if the next of its kind or the end comes first. If nodes follow several
// rule sets, each set must agree by itself: an event has converged once all sets have.
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
  // `rule_sets`: by node; empty: one set.
  ConvergenceTracker(const chain::BlockTree& tree, std::uint32_t nodes, chain::BlockId root,
                     std::uint32_t depth, const std::vector<std::uint32_t>& rule_sets = {});

  void on_event(const std::string& kind, chain::Time at);
  void on_block_found(chain::Time at);
  void on_tip(std::uint32_t node, chain::BlockId tip, chain::Time at);
  // A node that is down or is no honest one does not count.
  void set_counted(std::uint32_t node, bool counted, chain::Time at);

  std::uint32_t depth() const { return depth_; }
  std::uint32_t distinct_tips() const { return all_.distinct; }
  // Some node counts, and all that count follow one tip, in each rule set.
  bool is_settled() const { return all_.distinct > 0 && is_one_tip(); }
  const std::vector<Convergence>& entries() const { return entries_; }
  // Whether the tips of all counted nodes agree up to `depth` blocks below the highest.
  bool agree(std::uint32_t depth) const;
  std::uint64_t counted(chain::BlockId tip) const {
    return tip < all_.followers.size() ? all_.followers[tip] : 0;
  }

 private:
  struct Open {
    std::size_t entry;
    bool block_found = false;  // since the event
  };
  // The tips of all counted nodes, or of those of one rule set.
  struct Tips {
    std::vector<std::uint32_t> followers{};  // of each block
    std::uint32_t distinct = 0;
    // The XOR of the distinct tips: with two of them, one gives the other.
    chain::BlockId xor_of_all = 0;

    void add(chain::BlockId tip);
    void remove(chain::BlockId tip);
  };

  void add(std::uint32_t node);
  void remove(std::uint32_t node);
  std::size_t groups() const { return sets_.empty() ? 1 : sets_.size(); }
  const Tips& group(std::size_t g) const { return sets_.empty() ? all_ : sets_[g]; }
  bool counts_in(std::size_t node, std::size_t g) const {
    return is_counted_[node] && (sets_.empty() || set_of_[node] == g);
  }
  std::uint32_t most_distinct() const;
  bool is_one_tip() const { return most_distinct() <= 1; }
  bool one_chain(std::size_t g) const;
  bool agree(std::uint32_t depth, std::size_t g) const;
  void settle(chain::Time at);

  const chain::BlockTree& tree_;
  std::uint32_t depth_;
  std::vector<chain::BlockId> tips_;
  std::vector<bool> is_counted_;
  Tips all_;
  std::vector<Tips> sets_;             // empty: there is one set
  std::vector<std::uint32_t> set_of_;  // by node: index into sets_
  std::vector<Convergence> entries_;
  std::vector<Open> open_;
};

}  // namespace sim
