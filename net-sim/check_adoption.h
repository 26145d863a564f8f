// The speed of news in calm: a block whose body an honest neighbor has is adopted within two round
// trips plus transfer.
//
// Nodes of header_first are judged that ask for headers or blocks, not for hashes alone. A late
// block must have no other cause. So links lose nothing and have unlimited bandwidth, and blocks
// take no time on a CPU. No fault was near, and no other block was found meanwhile. A dishonest
// peer that sends the header and withholds the body costs a timeout, and is excused. One that sends
// the hash alone is not.
#pragma once

#include <vector>

#include "net-sim/check_chains.h"
#include "net-sim/check_streams.h"

namespace sim {

class AdoptionChecker {
 public:
  AdoptionChecker(const Checked& world, ViolationLog& log, const StreamChecker& streams,
                  const ChainChecker& chains);

  void found(Time now, chain::BlockId block);
  // After ChainChecker has seen the same step.
  void stepped(Time now, NodeIndex node, const chain::Effects& effects);
  void delivered(StreamId stream, const chain::Message& message);
  // A connection or a node came or went.
  void disturbed(Time now);
  void finish(Time now) { judge(now); }

 private:
  struct Awaited {
    NodeIndex node, neighbor;
    Time due;
  };
  struct Interval {
    Time from, to;
  };

  bool is_calm(Time from, Time to) const;
  bool counts(NodeIndex node) const;
  void judge(Time now);

  const Checked& world_;
  ViolationLog& log_;
  const StreamChecker& streams_;
  const ChainChecker& chains_;
  Duration bound_;
  bool applies_ = false;
  std::vector<Interval> faults_;  // with what follows from them
  Time disturbed_until_{};
  // The last block that was found, if none was found just before it.
  chain::BlockId block_ = chain::kNoBlock;
  Time found_at_{};
  std::vector<Awaited> awaited_;    // nodes that are to adopt it
  std::vector<NodeIndex> excused_;  // a dishonest peer sent them its header
};

}  // namespace sim
