#include "net-sim/report.h"

#include <array>
#include <map>

#include "core/version.h"
#include "net-sim/chain_facts.h"
#include "net-sim/expectation.h"
#include "net-sim/statistics.h"

namespace sim {
namespace {

Json seconds_or_null(const std::optional<Duration>& duration) {
  return duration ? Json(duration->seconds()) : Json(nullptr);
}

Json ratio_or_null(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return nullptr;
  return static_cast<double>(part) / static_cast<double>(whole);
}

Json reorgs_json(const Metrics& metrics) {
  std::map<std::uint32_t, std::uint64_t> by_depth;
  for (const ReorgRecord& reorg : metrics.reorgs()) ++by_depth[reorg.depth];
  Json depths = Json::object();
  for (const auto& [depth, count] : by_depth) depths[std::to_string(depth)] = count;
  return {{"count", metrics.reorgs().size()},
          {"max_depth", by_depth.empty() ? 0 : by_depth.rbegin()->first},
          {"by_depth", depths}};
}

Json messages_json(const Metrics& metrics) {
  Json messages = Json::object();
  for (std::size_t type = 0; type < metrics.messages().size(); ++type) {
    const MessageCount& entry = metrics.messages()[type];
    if (entry.count == 0) continue;
    const std::string name(chain::name_of(static_cast<chain::MessageType>(type)));
    messages[name] = {{"count", entry.count}, {"bytes", entry.bytes}};
  }
  return messages;
}

Json miners_json(const ChainFacts& facts) {
  Json miners = Json::array();
  for (const MinerFacts& miner : facts.miners) {
    miners.push_back({{"node", miner.node},
                      {"power", miner.power},
                      {"main_chain_share", ratio_or_null(miner.main_chain, facts.main_chain)},
                      {"stale", miner.found - miner.main_chain}});
  }
  return miners;
}

Json interval95(std::uint64_t successes, std::uint64_t attempts) {
  if (attempts == 0) return nullptr;
  const Estimate estimate = share_estimate(successes, attempts);
  return {estimate.low, estimate.high};
}

Json attack_json(const ChainFacts& facts) {
  const AttackFacts& attack = *facts.attack;
  const AttackCount& count = attack.count;
  return {{"kind", attack.kinds},
          {"attempts", count.attempts},
          {"successes", count.successes},
          {"rate", ratio_or_null(count.successes, count.attempts)},
          {"interval95", interval95(count.successes, count.attempts)},
          {"revenue", ratio_or_null(attack.on_main_chain, facts.main_chain)}};
}

Json propagation_json(const Histogram& times) {
  return {{"p50", seconds_or_null(times.quantile(50, 100))},
          {"p90", seconds_or_null(times.quantile(90, 100))},
          {"p99", seconds_or_null(times.quantile(99, 100))},
          {"p100", seconds_or_null(times.quantile(1, 1))}};
}

// Of all pairs that propagation is about, those of which it knows a time.
Json reached_share(const Metrics& metrics) {
  std::uint64_t reached = 0, eligible = 0;
  for (const FoundBlock& found : metrics.found()) {
    if (!metrics.measured(found.found)) continue;
    reached += found.reached;
    eligible += found.eligible;
  }
  return ratio_or_null(reached, eligible);
}

}  // namespace

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string_view name_of(Ending ending) {
  constexpr std::array<std::string_view, 4> kNames{"duration", "until", "wall_limit",
                                                   "interrupted"};
  return kNames[static_cast<std::size_t>(ending)];
}

Json run_report(const RunView& run, Ending ending, const MachineFacts& machine) {
  const Scenario& scenario = run.scenario;
  const Metrics& metrics = run.metrics;
  const ChainFacts facts = chain_facts(run);
  const auto events = static_cast<double>(run.events);
  Json report = {
      {"scenario", scenario.name},
      {"version", std::string(chain::version())},
      {"seed", scenario.seed.run},
      {"digest", chain::hex16(run.digest)},
      {"nodes", scenario.network.nodes},
      {"links", run.links},
      {"simulated_seconds", run.now.seconds()},
      {"ended_by", std::string(name_of(ending))},
      {"events", run.events},
      {"wall_seconds", machine.wall_seconds},
      {"events_per_second",
       machine.wall_seconds > 0 ? Json(events / machine.wall_seconds) : Json(nullptr)},
      {"peak_memory_bytes", machine.peak_memory_bytes},
      {"blocks",
       {{"mined", facts.mined}, {"main_chain", facts.main_chain}, {"stale", facts.stale}}},
      {"stale_rate",
       {{"of_all", ratio_or_null(facts.stale, facts.mined)},
        {"of_main_chain", ratio_or_null(facts.stale, facts.main_chain)},
        {"forked_heights", ratio_or_null(facts.forked_heights, facts.heights)}}},
      {"heights", {{"min", facts.min_height}, {"max", facts.max_height}}},
      {"distinct_tips", metrics.convergence().distinct_tips()},
      {"common_prefix", {{"depth", facts.common_prefix_depth}}},
      {"convergence", convergence_json(metrics.convergence())},
      {"propagation_seconds", propagation_json(metrics.propagation())},
      {"reached_share", reached_share(metrics)},
      {"reorgs", reorgs_json(metrics)},
      {"messages", messages_json(metrics)},
      {"bytes_total", metrics.bytes_total()},
      {"bytes_per_block", ratio_or_null(metrics.bytes_total(), metrics.found().size())},
      {"redundancy", ratio_or_null(metrics.bytes_total(), metrics.fewest_bytes())},
      {"miners", miners_json(facts)},
  };
  if (facts.attack) report["attack"] = attack_json(facts);
  report["expectations"] = judge(
      scenario,
      report, [&](std::uint32_t depth) -> const auto& { return metrics.convergence(depth); });
  return report;
}

Json violations_json(const std::vector<Violation>& violations) {
  Json all = Json::array();
  for (const Violation& each : violations) {
    const InvariantRow& row = row_of(each.invariant);
    all.push_back({{"invariant", row.name},
                   {"kind", name_of(row.kind)},
                   {"node", each.node},
                   {"at_seconds", each.at.seconds()},
                   {"event", each.event},
                   {"what", each.what},
                   {"excused", each.excused ? Json(row.of_the_original) : Json(nullptr)}});
  }
  return all;
}

}  // namespace sim
