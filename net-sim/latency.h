// The latency of links: drawn once when a link is made, or for each message; of one law everywhere,
// or of one for each pair of regions.
//
// The two directions of a link are drawn together: from regions, both are the quantile of one
// uniform draw, each of its own law, so that a slow link is slow both ways. A draw for a message
// takes a sampler by its number and a generator of one word: nothing is looked up or allocated.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "net-sim/distribution.h"
#include "net-sim/scenario.h"

namespace sim {

// The law between two regions: `shape` around a mean of the matrix.
Distribution region_law(const Distribution& shape, Duration mean);

class Latency {
 public:
  // `regions` of the nodes, as draw_regions gives them (resolve.h).
  Latency(const Scenario& scenario, std::vector<std::uint32_t> regions);

  bool per_message() const { return per_message_; }
  // From `a` to `b` and back.
  std::pair<Duration, Duration> of_link(NodeIndex a, NodeIndex b, chain::Random& random) const;
  // The number of the law of messages from one node to another.
  std::uint16_t law(NodeIndex from, NodeIndex to) const {
    if (regions_.empty()) return 0;
    return static_cast<std::uint16_t>(regions_[from] * region_count_ + regions_[to]);
  }
  Duration of_message(std::uint16_t law, std::uint64_t& state) const {
    chain::Random random(chain::splitmix64(state));
    const Sampler& sampler = laws_[law];
    return Duration{sampler.takes_one() ? sampler.quantile(random.next()) : sampler.draw(random)};
  }

 private:
  std::vector<std::uint32_t> regions_;  // of each node; empty when there is one law
  std::uint32_t region_count_ = 1;
  std::vector<Sampler> laws_;
  bool per_message_ = false;
};

}  // namespace sim
