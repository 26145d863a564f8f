#include "net-sim/latency.h"

#include <algorithm>

#include "core/check.h"

namespace sim {

Distribution region_law(const Distribution& shape, Duration mean) {
  Distribution law{.kind = shape.kind, .per = shape.per};
  if (mean == Duration{}) law.kind = Distribution::Kind::constant;
  law.value = law.mean = mean.ns;
  law.shape = shape.shape;
  constexpr std::int64_t kBillionthsPerNanosecond = 200;  // a fifth, of milliseconds
  if (law.shape == Decimal{}) law.shape = {mean.ns * kBillionthsPerNanosecond};
  return law;
}

Latency::Latency(const Scenario& scenario, std::vector<std::uint32_t> regions) {
  const Distribution& latency = scenario.network.latency;
  if (latency.kind != Distribution::Kind::regions) {
    laws_.emplace_back(latency);
  } else {
    CHECK(scenario.network.regions.has_value());
    const Regions& given = *scenario.network.regions;
    regions_ = std::move(regions);
    region_count_ = static_cast<std::uint32_t>(given.names.size());
    CHECK(region_count_ <= kMaxRegions);
    const Distribution shape = given.distribution.value_or(Distribution{});
    for (const std::vector<Duration>& row : given.latency) {
      for (const Duration mean : row) laws_.emplace_back(region_law(shape, mean));
    }
  }
  const bool constant =
      std::all_of(laws_.begin(), laws_.end(), [](const Sampler& law) { return law.constant(); });
  per_message_ = latency.per == Distribution::Per::message && !constant;
}

std::pair<Duration, Duration> Latency::of_link(NodeIndex a, NodeIndex b,
                                               chain::Random& random) const {
  if (regions_.empty()) {
    const Duration both{laws_[0].draw(random)};
    return {both, both};
  }
  const std::uint64_t uniform = random.next();
  return {Duration{laws_[law(a, b)].quantile(uniform)},
          Duration{laws_[law(b, a)].quantile(uniform)}};
}

}  // namespace sim
