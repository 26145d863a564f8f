#include "net-sim/explore_plan.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <sstream>

#include "core/check.h"
#include "core/random.h"

namespace sim {
namespace {

// The purposes of the generators. Each later addition draws from a generator of its own, so that
// all else of a seed stays as it was.
constexpr std::uint64_t kPlans = 0x6578706c6f7265;
constexpr std::uint64_t kRuleSets = 0x72756c65736574;
constexpr std::uint64_t kLimits = 0x6c696d697473;
constexpr std::uint64_t kAnnouncers = 0x616e6e6f756e6365;
constexpr std::uint64_t kCalms = 0x63616c6d;

std::string seconds_text(std::int64_t s) { return std::to_string(s) + " s"; }

std::string list_text(const std::vector<NodeIndex>& nodes) {
  std::string text;
  for (const NodeIndex node : nodes) text += (text.empty() ? "" : ", ") + std::to_string(node);
  return "[" + text + "]";
}

// How many nodes the words of a kind name; 0: as many as there are.
std::size_t names_exactly(const std::string& kind) {
  if (kind == "mine") return 1;
  return kind == "link" || kind == "disconnect" ? 2 : 0;
}

std::string action_text(const PlannedFault& f) {
  CHECK(f.who.size() >= names_exactly(f.kind));
  const auto with = [&](const std::string& keys) { return "{" + keys + f.more + "}"; };
  if (f.kind == "partition") return with("groups: [" + list_text(f.who) + ", rest]");
  if (f.kind == "churn") return with("");
  if (f.kind == "mine") return with("node: " + std::to_string(f.who[0]));
  if (f.kind == "link") {
    return with("between: [" + std::to_string(f.who[0]) + ", " + std::to_string(f.who[1]) + "]");
  }
  if (f.kind == "disconnect") {
    return with("from: " + std::to_string(f.who[0]) + ", to: " + std::to_string(f.who[1]));
  }
  return with("select: " + list_text(f.who));
}

std::string event_text(const PlannedFault& f) {
  std::string when = "at: " + seconds_text(f.at_s), after;
  if (f.kind == "churn") {
    when = "from: " + seconds_text(f.at_s) + ", to: " + seconds_text(f.at_s + f.lasts_s);
  } else if (f.kind == "crash") {
    after = ", restart_after: " + seconds_text(f.lasts_s);
  } else if (f.lasts_s > 0) {
    when += ", for: " + seconds_text(f.lasts_s);
  }
  return "  - {" + when + ", " + f.kind + ": " + action_text(f) + after + "}\n";
}

// --- drawing -------------------------------------------------------------------------------------

class Drawing {
 public:
  Drawing(std::uint64_t seed, const PlanBounds& bounds)
      : random_(seed, 0, kPlans), bounds_(bounds) {
    plan_.seed = seed;
  }

  Plan draw() {
    draw_protocol();
    draw_network();
    draw_chain();
    draw_attackers();
    draw_faults();
    draw_limits();
    draw_announcer();
    draw_calm();
    draw_rule_sets();
    return plan_;
  }

 private:
  bool half() { return random_.below(2) == 0; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  std::string one_of(const std::vector<std::string>& words) {
    return words[random_.below(words.size())];
  }
  NodeIndex node() { return static_cast<NodeIndex>(random_.below(plan_.nodes)); }
  // At least one, at most half of all, ascending.
  std::vector<NodeIndex> some() {
    std::vector<NodeIndex> all(plan_.nodes);
    std::iota(all.begin(), all.end(), NodeIndex{0});
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random_.below(i)]);
    all.resize(static_cast<std::size_t>(between(1, std::max<std::int64_t>(1, plan_.nodes / 2))));
    std::sort(all.begin(), all.end());
    return all;
  }

