#include "net-sim/lab/lab_plan.h"

#include <algorithm>
#include <set>

#include "core/check.h"
#include "net-sim/lab/world_facts.h"
#include "net-sim/node_options.h"
#include "net-sim/node_rates.h"
#include "net-sim/streams.h"
#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::size_t kDraws = 256;  // of latencies for each message of a stream

std::int64_t ns(Time at) { return (at - chain::kTimeZero).ns; }

bool has_event(const Scenario& scenario, auto test) {
  return std::any_of(scenario.events.begin(), scenario.events.end(),
                     [&](const Event& event) { return test(event.action); });
}

// What real nodes, or the shaper, have no way to do; "" if nothing.
std::string beyond_reality(const Scenario& scenario) {
  const auto behaves = [](const NodeOverride& entry) { return entry.behaviour.has_value(); };
  const auto skewed = [](const NodeOverride& entry) { return entry.clock_offset.has_value(); };
  const auto any_node = [&](auto test) {
    return std::any_of(scenario.nodes.begin(), scenario.nodes.end(), test);
  };
  const auto disconnects = [](const Action& a) { return std::holds_alternative<Disconnect>(a); };
  if (any_node(behaves)) return "nodes.behaviour";
  if (any_node(skewed)) return "nodes.clock_offset";
  if (scenario.chain.retarget) return "chain.retarget";
  if (!scenario.chain.check_genesis) return "chain.check_genesis: false";
  if (!scenario.chain.check_merkle_root) return "chain.check_merkle_root: false";
  if (scenario.chain.tie_break != TieBreak::first_seen) return "chain.tie_break";
  if (scenario.network.bandwidth.model != Bandwidth::Model::shared) {
    return "a network.bandwidth.model other than shared";
  }
  if (scenario.network.discovery) return "network.discovery";
  if (scenario.until.kind != Until::Kind::duration) return "until";
  if (scenario.network.tcp_timeout < scenario.duration) return "a network.tcp_timeout within it";
  if (has_event(scenario, disconnects)) return "the event disconnect";
  return "";
}

