// All invariants of a run (invariants.h) as one observer: it stands outside what it checks.
//
// Five checkers share what a run tells: connections (check_streams.h), chains (check_chains.h),
// news (check_news.h, check_adoption.h), and rest and cost at the end (check_liveness.h). They are
// called without a detour, so that a message costs one virtual call where it is sent, one where it
// arrives and one where it is stepped. A run gives the same digest with them and without.
#pragma once

#include "net-sim/check_adoption.h"
#include "net-sim/check_liveness.h"
#include "net-sim/check_news.h"
#include "net-sim/observer.h"

namespace sim {

// What a run is judged by. `known`: all of it, the known faults of the original excused; `all`: all
// of it; `safety`: no liveness, the same excuses.
enum class CheckLevel : std::uint8_t { none, safety, known, all };

class Checkers final : public Observer {
 public:
  Checkers(Checked world, CheckLevel level);

  void stepped(Time now, NodeIndex node, const chain::Input& input,
               const chain::Effects& effects) override;
  void committed(Time now, NodeIndex node) override;
  void found(Time now, NodeIndex finder, chain::BlockId block, std::uint64_t draw) override;
  void sent(Time now, StreamId stream, const chain::Message& message, std::uint64_t bytes,
            bool over_limit) override;
  void delivered(Time now, StreamId stream, const chain::Message& message) override;
  void opened(Time now, StreamId stream) override;
  void closed(Time now, StreamId stream) override;
  void stopped(Time now, NodeIndex node) override;
  void started(Time now, NodeIndex node) override;

  // The run has ended, at `now`, and was not cut short.
  void finish(Time now);
  // The first of each invariant, and the first excused, in the order in which they were found.
  const std::vector<Violation>& violations() const { return log_.violations(); }
  // Whether liveness was, or would be, judged of a run that ends at `now`.
  bool is_calm(Time now) const { return liveness_.is_calm(now); }

 private:
  using Kind = ViolationLog::Kind;

  void judge_work(NodeIndex node, const chain::Input& input, const chain::Effects& effects);

  const Checked world_;
  const CheckLevel level_;
  ViolationLog log_;
  StreamChecker streams_;
  ChainChecker chains_;
  NewsChecker news_;
  LivenessChecker liveness_;
  AdoptionChecker adoption_;
  std::vector<std::uint64_t> stored_walks_;  // by node: looks that are left of the first walks
};

}  // namespace sim