  void draw_protocol() {
    ExploredProtocol wanted = bounds_.protocol;
    if (wanted == ExploredProtocol::any) {
      wanted = random_.below(4) == 0 ? ExploredProtocol::mix : ExploredProtocol::header_first;
    }
    plan_.relay = one_of({"inv", "headers", "block"});
    plan_.tie_break = one_of({"first_seen", "lowest_hash", "random"});
    if (wanted == ExploredProtocol::header_first) {
      plan_.rules = random_.below(4) == 0 ? "tutorial" : "work";
      if (!bounds_.rules.empty()) plan_.rules = bounds_.rules;
      return;
    }
    plan_.rules = "tutorial";
    if (wanted == ExploredProtocol::push_chain) {
      plan_.protocol = "push_chain";
      plan_.check_genesis = half();
    } else {
      const std::int64_t share = between(1, 5) * 10;
      plan_.protocol = "{push_chain: " + std::to_string(share) +
                       " %, header_first: " + std::to_string(100 - share) + " %}";
    }
  }

  bool original() const { return plan_.protocol == "push_chain"; }

  void draw_network() {
    const bool large = random_.below(8) == 0;
    plan_.nodes = bounds_.nodes > 0
                      ? bounds_.nodes
                      : static_cast<std::uint32_t>(large ? between(12, 30) : between(2, 10));
    plan_.topology = one_of({"full_mesh", "line", "ring", "star", "tree"});
    if (plan_.topology == "ring" && plan_.nodes < 3) plan_.topology = "line";
    if (plan_.nodes > 6 && half()) plan_.topology = "{kind: random_regular, degree: 4}";
    if (plan_.nodes > 12 && plan_.topology == "full_mesh") plan_.topology = "ring";
    plan_.latency_ms = random_.below(3) == 2 ? 500 : between(5, 80);
    plan_.jitter = half();
    if (half()) plan_.loss_percent = between(1, 10);
    const bool alone = plan_.protocol == "header_first";
    if (alone && half()) plan_.up_mbit = between(1, 20);
    plan_.discovery = alone && random_.below(4) == 0;
    if (alone && random_.below(4) == 0)
      plan_.max_inbound = static_cast<std::uint32_t>(between(2, 8));
    plan_.chaos_s = bounds_.chaos_s > 0 ? bounds_.chaos_s : between(2, 20) * 60;
  }

  void draw_chain() {
    plan_.interval_s = between(1, 30);
    plan_.block_kb = half() ? 1 : between(1, 40);
    if (plan_.rules == "work" && half()) plan_.retarget = between(5, 20);
    // A node or a link that is busier than blocks come never catches up: that is no fault to look
    // for. (Where power is cut off from the rest, difficulty may fall, and blocks come by the
    // dozen.)
    if (plan_.up_mbit > 0) {
      const std::int64_t kb_per_interval = plan_.up_mbit * 125 * plan_.interval_s;
      plan_.block_kb = std::min(plan_.block_kb, std::max<std::int64_t>(1, kb_per_interval / 40));
    }
    if (half()) plan_.commit_ms = between(1, plan_.interval_s * 40);
    if (half()) plan_.validation_ms = between(1, plan_.interval_s * 40);
    plan_.mining = random_.below(4) != 0;
    if (!half()) return;
    const bool far = random_.below(8) == 0;  // so far that blocks are early
    for (NodeIndex i = 0; i < plan_.nodes; ++i) {
      plan_.clock_offsets_s.push_back(far ? between(-9'000, 9'000) : between(-60, 60));
    }
  }

