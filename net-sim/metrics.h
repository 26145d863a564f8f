// What a run tells: counts, rates and times, taken by watching nodes from outside.
//
// Definitions (stale, orphan, propagation, confirmations, ...) are those printed with every report;
// each is written at its member. Nothing here decides anything, and nothing a node does depends on
// it. Turning it into JSON, pages and tables is report.h's business.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/fixed_math.h"
#include "core/io.h"
#include "core/prefetch.h"
#include "net-sim/convergence.h"
#include "net-sim/histogram.h"
#include "net-sim/scenario.h"

namespace sim {

struct MessageCount {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;  // of JSON text; WebSocket's and TCP's framing is not counted
};

// A found block, and when the other nodes had it.
struct FoundBlock {
  chain::BlockId block = chain::kNoBlock;
  NodeIndex finder = 0;
  Time found;
  std::uint32_t eligible = 0;          // honest nodes alive when it was found, the finder excluded
  std::uint32_t reached = 0;           // of those, how many have it
  std::array<Duration, 4> to_share{};  // to 50, 90, 99 and 100 % of `eligible`
};
// Of FoundBlock::to_share: how many nodes make 50, 90, 99 and 100 % of `eligible`.
std::array<std::uint32_t, 4> share_ranks(std::uint32_t eligible);

struct ReorgRecord {
  Time at;
  NodeIndex node = 0;
  chain::BlockId from = chain::kNoBlock, to = chain::kNoBlock;
  std::uint32_t depth = 0;  // blocks abandoned
};

// How often a (node, block) pair reached k confirmations, and how often such a block was abandoned
// by that node later.
struct ConfirmationCount {
  std::uint64_t reached = 0, abandoned = 0;
};
inline constexpr std::size_t kMaxConfirmations = 100;

// What a node waited for all blocks of the measured time that it received, together.
struct Receipts {
  std::uint64_t blocks = 0;
  chain::Int128 waited_ns = 0;
};

struct TipSample {  // a row of tips.csv: the number of distinct tips from `at` on
  Time at;
  std::uint32_t distinct = 0;
};

struct SeriesSample {  // a row of timeseries.csv
  Time at;
  std::uint32_t distinct = 0, min_height = 0, max_height = 0;
  std::uint64_t bytes = 0, in_flight = 0;
};

inline constexpr std::size_t kMostSamples = 100'000;  // rows of timeseries.csv

// How many nodes stand at each height.
class Heights {
 public:
  void add(std::uint32_t height) {
    const bool first = empty();
    min_ = first ? height : std::min(min_, height);
    max_ = first ? height : std::max(max_, height);
    if (height >= nodes_at_.size()) nodes_at_.resize(height + 1);
    ++nodes_at_[height];
  }
  // REQUIRES: one stands there.
  void remove(std::uint32_t height) {
    if (--nodes_at_[height] > 0) return;
    while (min_ < max_ && nodes_at_[min_] == 0) ++min_;
    while (max_ > min_ && nodes_at_[max_] == 0) --max_;
  }
  // The least and the most.  REQUIRES: !empty().
  std::pair<std::uint32_t, std::uint32_t> range() const { return {min_, max_}; }
  bool empty() const { return nodes_at_.empty() || nodes_at_[min_] == 0; }

 private:
  std::vector<std::uint32_t> nodes_at_;
  std::uint32_t min_ = 0, max_ = 0;
};

class Metrics {
 public:
  // `rule_sets`: by node; only nodes of one set are to agree. Empty: all nodes.
  Metrics(const Scenario& scenario, const chain::BlockTree& tree, chain::BlockId root,
          const std::vector<std::uint32_t>& rule_sets = {});

  // It counts in no figure about nodes: neither its tip, nor what it receives.
  void set_dishonest(NodeIndex node);
  bool is_honest(NodeIndex node) const { return honest_[node]; }
  // A node that is down counts neither, until it is live again.
  void set_live(NodeIndex node, bool live, Time at);
  // It is live again, and follows what it had kept.
  void on_restart(NodeIndex node, chain::BlockId tip, Time at);
  // Honest and live.
  bool counts(NodeIndex node) const { return honest_[node] && live_[node]; }

