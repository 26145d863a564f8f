// What is measured of a network, wherever it ran: simulated, or recorded by real nodes.
//
// Reports and tables read nothing else, so that both worlds are measured by the same code. A view
// owns only a few numbers; what it points to stays where it is.
#pragma once

#include <vector>

#include "net-sim/simulator.h"

namespace sim {

struct RunView {
  RunView(const Simulator& simulator);  // a simulator is one: no other word is needed for it
  RunView(const Scenario& scenario_, const chain::BlockTree& tree_, const Metrics& metrics_)
      : scenario(scenario_), tree(tree_), metrics(metrics_) {}

  const Scenario& scenario;
  const chain::BlockTree& tree;
  const Metrics& metrics;
  std::vector<std::int64_t> power;  // by node, at the start, in parts per billion
  std::uint64_t digest = 0, events = 0;
  std::size_t links = 0;  // at the start
  Time now;
  std::vector<const Adversary*> adversaries;  // by node; null for an honest one; empty without any
};

}  // namespace sim