  // In half of the plans some limits are small, so that pages, windows and deep forks come by the
  // dozen. From a generator of its own: all else of a seed stays as it was.
  void draw_limits() {
    if (original()) return;
    chain::Random random(plan_.seed, 0, kLimits);
    if (random.below(2) != 0) return;
    struct Small {
      const char *section, *name;
      std::uint64_t least, most;
      const char* unit;
    };
    // All limits but low_work_pages: a branch of more pages is given up, and never heals.
    constexpr std::array<Small, 12> kSync{{{"header_first", "header_timeout", 5, 30, " s"},
                                           {"header_first", "body_timeout", 5, 30, " s"},
                                           {"header_first", "download_window", 1, 8, ""},
                                           {"header_first", "bodies_per_request", 1, 4, ""},
                                           {"header_first", "headers_per_page", 1, 6, ""},
                                           {"header_first", "announced_headers", 1, 3, ""},
                                           {"header_first", "far_behind", 1, 4, ""},
                                           {"header_first", "bytes_per_page", 1, 4, " kB"},
                                           {"node", "low_work_depth", 1, 6, ""},
                                           {"header_first", "min_body_timeout", 1, 4, " s"},
                                           {"header_first", "requests_per_peer", 1, 3, ""},
                                           {"header_first", "unseen_tips", 1, 3, ""}}};
    // Full tables, in fewer plans: there ties, echoes and bytes are not judged (checked.h).
    constexpr std::array<Small, 5> kTables{{{"node", "branch_headers", 1, 8, ""},
                                            {"node", "peer_branch_headers", 2, 20, ""},
                                            {"node", "peer_branch_bytes", 2, 40, " kB"},
                                            {"node", "total_branch_headers", 4, 40, ""},
                                            {"node", "total_branch_bytes", 4, 80, " kB"}}};
    const auto draw = [&](const Small& small) {
      const std::uint64_t value = small.least + random.below(small.most - small.least + 1);
      if (random.below(2) != 0) return;
      plan_.limits.emplace_back(small.section,
                                small.name + (": " + std::to_string(value)) + small.unit);
    };
    for (const Small& small : kSync) draw(small);
    if (random.below(4) != 0) return;
    for (const Small& small : kTables) draw(small);
  }

  // In some plans nothing fails and nothing is slow: how fast news spreads is judged in these
  // (check_adoption.h).
  void draw_calm() {
    chain::Random random(plan_.seed, 0, kCalms);
    if (random.below(16) != 0) return;
    std::erase_if(plan_.faults,
                  [](const PlannedFault& f) { return f.kind != "mine" && f.kind != "power"; });
    plan_.loss_percent = plan_.up_mbit = 0;
    plan_.commit_ms = plan_.validation_ms = 0;
  }

  void draw_announcer() {
    chain::Random random(plan_.seed, 0, kAnnouncers);
    const bool has_place = plan_.attackers.size() < plan_.nodes / 3;
    if (original() || !has_place || random.below(4) != 0) return;
    const auto taken = static_cast<NodeIndex>(plan_.attackers.size());
    plan_.attackers.push_back({plan_.nodes - 1 - taken, "{kind: announcer}"});
  }

  void draw_attackers() {
    if (half()) return;
    const std::string fault =
        one_of({"height", "previous_hash", "hash", "merkle_root", "work", "time", "genesis"});
    const std::string flood =
        one_of(original() ? std::vector<std::string>{"QueryLatest", "LatestBlock", "WholeChain"}
                          : std::vector<std::string>{"GetHeaders", "GetBlocks", "Ping", "Inv",
                                                     "Headers", "Blocks"});
    const std::vector<std::string> kinds{
        "{kind: forger, fault: " + fault + "}",
        "{kind: equivocator, siblings: 3}",
        "{kind: silent}",
        "{kind: withhold, for: " + seconds_text(between(1, 120)) + "}",
        "{kind: selfish}",
        "{kind: flooder, message: " + flood + ", rate: 2}",
        "{kind: double_spend, confirmations: 2, attempts: 5}",
        "{kind: eclipser, victim: 0, connections: 3}"};
    const std::uint32_t most = plan_.nodes / 3;
    for (const std::string& kind : kinds) {
      const bool in = random_.below(kind.find("eclipser") == std::string::npos ? 4 : 16) == 0;
      const NodeIndex who = plan_.nodes - 1 - static_cast<NodeIndex>(plan_.attackers.size());
      if (in && plan_.attackers.size() < most) plan_.attackers.push_back({who, kind});
    }
  }

  void add(const std::string& kind, std::vector<NodeIndex> who, const std::string& more,
           std::int64_t most_lasts) {
    PlannedFault fault{kind, 0, 0, std::move(who), more};
    fault.lasts_s = most_lasts > 0 ? between(1, std::min(most_lasts, plan_.chaos_s / 2)) : 0;
    fault.at_s = between(1, plan_.chaos_s - fault.lasts_s - 1);
    plan_.faults.push_back(std::move(fault));
  }