  void on_event(const std::string& kind, Time at) {
    for (ConvergenceTracker& tracker : convergence_) tracker.on_event(kind, at);
  }
  void on_found(NodeIndex finder, chain::BlockId block, Time at);
  void on_sent(const chain::Message& message, std::uint64_t bytes) {
    MessageCount& entry = messages_[static_cast<std::size_t>(message.type)];
    ++entry.count;
    entry.bytes += bytes;
  }
  // After each step of `node`.
  void on_step(NodeIndex node, const chain::Effects& effects, Time at);
  // A hint: the node is to receive a block soon.
  void prefetch(NodeIndex node) const { chain::prefetch_line(&receipts_[node]); }
  void on_sample(Time at, std::uint64_t in_flight);
  // Until the next sample: what the scenario asks for, and twice as long each time that the rows
  // would be more than kMostSamples; then every other row goes.
  Duration sample_pause() const { return sample_pause_; }
  // Of the tips of honest nodes, the least and the most; 0 without any.
  std::pair<std::uint32_t, std::uint32_t> honest_heights() const;

  // Whether a block found then counts: neither warm-up nor cool-down.
  bool measured(Time found) const { return found >= measured_from_ && found < measured_to_; }
  // To one tip; or to so many blocks below the highest, where an expectation asks for that.
  const ConvergenceTracker& convergence(std::uint32_t depth = 0) const;
  const std::vector<FoundBlock>& found() const { return found_; }
  const Histogram& propagation() const { return propagation_; }
  const std::vector<Receipts>& receipts() const { return receipts_; }  // by node
  const std::vector<ReorgRecord>& reorgs() const { return reorgs_; }
  // Entry k counts k confirmations, from 1 to kMaxConfirmations.
  std::vector<ConfirmationCount> confirmations() const;
  const std::vector<TipSample>& tips() const { return tip_samples_; }
  const std::vector<SeriesSample>& series() const { return series_; }
  const std::array<MessageCount, chain::kMessageTypes>& messages() const { return messages_; }
  chain::BlockId tip_of(NodeIndex node) const { return tips_[node]; }
  std::uint64_t bytes_total() const;
  // The bytes of every block once to every node that took it: the fewest possible.
  std::uint64_t fewest_bytes() const { return fewest_bytes_; }

 private:
  void on_accepted(NodeIndex node, chain::BlockId block, Time at);
  void on_tip(NodeIndex node, chain::BlockId from, chain::BlockId to, Time at);
  void count_confirmations(chain::BlockId from, chain::BlockId to, std::uint32_t fork_height);

  const chain::BlockTree& tree_;
  Time measured_from_;
  Time measured_to_;
  std::vector<ConvergenceTracker> convergence_;  // the first of depth 0
  std::vector<chain::BlockId> tips_;
  Heights heights_;  // of the tips of nodes that count
  // Of the times that a node was down: [from, to).
  struct Absence {
    NodeIndex node;
    Time from, to;
  };
  bool was_live(NodeIndex node, Time at) const;
  void note_distinct(Time at);

  std::vector<bool> honest_;
  std::vector<bool> live_;
  std::vector<Absence> absences_;  // in the order in which they began
  std::uint32_t counted_nodes_;
  std::vector<FoundBlock> found_;
  std::vector<std::uint32_t> found_index_;  // of each block, in found_
  Histogram propagation_;
  std::vector<Receipts> receipts_;
  std::vector<ReorgRecord> reorgs_;
  std::vector<ConfirmationCount> confirmations_;
  std::vector<std::uint64_t> extended_to_;  // extensions by the height reached, up to the most
  std::vector<TipSample> tip_samples_;
  std::vector<SeriesSample> series_;
  Duration sample_pause_;
  std::array<MessageCount, chain::kMessageTypes> messages_{};
  std::uint64_t fewest_bytes_ = 0;
};

}  // namespace sim
