// Watches a run and gathers what a picture of it needs (view_records.h), within limits.
//
//   sent -> on its way (a queue for each stream) -> delivered -> inbox of the node -> stepped
//
// A message is known by its place in these queues: streams deliver in order and nodes step in
// order, so the message that a node steps tells when and by whom it was sent. What overtakes
// nothing needs no name of its own.
#pragma once

#include <deque>
#include <vector>

#include "net-sim/observer.h"
#include "net-sim/simulator.h"
#include "net-sim/view_records.h"

namespace sim {

class ViewCollector final : public Observer {
 public:
  // Of `simulator`, which outlives it, only what is public.
  explicit ViewCollector(const Simulator& simulator, const ViewLimits& limits = {});

  void stepped(Time now, NodeIndex node, const chain::Input& input,
               const chain::Effects& effects) override;
  void sent(Time now, StreamId stream, const chain::Message& message, std::uint64_t bytes,
            bool over_limit) override;
  void delivered(Time now, StreamId stream, const chain::Message& message) override;
  void opened(Time now, StreamId stream) override;
  void closed(Time now, StreamId stream) override;
  void stopped(Time now, NodeIndex node) override;
  void started(Time now, NodeIndex node) override;
  void fired(Time now, const Firing& firing) override;

  // Once, after the run: what has not arrived is added, and all is in order of time.
  ViewRecords finish();

 private:
  static constexpr std::size_t kRemembered = 48;  // of what a node said and heard last
  static constexpr std::size_t kExplained = 8;    // of these, with a reorg

  struct OnItsWay {
    Travel travel;
    chain::Message message;
    std::uint64_t number;  // of all messages, from 0 on
  };
  struct Arrived {
    StreamId stream;
    OnItsWay what;
  };
  struct Node {
    chain::BlockId tip;
    std::vector<StreamId> streams;  // by PeerId: the stream that leaves this node
    std::deque<Arrived> inbox;
    std::vector<ViewSaid> said;  // a ring
    std::size_t next_said = 0;
  };

  void remember(NodeIndex node, const ViewSaid& said);
  void change_tip(const ViewTip& tip);
  void note_reorg(const ViewTip& tip, chain::BlockId from);
  // `common`: the height up to which both chains are the same.
  std::vector<ViewSaid> said_before(const ViewTip& tip, std::uint32_t common) const;
  void explain_fewer();
  void note_unheeded(NodeIndex node, const Travel& travel);
  void keep(const OnItsWay& what);
  void count(Time now, chain::MessageType type, std::uint64_t bytes);
  void end_link(StreamId stream, Time now);
  void show_fewer_nodes(Time now);
  bool over(Time now) const { return now > records_.until; }

  const Simulator& simulator_;
  const ViewLimits limits_;
  ViewRecords records_;
  std::vector<Node> nodes_;
  std::vector<std::deque<OnItsWay>> on_their_way_;  // by stream
  std::vector<std::uint32_t> link_of_;              // by pair of streams; index into links, or none
  std::size_t explained_ = 0;
  std::uint32_t explained_depth_ = 1;  // the least depth that is explained
};

}  // namespace sim
