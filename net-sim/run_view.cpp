#include "net-sim/run_view.h"

#include <algorithm>

namespace sim {

RunView::RunView(const Simulator& simulator)
    : scenario(simulator.scenario()),
      tree(simulator.tree()),
      metrics(simulator.metrics()),
      digest(simulator.digest()),
      events(simulator.events()),
      links(simulator.edges().size()),
      now(simulator.now()) {
  for (NodeIndex node = 0; node < scenario.network.nodes; ++node) {
    power.push_back(simulator.mining().initial_power(node));
    adversaries.push_back(simulator.adversary(node));
  }
  const bool none = std::count(adversaries.begin(), adversaries.end(), nullptr) ==
                    static_cast<std::ptrdiff_t>(adversaries.size());
  if (none) adversaries.clear();
}

}  // namespace sim