std::string duration_word(Duration duration) {
  const std::int64_t ms = (duration.ns + 999'999) / 1'000'000;
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

// Only what is not the default.
Json options_json(const chain::SyncLimits& limits) {
  Json json = Json::object();
  for (const chain::SyncLimitRow& row : chain::sync_limit_rows()) {
    const std::int64_t value = chain::limit_value(limits, row);
    if (value == chain::limit_value(chain::kDefaultSyncLimits, row)) continue;
    Json& entry = json[std::string(row.section)][std::string(row.name)];
    entry = value;
    if (row.unit() == chain::LimitUnit::duration) entry = duration_word(chain::Duration{value});
  }
  return json;
}

// A chain file of the node's (net-real/chain_file.h).
Json chain_file(const Scenario& scenario, const chain::NodeOptions& options) {
  Json test = {{"relay", std::string(chain::kRelayWords[static_cast<std::size_t>(options.relay)])},
               {"keepalive", duration_word(options.keepalive)},
               {"outbound", 0}};
  if (options.redial) {
    test["redial"] = {{"first", duration_word(options.redial->first)},
                      {"max", duration_word(options.redial->max)}};
  }
  if (scenario.network.max_frame != kUnlimited) test["max_frame"] = scenario.network.max_frame;
  return {{"rules", options.rules.is_work() ? "work" : "tutorial"},
          {"seal", "simulated"},
          {"block_interval", duration_word(options.rules.block_interval)},
          {"max_block", scenario.chain.max_block},
          {"options", options_json(*options.limits)},
          {"test", test}};
}

class Planner final : public Observer {
 public:
  explicit Planner(const Simulator& simulator)
      : simulator_(simulator),
        regions_(draw_regions(simulator.scenario(),
                              stream(simulator.scenario().seed, Stream::regions))) {}

  void found(Time now, NodeIndex finder, chain::BlockId block, std::uint64_t) override {
    blocks_.push_back({{"at_ns", ns(now)},
                       {"node", finder},
                       {"block_bytes", simulator_.tree().block_bytes(block)},
                       {"nonce", simulator_.tree().header(block).nonce}});
  }
  void opened(Time now, StreamId stream) override {
    const Ends ends{links().sender(stream), links().receiver(stream)};
    const bool is_new = !last_.contains(ends);
    streams_[ends] = stream;
    if (!is_new) return note_change(now, ends);
    last_[ends] = links().condition(stream);
    links_.push_back(link_json(now, ends));  // as it will be when it is first dialled
  }
  void fired(Time now, const Firing& firing) override {
    const Action& action = simulator_.scenario().events[firing.event].action;
    const auto* partition = std::get_if<Partition>(&action);
    const bool resets =
        partition != nullptr && !firing.undo && partition->sockets == Partition::Sockets::reset;
    if (resets) note_resets(now);
    for (const auto& [ends, stream] : streams_) note_change(now, ends);
    if (const auto* pause = std::get_if<Pause>(&action)) {
      const auto nodes =
          resolve(pause->select, simulator_.scenario(), regions_,
                  stream(simulator_.scenario().seed, Stream::faults, key_of(firing)));
      pauses_.push_back({{"at_ns", ns(now)}, {"nodes", nodes}, {"paused", !firing.undo}});
    }
  }
  void stopped(Time now, NodeIndex node) override { note_life(now, node, false); }
  void started(Time now, NodeIndex node) override { note_life(now, node, true); }
  void stepped(Time now, NodeIndex node, const chain::Input& input,
               const chain::Effects&) override {
    const auto* connect = std::get_if<chain::Connect>(&input);
    if (connect == nullptr) return;
    dials_.push_back({{"at_ns", ns(now)}, {"node", node}, {"to", connect->address}});
  }

  Json plan() const {
    Json nodes = Json::array(), edges = Json::array(), marks = Json::array();
    const Scenario& scenario = simulator_.scenario();
    const auto rates = node_rates(scenario, regions_);
    for (NodeIndex node = 0; node < scenario.network.nodes; ++node) {
      const chain::NodeOptions& options = simulator_.options(node);
      const bool original = options.protocol == chain::ProtocolKind::push_chain;
      nodes.push_back({{"protocol", original ? "push_chain" : "header_first"},
                       {"up", rates[node].up},
                       {"down", rates[node].down},
                       {"absent", first_life(node)},
                       {"chain", chain_file(scenario, options)}});
    }
    for (const Edge& edge : simulator_.edges()) edges.push_back({edge.from, edge.to});
    for (const Convergence& entry : simulator_.metrics().convergence().entries()) {
      marks.push_back({{"at_ns", ns(entry.at)}, {"kind", entry.after}});
    }
    return {{"duration_ns", scenario.duration.ns},
            {"dial_timeout_ns", scenario.network.dial_timeout.ns},
            {"nodes", nodes},
            {"edges", edges},
            {"links", links_},
            {"blocks", blocks_},
            {"changes", changes_},
            {"lives", lives_},
            {"dials", dials_},
            {"pauses", pauses_},
            {"marks", marks}};
  }

 private:
  using Ends = std::pair<NodeIndex, NodeIndex>;

  const Links& links() const { return simulator_.links(); }
  // Whether the node begins by being started: it was not there before.
  bool first_life(NodeIndex node) const {
    for (const Json& life : lives_) {
      if (life["node"] == node) return life["live"].get<bool>();
    }
    return false;
  }
  void note_life(Time now, NodeIndex node, bool live) {
    lives_.push_back({{"at_ns", ns(now)}, {"node", node}, {"live", live}});
  }
  void note_change(Time now, const Ends& ends) {
    const Links::Condition condition = links().condition(streams_[ends]);
    if (condition == last_[ends]) return;
    last_[ends] = condition;
    changes_.push_back(link_json(now, ends));
  }
  // Of a cut that has just been made, before its links are told to be cut.
  void note_resets(Time now) {
    std::set<Ends> pairs;
    for (const auto& [ends, stream] : streams_) {
      const bool is_new = links().is_cut(stream) && !last_[ends].cut;
      if (is_new) pairs.insert(std::minmax(ends.first, ends.second));
    }
    Json all = Json::array();
    for (const Ends& pair : pairs) all.push_back({pair.first, pair.second});
    changes_.push_back({{"reset", all}, {"at_ns", ns(now)}});
  }
  Json link_json(Time now, const Ends& ends) {
    constexpr double kTwoTo64 = 18446744073709551616.0;
    const StreamId stream = streams_[ends];
    const Links::Condition& is = last_[ends];
    Json draws = Json::array();
    if (is.draws) {
      for (const Duration draw : links().next_draws(stream, kDraws)) draws.push_back(draw.ns);
    }
    return {{"link", {ends.first, ends.second}},
            {"latency_ns", is.latency.ns},
            {"draws_ns", draws},
            {"rate", is.rate},
            {"loss", static_cast<double>(is.loss) / kTwoTo64},
            {"cut", is.cut},
            {"at_ns", ns(now)}};
  }

  const Simulator& simulator_;
  const std::vector<std::uint32_t> regions_;
  std::map<Ends, StreamId> streams_;  // the last between the two
  std::map<Ends, Links::Condition> last_;
  Json links_ = Json::array(), blocks_ = Json::array(), changes_ = Json::array();
  Json lives_ = Json::array(), dials_ = Json::array(), pauses_ = Json::array();
};

}  // namespace

chain::Result<Json> lab_plan(const Scenario& scenario) {
  const std::string beyond = beyond_reality(scenario);
  if (!beyond.empty()) {
    return chain::Error{scenario.file + ": found " + beyond +
                        "; expected a scenario that real nodes behind shaped links can run"};
  }
  auto simulator = Simulator::create(scenario);
  if (!simulator) return chain::Error{scenario.file + ": " + simulator.error()};
  Planner planner(**simulator);
  (*simulator)->watch(planner);
  const Ending ending = (*simulator)->run({});
  Json plan = planner.plan();
  plan["report"] = run_report(**simulator, ending, {});
  plan["facts"] = world_facts(**simulator);
  return plan;
}

}  // namespace sim
