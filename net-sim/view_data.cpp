#include "net-sim/view_data.h"

#include <algorithm>
#include <initializer_list>

#include "core/version.h"
#include "net-sim/adversary/behaviours.h"
#include "net-sim/chain_facts.h"
#include "net-sim/packed.h"
#include "net-sim/scenario_keys.h"
#include "net-sim/scenario_writer.h"
#include "net-sim/step_words.h"
#include "net-sim/streams.h"
#include "net-sim/view_story.h"

namespace sim {
namespace {

using chain::BlockId;

constexpr std::size_t kMostTipPoints = 4'000;  // of the chart of distinct tips

std::int64_t microseconds(Time at) { return (at - chain::kTimeZero).ns / 1'000; }

// -1 for what there is none of.
std::int64_t number_or_none(std::uint32_t number) {
  return number == 0xffffffffu ? -1 : std::int64_t{number};
}

// Columns of `rows`, by name; a column that ascends is stepped.
template <typename Row>
struct Column {
  const char* name;
  bool steps;
  std::int64_t (*of)(const Row&);
};
template <typename Row>
Json columns(const std::vector<Row>& rows, std::initializer_list<Column<Row>> table) {
  Json json = {{"count", rows.size()}};
  for (const Column<Row>& column : table) {
    PackedColumn packed;
    for (const Row& row : rows) {
      column.steps ? packed.push_step(column.of(row)) : packed.push(column.of(row));
    }
    json[column.name] = packed.base64();
  }
  return json;
}

std::int64_t travel_time(const Travel& travel) {
  return travel.arrived == chain::kNever ? -1
                                         : microseconds(travel.arrived) - microseconds(travel.sent);
}

Json nodes_json(const Simulator& simulator, const ViewRecords& records) {
  const Scenario& scenario = simulator.scenario();
  const auto regions = draw_regions(scenario, stream(scenario.seed, Stream::regions));
  Json protocol = Json::array(), region = Json::array(), behaviour = Json::object(),
       power = Json::array();
  for (NodeIndex node = 0; node < scenario.network.nodes; node += records.stride) {
    protocol.push_back(simulator.options(node).protocol == ProtocolKind::push_chain ? 0 : 1);
    if (!regions.empty()) region.push_back(regions[node]);
    power.push_back(static_cast<double>(simulator.mining().initial_power(node)) / 1e9);
    if (const Adversary* adversary = simulator.adversary(node)) {
      behaviour[std::to_string(node)] = std::string(name_of(adversary->kind()));
    }
  }
  return {{"total", scenario.network.nodes},
          {"stride", records.stride},
          {"protocol", protocol},
          {"regions", scenario.network.regions ? Json(scenario.network.regions->names) : Json()},
          {"region", region},
          {"power", power},
          {"behaviour", behaviour}};
}

Json blocks_json(const Simulator& simulator) {
  struct BlockRow {
    BlockId parent;
    NodeIndex finder = kNoNode;
    Time found{};
    std::uint64_t bytes = 0;
    bool main_chain = false;
  };
  const chain::BlockTree& tree = simulator.tree();
  const BlockId main_tip = chain_facts(simulator).main_tip;
  std::vector<BlockRow> rows;
  std::string names;
  for (BlockId block = 0; block < tree.size(); ++block) {
    const std::uint64_t bytes = tree.has_body(block) ? tree.block_bytes(block) : 0;
    rows.push_back({tree.parent(block), kNoNode, {}, bytes, tree.is_ancestor(block, main_tip)});
    names += short_name(tree, block);
  }
  for (const FoundBlock& found : simulator.metrics().found()) {
    rows[found.block].finder = found.finder;
    rows[found.block].found = found.found;
  }
  Json json = columns<BlockRow>(
      rows,
      {{"parent", true, [](const BlockRow& row) { return number_or_none(row.parent); }},
       {"finder", false, [](const BlockRow& row) { return number_or_none(row.finder); }},
       {"found", true, [](const BlockRow& row) { return microseconds(row.found); }},
       {"bytes", true, [](const BlockRow& row) { return static_cast<std::int64_t>(row.bytes); }},
       {"main", false, [](const BlockRow& row) { return std::int64_t{row.main_chain}; }}});
  json["names"] = names;
  return json;
}

Json tips_json(const std::vector<ViewTip>& tips) {
  using T = ViewTip;
  return columns<T>(
      tips,
      {{"at", true, [](const T& tip) { return microseconds(tip.at); }},
       {"node", false, [](const T& tip) { return std::int64_t{tip.node}; }},
       {"to", true, [](const T& tip) { return std::int64_t{tip.to}; }},
       {"cause", false, [](const T& tip) { return static_cast<std::int64_t>(tip.cause); }},
       {"from", false, [](const T& tip) { return number_or_none(tip.travel.from); }},
       {"type", false, [](const T& tip) { return static_cast<std::int64_t>(tip.travel.type); }},
       {"travel", false, [](const T& tip) { return travel_time(tip.travel); }},
       {"waited", false, [](const T& tip) {
          return tip.cause == T::Cause::message
                     ? microseconds(tip.at) - microseconds(tip.travel.arrived)
                     : 0;
        }}});
}

Json messages_json(const ViewRecords& records) {
  using T = Travel;
  Json json = columns<T>(
      records.messages,
      {{"sent", true, [](const T& each) { return microseconds(each.sent); }},
       {"travel", false, travel_time},
       {"from", false, [](const T& each) { return std::int64_t{each.from}; }},
       {"to", false, [](const T& each) { return std::int64_t{each.to}; }},
       {"type", false, [](const T& each) { return static_cast<std::int64_t>(each.type); }},
       {"block", true, [](const T& each) { return number_or_none(each.block); }}});
  json["sent_in_all"] = records.messages_sent;
  return json;
}

Json links_json(const ViewRecords& records) {
  using T = ViewLink;
  Json json = columns<T>(records.links,
                         {{"a", false, [](const T& link) { return std::int64_t{link.a}; }},
                          {"b", false, [](const T& link) { return std::int64_t{link.b}; }},
                          {"from", true, [](const T& link) { return microseconds(link.from); }},
                          {"to", false, [](const T& link) {
                             return link.to == chain::kNever ? -1 : microseconds(link.to);
                           }}});
  json["left_out"] = records.links_left_out;
  return json;
}

Json reorgs_json(const Simulator& simulator, const ViewRecords& records) {
  Json all = Json::array();
  for (const ViewReorg& reorg : records.reorgs) {
    const ViewTip& tip = reorg.tip;
    const bool brought = tip.cause == ViewTip::Cause::message;
    Json before = Json::array();
    for (const ViewSaid& said : reorg.before) {
      before.push_back({microseconds(said.at), said.heard ? 1 : 0, said.other,
                        static_cast<int>(said.type), number_or_none(said.block)});
    }
    all.push_back({{"at", microseconds(tip.at)},
                   {"node", tip.node},
                   {"from", reorg.from},
                   {"to", tip.to},
                   {"depth", reorg.depth},
                   {"honest", simulator.metrics().is_honest(tip.node)},
                   {"sender", brought ? Json(tip.travel.from) : Json(nullptr)},
                   {"type", static_cast<int>(tip.travel.type)},
                   {"sent", brought ? microseconds(tip.travel.sent) : 0},
                   {"before", before}});
  }
  return all;
}

Json happenings_json(const Simulator& simulator, const ViewRecords& records) {
  const std::vector<Event>& events = simulator.scenario().events;
  Json all = Json::array();
  for (const ViewHappening& happening : records.happenings) {
    const Firing& firing = happening.firing;
    if (firing.event >= events.size()) continue;
    const Event& event = events[firing.event];
    const std::string word = name_of(event.action);
    Json json = {{"at", microseconds(firing.at)},
                 {"what", word},
                 {"undo", firing.undo},
                 {"key", key_of(firing)},
                 {"text", yaml_flow(event_codec().write(event).at(word))}};
    if (!happening.groups.empty()) {
      Json groups = Json::array();
      for (NodeIndex node = 0; node < happening.groups.size(); node += records.stride) {
        groups.push_back(happening.groups[node]);
      }
      json["groups"] = groups;
    }
    all.push_back(json);
  }
  return all;
}

// Of several samples in one step of the chart the highest.
Json distinct_json(const Simulator& simulator, Time end) {
  const std::vector<TipSample>& samples = simulator.metrics().tips();
  const std::size_t step = samples.size() / kMostTipPoints + 1;
  Json at = Json::array(), distinct = Json::array();
  for (std::size_t i = 0; i < samples.size() && samples[i].at <= end; i += step) {
    std::uint32_t most = 0;
    for (std::size_t k = i; k < std::min(i + step, samples.size()); ++k) {
      most = std::max(most, samples[k].distinct);
    }
    at.push_back(microseconds(samples[i].at));
    distinct.push_back(most);
  }
  return {{"at", at}, {"distinct", distinct}};
}

Json traffic_json(const ViewRecords& records) {
  Json types = Json::object();
  for (std::size_t type = 0; type < chain::kMessageTypes; ++type) {
    Json bytes = Json::array();
    std::uint64_t sum = 0;
    for (const auto& bin : records.traffic) {
      bytes.push_back(bin[type]);
      sum += bin[type];
    }
    const std::string name(chain::name_of(static_cast<chain::MessageType>(type)));
    if (sum > 0) types[name] = bytes;
  }
  return {{"bin", records.bin.ns / 1'000}, {"bytes", types}};
}

Json story_json(const Simulator& simulator, const ViewRecords& records,
                const std::vector<ForkFacts>& forks) {
  Json story = Json::array();
  for (const StoryLine& line : tell_story(simulator, records, forks)) {
    Json json = {{"at", microseconds(line.at)}, {"kind", line.kind}, {"text", line.text}};
    if (line.reorg) json["reorg"] = *line.reorg;
    story.push_back(json);
  }
  return story;
}

Json forks_json(const std::vector<ForkFacts>& forks) {
  Json all = Json::array();
  for (const ForkFacts& fork : forks) {
    all.push_back({{"root", fork.root},
                   {"at", microseconds(fork.at)},
                   {"blocks", fork.blocks},
                   {"leavers", fork.leavers},
                   {"deepest", fork.deepest},
                   {"left", fork.left ? Json(microseconds(*fork.left)) : Json(nullptr)},
                   {"turning", fork.turning ? Json(*fork.turning) : Json(nullptr)},
                   {"still", fork.still.size()}});
  }
  return all;
}

}  // namespace

Json view_data(const Simulator& simulator, const ViewRecords& records) {
  const Scenario& scenario = simulator.scenario();
  const std::vector<ForkFacts> forks = find_forks(simulator, records);
  const Time end = std::min(simulator.now(), records.until);
  Json types = Json::array();
  for (std::size_t type = 0; type < chain::kMessageTypes; ++type) {
    types.push_back(std::string(chain::name_of(static_cast<chain::MessageType>(type))));
  }
  Json lives = Json::array();
  for (const ViewLife& life : records.lives) {
    lives.push_back({microseconds(life.at), life.node, life.up ? 1 : 0});
  }
  return {{"scenario", scenario.name},
          {"question", scenario.question},
          {"headline", headline(simulator, records, forks)},
          {"version", std::string(chain::version())},
          {"seed", scenario.seed.run},
          {"digest", chain::hex16(simulator.digest())},
          {"end", microseconds(end)},
          {"whole", microseconds(simulator.now())},
          {"cut_short", records.until < simulator.now()},
          {"types", types},
          {"nodes", nodes_json(simulator, records)},
          {"story", story_json(simulator, records, forks)},
          {"forks", forks_json(forks)},
          {"happenings", happenings_json(simulator, records)},
          {"blocks", blocks_json(simulator)},
          {"tips", tips_json(records.tips)},
          {"reorgs", reorgs_json(simulator, records)},
          {"reorgs_left_out", records.reorgs_left_out},
          {"messages", messages_json(records)},
          {"links", links_json(records)},
          {"lives", lives},
          {"distinct", distinct_json(simulator, end)},
          {"traffic", traffic_json(records)}};
}

}  // namespace sim
