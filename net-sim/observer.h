// Who watches a run: told of every step, of what travels, and of the life of nodes.
//
// An observer decides nothing, draws no randomness and keeps its own books, so that a run gives the
// same digest with any number of them. Checkers and recorders are observers; a run without any pays
// for one comparison an event.
#pragma once

#include "core/node.h"
#include "net-sim/link.h"
#include "net-sim/resolve.h"

namespace sim {

class Observer {
 public:
  virtual ~Observer() = default;

  // After each step of a node, before its effects are carried out.
  virtual void stepped(chain::Time /*now*/, NodeIndex /*node*/, const chain::Input&,
                       const chain::Effects&) {}
  // What was held back by `chain.commit_time` since the node's last step is durable now, and
  // leaves.
  virtual void committed(chain::Time /*now*/, NodeIndex) {}
  // A valid block has been made. Those of one draw of the oracle bear one number, from 1 on.
  virtual void found(chain::Time /*now*/, NodeIndex /*finder*/, chain::BlockId,
                     std::uint64_t /*draw*/) {}
  // A message is on its way; `over_limit`: it is larger than `network.max_frame`, and is not.
  virtual void sent(chain::Time /*now*/, StreamId, const chain::Message&, std::uint64_t /*bytes*/,
                    bool /*over_limit*/) {}
  // It has arrived at an open end; the step follows, when the receiver's CPU is free.
  virtual void delivered(chain::Time /*now*/, StreamId, const chain::Message&) {}
  // The end at the sender of the stream: its node is told next.
  virtual void opened(chain::Time /*now*/, StreamId) {}
  virtual void closed(chain::Time /*now*/, StreamId) {}
  // The node's process ends, or begins again; its view is that of the new life by then.
  virtual void stopped(chain::Time /*now*/, NodeIndex) {}
  virtual void started(chain::Time /*now*/, NodeIndex) {}
  // An event of the scenario has been carried out, or undone.
  virtual void fired(chain::Time /*now*/, const Firing&) {}
};

}  // namespace sim
