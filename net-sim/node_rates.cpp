#include "net-sim/node_rates.h"

#include "net-sim/distribution.h"
#include "net-sim/resolve.h"
#include "net-sim/streams.h"

namespace sim {
namespace {

// Draws one rate for each node that has a region, if the regions have such rates.
void draw_rates(const Scenario& scenario, const std::vector<std::uint32_t>& regions,
                std::vector<Links::Rates>& rates) {
  const auto samplers = [](const std::vector<Distribution>& laws) {
    return std::vector<Sampler>(laws.begin(), laws.end());
  };
  const std::vector<Sampler> up = samplers(scenario.network.regions->up);
  const std::vector<Sampler> down = samplers(scenario.network.regions->down);
  for (NodeIndex node = 0; node < regions.size(); ++node) {
    chain::Random random = stream(scenario.seed, Stream::rates, node);
    const std::uint64_t of_up = random.next();
    const std::uint64_t of_down = random.next();
    const std::uint32_t region = regions[node];
    if (!up.empty()) rates[node].up = static_cast<std::uint64_t>(up[region].quantile(of_up));
    if (!down.empty()) {
      rates[node].down = static_cast<std::uint64_t>(down[region].quantile(of_down));
    }
  }
}

}  // namespace

std::vector<Links::Rates> node_rates(const Scenario& scenario,
                                     const std::vector<std::uint32_t>& regions) {
  std::vector<Links::Rates> rates(scenario.network.nodes,
                                  {scenario.network.bandwidth.up, scenario.network.bandwidth.down});
  if (scenario.network.regions) draw_rates(scenario, regions, rates);
  for (std::size_t i = 0; i < scenario.nodes.size(); ++i) {
    const NodeOverride& entry = scenario.nodes[i];
    if (!entry.up && !entry.down) continue;
    for (const NodeIndex node : overridden_nodes(scenario, i, regions)) {
      if (entry.up) rates[node].up = *entry.up;
      if (entry.down) rates[node].down = *entry.down;
    }
  }
  return rates;
}

}  // namespace sim
