// The table of `network.regions`, and what presets and a matrix of latencies come to.
#include <algorithm>

#include "net-sim/latency.h"
#include "net-sim/presets.h"
#include "net-sim/scenario_keys.h"

namespace sim {
namespace {

Fields<Regions> region_fields() {
  using R = Regions;
  const auto times = list_of(duration({}, {chain::minutes(1440)}), 1, "a row of durations");
  const auto rates = list_of(region_rate_codec(), 1, "a list of rates");
  return {unless_empty(field("names", &R::names, list_of(text("a name"), 1, "a list of names"),
                             "of the regions")),
          unless_empty(field("share", &R::share, list_of(share(), 1, "a list of shares"),
                             "of the nodes in each region")),
          unless_empty(field("latency", &R::latency, list_of(times, 1, "a list of rows"),
                             "mean latency: the row sends, the column receives")),
          field("distribution", &R::distribution, region_law_codec(),
                "around the mean; constant unless given"),
          unless_empty(field("up", &R::up, rates,
                             "uplinks: a rate, or {kind: quantiles} from which each node draws")),
          unless_empty(field("down", &R::down, rates, "downlinks, likewise"))};
}

// `own` where it says something, else the preset's, unless another key stands in its place.
template <typename T>
void take(std::vector<T>& own, std::vector<T>& preset, bool replaced = false) {
  if (own.empty() && !replaced) own = std::move(preset);
}

// --- what must go together ---------------------------------------

void check_names(const Value& value, const Regions& regions) {
  if (regions.names.empty()) {
    value.fail("regions without `names`", "names, or a preset that has them");
  }
  if (regions.names.size() > kMaxRegions) {
    value.fail(std::to_string(regions.names.size()) + " regions",
               "at most " + std::to_string(kMaxRegions));
  }
  for (std::size_t i = 0; i < regions.names.size(); ++i) {
    const auto end = regions.names.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(regions.names.begin(), end, regions.names[i]) == end) continue;
    value.fail("region `" + shown(regions.names[i]) + "` for the second time", "each once");
  }
}

void check_sizes(const Value& value, const Regions& regions) {
  const std::size_t count = regions.names.size();
  const auto one_each = [&](std::size_t found, const std::string& key, bool optional) {
    if (found == count || (found == 0 && optional)) return;
    value.fail(std::to_string(found) + " values of `" + key + "` for " + std::to_string(count) +
                   " regions",
               "one for each");
  };
  one_each(regions.share.size(), "share", false);
  one_each(regions.up.size(), "up", true);
  one_each(regions.down.size(), "down", true);
  one_each(regions.latency.size(), "latency", false);
  for (const auto& row : regions.latency) {
    if (row.size() == count) continue;
    value.fail("a row of " + std::to_string(row.size()) + " in a `latency` of " +
                   std::to_string(count) + " rows",
               "as many columns as rows");
  }
}

// A Pareto law has a mean only above a shape of 1.
void check_laws(const Value& value, const Regions& regions) {
  if (regions.distribution->kind != Distribution::Kind::pareto) return;
  for (const auto& row : regions.latency) {
    for (const Duration mean : row) {
      const Distribution law = region_law(*regions.distribution, mean);
      const bool drawn = law.kind == Distribution::Kind::pareto;
      if (!drawn || law.shape > Decimal{kBillion}) continue;
      value.fail("a mean of " + duration_text(mean) +
                     ", too short for a Pareto law whose shape is "
                     "a fifth of it",
                 "more than 5 ms, or `distribution` with a `shape`");
    }
  }
}

}  // namespace

Codec<Regions> regions_codec() {
  auto fields = region_fields();
  fields.insert(fields.begin(),
                unless_empty(field("preset", &Regions::preset, text("the name of a preset"),
                                   "figures under a name; keys given here count above them")));
  return object<Regions>("regions", std::move(fields));
}

void resolve_regions(const Value& network, NetworkSection& section) {
  Document& document = network.document();
  const auto nearest = [&](const std::string& key) {
    return Value::nearest(document, network.path() + "." + key);
  };
  const auto given = [&](const std::string& key) {
    return nearest(key).path() == network.path() + "." + key;
  };
  const bool by_regions = section.latency.kind == Distribution::Kind::regions;
  const bool by_latency = !section.latency.preset.empty();
  if (!section.regions && by_latency) section.regions = Regions{};
  if (!section.regions) {
    if (by_regions)
      nearest("latency").fail("latency `regions` without regions",
                              "`network.regions`, or a `preset`");
    return;
  }
  Regions& regions = *section.regions;
  if (by_latency && !regions.preset.empty() && regions.preset != section.latency.preset) {
    nearest("latency.preset")
        .fail("another preset than that of `regions`, `" + shown(regions.preset) + "`",
              "one of them");
  }
  for (const std::string key : {"regions.preset", "latency.preset"}) {
    if (!given(key)) continue;
    Document preset = preset_document(nearest(key));
    static const Codec<Regions> codec = object<Regions>("a preset of regions", region_fields());
    Regions figures = codec.read(Value(preset, preset.root, ""));
    take(regions.names, figures.names);
    take(regions.share, figures.share);
    take(regions.latency, figures.latency);
    if (!regions.distribution) regions.distribution = figures.distribution;
    take(regions.up, figures.up, given("bandwidth.up"));
    take(regions.down, figures.down, given("bandwidth.down"));
    break;
  }
  const Value place = nearest(given("regions") ? "regions" : "latency");
  regions.preset.clear();
  section.latency.preset.clear();
  if (!regions.distribution) regions.distribution = Distribution{};
  check_names(place, regions);
  check_sizes(place, regions);
  check_laws(place, regions);
  make_whole(place, regions.share, "shares of regions");
  document.regions = regions.names;
  if (!given("latency")) section.latency = {.kind = Distribution::Kind::regions};
  if (section.latency.kind != Distribution::Kind::regions) return;
  Distribution::Per& per = given("latency.per") ? section.latency.per : regions.distribution->per;
  section.latency.per = regions.distribution->per = per;
}

}  // namespace sim