  void draw_faults() {
    const bool two = plan_.nodes > 1;
    const auto pair = [&] {
      const NodeIndex a = node();
      return std::vector<NodeIndex>{
          a, (a + 1 + static_cast<NodeIndex>(random_.below(plan_.nodes - 1))) % plan_.nodes};
    };
    const std::vector<std::function<void()>> kinds{
        [&] { add("partition", some(), ", sockets: silent", 600); },
        [&] { add("partition", some(), ", sockets: reset", 600); },
        [&] { add("partition", some(), ", one_way: true", 600); },
        [&] { add("link", pair(), ", latency: " + seconds_text(between(1, 40)), 300); },
        [&] { add("link", pair(), ", cut: true", 1200); },
        [&] { add("link", pair(), ", loss: " + std::to_string(between(10, 30)) + " %", 300); },
        [&] { add("crash", some(), "", 300); },
        [&] { add("crash", some(), ", lose_unsynced: true", 60); },
        [&] { add("pause", some(), "", 200); },
        [&] { add("leave", some(), "", 300); },
        [&] { add("join", some(), "", 0); },
        [&] { add("disconnect", pair(), "", 200); },
        [&] { add("power", some(), ", to: 0 %", 300); },
        [&] { add("churn", {}, "leave_per_hour: 60, join_per_hour: 60", 600); },
        [&] { add("mine", {node()}, ", blocks: " + std::to_string(between(1, 30)), 0); }};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const bool in = half();
      const std::int64_t times = between(1, 3);
      if (!in || !two) continue;
      for (std::int64_t k = 0; k < times; ++k) kinds[i]();
    }
    std::stable_sort(plan_.faults.begin(), plan_.faults.end(),
                     [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
  }

  // Half of the networks with both protocols, where a bridge meets who rejects its blocks.
  void draw_rule_sets() {
    const bool mixed = plan_.protocol != "header_first" && !original();
    random_ = chain::Random(plan_.seed, 0, kRuleSets);
    if (mixed && plan_.nodes > 1 && half()) plan_.other_rules = some();
  }

  chain::Random random_;
  const PlanBounds bounds_;
  Plan plan_;
};

// --- text ----------------------------------------------------------------------------------------

std::string chain_text(const Plan& p) {
  std::string text = "chain:\n  rules: " + p.rules + "\n";
  text += "  block_interval: " + seconds_text(p.interval_s) + "\n";
  text += "  block_size: " + std::to_string(p.block_kb) + " kB\n";
  if (p.tie_break != "first_seen") text += "  tie_break: " + p.tie_break + "\n";
  if (!p.check_genesis) text += "  check_genesis: false\n";
  if (p.retarget > 0) {
    text += "  difficulty: {retarget: " + std::to_string(p.retarget) + " blocks}\n";
  }
  if (p.commit_ms > 0) text += "  commit_time: " + std::to_string(p.commit_ms) + " ms\n";
  if (p.validation_ms > 0) {
    text += "  validation: {per_block: " + std::to_string(p.validation_ms) + " ms}\n";
  }
  return text;
}

std::string network_text(const Plan& p) {
  std::string text = "network:\n  nodes: " + std::to_string(p.nodes) + "\n";
  text += "  topology: " + p.topology + "\n";
  const std::string ms = std::to_string(p.latency_ms) + " ms";
  text += "  latency: " + (p.jitter ? "{kind: exponential, mean: " + ms + ", per: message}" : ms) +
          "\n";
  if (p.up_mbit > 0) {
    const std::string rate = std::to_string(p.up_mbit) + " Mbit/s";
    text += "  bandwidth: {up: " + rate + ", down: " + rate + "}\n";
  }
  if (p.loss_percent > 0) text += "  loss: " + std::to_string(p.loss_percent) + " %\n";
  if (p.max_inbound > 0) text += "  max_inbound: " + std::to_string(p.max_inbound) + "\n";
  if (p.discovery) text += "  discovery: true\n";
  text += "  keepalive: 1 min\n  reconnect: {first: 1 s, max: 30 s}\n";
  return text;
}

std::string limits_text(const Plan& p) {
  std::string text;
  for (const char* section : {"header_first", "node"}) {
    std::string keys;
    for (const auto& [of, key] : p.limits) {
      if (of == section) keys += (keys.empty() ? "" : ", ") + key;
    }
    if (!keys.empty()) text += "  " + std::string(section) + ": {" + keys + "}\n";
  }
  return text.empty() ? "" : "options:\n" + text;
}

std::string nodes_text(const Plan& p) {
  std::string text;
  for (std::size_t i = 0; i < p.clock_offsets_s.size(); ++i) {
    text += "  - {select: " + std::to_string(i) +
            ", clock_offset: " + seconds_text(p.clock_offsets_s[i]) + "}\n";
  }
  if (!p.other_rules.empty()) {
    text += "  - {select: " + list_text(p.other_rules) + ", rule_set: 1}\n";
  }
  for (const PlannedAttacker& attacker : p.attackers) {
    text += "  - {select: " + std::to_string(attacker.node) + ", behaviour: " + attacker.behaviour +
            "}\n";
  }
  return text.empty() ? "" : "nodes:\n" + text;
}

// `over` stands where both say something; lists of events and nodes are joined.
YAML::Node overlaid(const YAML::Node& under, const YAML::Node& over, const std::string& key) {
  if (under.IsSequence() && over.IsSequence() && (key == "events" || key == "nodes")) {
    YAML::Node both = YAML::Clone(over);
    for (const auto& each : under) both.push_back(each);
    return both;
  }
  if (!under.IsMap() || !over.IsMap()) return over;
  YAML::Node both = YAML::Clone(under);
  for (const auto& entry : over) {
    const auto name = entry.first.as<std::string>();
    const bool of_the_plan = key.empty() && (name == "duration" || name == "seed" ||
                                             name == "until" || name == "measure");
    if (of_the_plan || name == "expect") continue;
    // What comes in kinds is one whole.
    const bool whole =
        !under[name] || name == "topology" || name == "latency" || name == "protocol";
    both[name] = whole ? entry.second : overlaid(under[name], entry.second, name);
  }
  return both;
}

}  // namespace

Plan draw_plan(std::uint64_t seed, const PlanBounds& bounds) {
  return Drawing(seed, bounds).draw();
}

std::string plan_text(const Plan& plan, const std::string& question, const std::string& base) {
  std::istringstream lines(question);
  std::string comment, line;
  while (std::getline(lines, line)) comment += "# " + line + "\n";
  std::string text = "seed: " + std::to_string(plan.seed) + "\n";
  text += "duration: " + seconds_text(plan.chaos_s + plan.calm_s) + "\n";
  text += "protocol: " + plan.protocol + "\n";
  if (plan.protocol != "push_chain") text += "relay: " + plan.relay + "\n";
  text += limits_text(plan) + chain_text(plan) + network_text(plan);
  if (!plan.mining) text += "mining: {power: none}\n";
  text += nodes_text(plan) + "events:\n";
  for (const PlannedFault& fault : plan.faults) text += event_text(fault);
  text += "  - {at: " + seconds_text(plan.chaos_s) + ", heal: all}\n";
  text += "  - {at: " + seconds_text(plan.chaos_s) + ", stop_mining: all}\n";
  if (base.empty()) return comment + text;
  std::ostringstream out;
  out << comment << overlaid(YAML::Load(text), YAML::Load(base), "") << "\n";
  return out.str();
}

Plan without_last_node(const Plan& plan) {
  Plan fewer = plan;
  const NodeIndex gone = --fewer.nodes;
  if (fewer.clock_offsets_s.size() > fewer.nodes) fewer.clock_offsets_s.resize(fewer.nodes);
  std::erase(fewer.other_rules, gone);
  std::erase_if(fewer.attackers, [&](const PlannedAttacker& a) { return a.node == gone; });
  for (PlannedFault& fault : fewer.faults) std::erase(fault.who, gone);
  std::erase_if(fewer.faults, [](const PlannedFault& f) {
    return f.kind != "churn" && f.who.size() < std::max<std::size_t>(names_exactly(f.kind), 1);
  });
  return fewer;
}

bool may_name_fewer(const PlannedFault& fault) {
  return names_exactly(fault.kind) == 0 && fault.who.size() > 1;
}

}  // namespace sim
