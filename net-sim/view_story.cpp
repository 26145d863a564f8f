#include "net-sim/view_story.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "net-sim/adversary/behaviours.h"
#include "net-sim/chain_facts.h"
#include "net-sim/units.h"

namespace sim {
namespace {

constexpr std::size_t kForksTold = 3;   // the weightiest
constexpr std::size_t kCutsTold = 3;    // the first
constexpr std::size_t kNodesNamed = 8;  // of a group
constexpr std::size_t kLivesTold = 6;   // times at which nodes stop or begin

std::string how_many(std::uint64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string sentence(std::string text) {
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

std::string named_nodes(const std::vector<NodeIndex>& nodes) {
  if (nodes.size() == 1) return "node " + std::to_string(nodes.front());
  std::string text;
  for (std::size_t i = 0; i < std::min(nodes.size(), kNodesNamed); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(nodes[i]);
  }
  return how_many(nodes.size(), "node") + " (" + text + (nodes.size() > kNodesNamed ? ", …)" : ")");
}

std::string span_text(Duration time) {
  if (time < chain::seconds(1)) return std::to_string(time.ns / 1'000'000) + " ms";
  char text[40];
  const auto tenths = (time.ns + 50'000'000) / 100'000'000;
  std::snprintf(text, sizeof text, "%lld.%lld s", static_cast<long long>(tenths / 10),
                static_cast<long long>(tenths % 10));
  return text;
}

class Story {
 public:
  Story(const Simulator& simulator, const ViewRecords& records, const std::vector<ForkFacts>& forks)
      : simulator_(simulator),
        records_(records),
        forks_(forks),
        tree_(simulator.tree()),
        facts_(chain_facts(simulator)) {}

  std::vector<StoryLine> tell();

 private:
  // A cut, and the group of each node.
  struct OpenCut {
    Time at;
    const std::vector<std::uint32_t>* groups;
    std::uint64_t key;
  };

  void add(Time at, const char* kind, std::string text, std::optional<std::size_t> reorg = {}) {
    lines_.push_back({at, kind, std::move(text), reorg});
  }
  void tell_start();
  void tell_happenings();
  void tell_cut(const ViewHappening& happening, const Partition& partition);
  void tell_heal(Time at, const OpenCut& cut);
  void tell_lives();
  void tell_fork(const ForkFacts& fork);
  void tell_turn(const ForkFacts& fork);
  void tell_other_forks();
  void tell_agreement();
  void tell_end();
  std::string unheeded_text(const ForkFacts& fork) const;
  std::string end_of_one_chain() const;
  std::string behind_text() const;

  const Simulator& simulator_;
  const ViewRecords& records_;
  const std::vector<ForkFacts>& forks_;
  const chain::BlockTree& tree_;
  const ChainFacts facts_;
  std::vector<StoryLine> lines_;
  std::vector<OpenCut> open_;
  std::size_t cuts_ = 0;
};

void Story::tell_start() {
  const Scenario& scenario = simulator_.scenario();
  std::string text = how_many(scenario.network.nodes, "node") + " with " +
                     how_many(simulator_.edges().size(), "link") + " all follow the first block. ";
  if (simulator_.mining().total_power() == 0 &&
      scenario.mining.power == MiningSection::Power::none) {
    text += "Blocks are found only where the scenario says so.";
  } else {
    text += "Somebody finds a block every " + duration_text(scenario.chain.block_interval) +
            " on average.";
  }
  std::string kinds;
  std::vector<NodeIndex> attackers;
  for (NodeIndex node = 0; node < scenario.network.nodes; ++node) {
    const Adversary* adversary = simulator_.adversary(node);
    if (adversary == nullptr) continue;
    attackers.push_back(node);
    const std::string kind(name_of(adversary->kind()));
    if (kinds.find(kind) == std::string::npos) kinds += (kinds.empty() ? "" : ", ") + kind;
  }
  if (!attackers.empty()) text += " Not honest (" + kinds + "): " + named_nodes(attackers) + ".";
  add(chain::kTimeZero, "start", text);
}

void Story::tell_cut(const ViewHappening& happening, const Partition& partition) {
  if (happening.groups.empty()) return;
  std::vector<std::vector<NodeIndex>> sides(partition.groups.size());
  for (NodeIndex node = 0; node < happening.groups.size(); ++node) {
    sides[happening.groups[node]].push_back(node);
  }
  std::string text;
  for (const auto& side : sides) text += (text.empty() ? "" : " | ") + named_nodes(side);
  text = "The network is cut into " + how_many(sides.size(), "part") + ": " + text + ". ";
  if (partition.one_way) {
    text += "What the first part sends does not arrive; the rest does.";
  } else if (partition.sockets == Partition::Sockets::silent) {
    text += "Nobody is told: what crosses the cut waits.";
  } else {
    text += "Connections across the cut close.";
  }
  add(happening.firing.at, "cut", text);
  open_.push_back({happening.firing.at, &happening.groups, key_of(happening.firing)});
}

void Story::tell_heal(Time at, const OpenCut& cut) {
  std::vector<std::uint64_t> found(*std::max_element(cut.groups->begin(), cut.groups->end()) +
                                   std::size_t{1});
  std::vector<NodeIndex> first(found.size(), kNoNode);
  for (NodeIndex node = 0; node < cut.groups->size(); ++node) {
    NodeIndex& one = first[(*cut.groups)[node]];
    if (one == kNoNode) one = node;
  }
  for (const FoundBlock& block : simulator_.metrics().found()) {
    const bool meanwhile = block.found >= cut.at && block.found < at;
    if (meanwhile) ++found[(*cut.groups)[block.finder]];
  }
  std::string text = "The cut is mended after " + duration_text(at - cut.at) + ". Meanwhile ";
  for (std::size_t i = 0; i < found.size(); ++i) {
    text += (i == 0                  ? ""
             : i + 1 == found.size() ? " and "
                                     : ", ") +
            how_many(found[i], "block") +
            (i == 0 ? found[i] == 1 ? " was found" : " were found" : "") + " on the side of node " +
            std::to_string(first[i]);
  }
  add(at, "heal", text + ".");
}

void Story::tell_happenings() {
  const Scenario& scenario = simulator_.scenario();
  for (const ViewHappening& happening : records_.happenings) {
    if (happening.firing.event >= scenario.events.size()) continue;
    const Action& action = scenario.events[happening.firing.event].action;
    const auto* heal = std::get_if<Heal>(&action);
    if (const auto* partition = std::get_if<Partition>(&action)) {
      if (!happening.firing.undo && ++cuts_ <= kCutsTold) tell_cut(happening, *partition);
    } else if (heal == nullptr) {
      continue;
    }
    std::erase_if(open_, [&](const OpenCut& cut) {
      const auto& cut_action = scenario.events[cut.key >> 32].action;
      const bool named = heal != nullptr &&
                         (heal->name.empty() || heal->name == std::get<Partition>(cut_action).name);
      const bool undone = happening.firing.undo && cut.key == key_of(happening.firing);
      if (named || undone) tell_heal(happening.firing.at, cut);
      return named || undone;
    });
  }
  if (cuts_ > kCutsTold) {
    add(lines_.back().at, "cut", "And so on: " + how_many(cuts_ - kCutsTold, "further cut") + ".");
  }
}

// Who stops and who begins; of those that are not shown nothing is known.
void Story::tell_lives() {
  if (records_.stride > 1 || records_.lives.empty()) return;
  std::vector<std::vector<NodeIndex>> groups;  // of one instant, and the same way
  std::vector<const ViewLife*> first;
  for (const ViewLife& life : records_.lives) {
    const bool same = !first.empty() && first.back()->at == life.at && first.back()->up == life.up;
    if (!same) {
      first.push_back(&life);
      groups.emplace_back();
    }
    groups.back().push_back(life.node);
  }
  if (groups.size() > kLivesTold) {
    return add(first.front()->at, "life",
               "From now on nodes stop and begin, " + std::to_string(records_.lives.size()) +
                   " times in all, until " + clock_text(first.back()->at) + ".");
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool one = groups[i].size() == 1;
    const std::string verb = first[i]->up ? one ? " begins." : " begin."
                             : one        ? " stops."
                                          : " stop.";
    add(first[i]->at, "life", sentence(named_nodes(groups[i])) + verb);
  }
}

void Story::tell_fork(const ForkFacts& fork) {
  if (tree_.is_root(fork.root)) {
    const Time at = fork.turning ? records_.reorgs[*fork.turning].tip.at : fork.at;
    add(at, "fork", "There are two chains that begin with different first blocks.");
    return tell_turn(fork);
  }
  std::string text = "The chain forks: node " + std::to_string(fork.rival_finder) + " and node " +
                     std::to_string(fork.finder) + " have each found a block at height " +
                     std::to_string(tree_.height(fork.root)) + ".";
  if (fork.rival_finder == fork.finder) {
    text = "The chain forks: node " + std::to_string(fork.finder) +
           " has found two blocks at height " + std::to_string(tree_.height(fork.root)) + ".";
  }
  add(fork.at, "fork", text);
  tell_turn(fork);
}

void Story::tell_turn(const ForkFacts& fork) {
  if (fork.turning) {
    const ViewReorg& reorg = records_.reorgs[*fork.turning];
    const Travel& travel = reorg.tip.travel;
    const std::string node = std::to_string(reorg.tip.node);
    add(reorg.tip.at, "turn",
        "The message that healed it: " + std::string(chain::name_of(travel.type)) + " from node " +
            std::to_string(travel.from) + " to node " + node + ", sent at " +
            clock_text(travel.sent) + ". Node " + node + " gives up " +
            how_many(reorg.depth, "block") + ".",
        fork.turning);
  }
  if (!fork.left || fork.leavers == 0 || !fork.still.empty()) return;
  const std::string winner = tree_.is_root(fork.root)
                                 ? "The other first block"
                                 : "The side of node " + std::to_string(fork.rival_finder);
  add(*fork.left, "won",
      winner + " has won: " + how_many(fork.leavers, "node") +
          (fork.leavers == 1 ? " has" : " have") + " given up " +
          (fork.deepest == 1 ? "1 block" : "at most " + how_many(fork.deepest, "block") + " each") +
          ", and " + how_many(fork.blocks, "block") + (fork.blocks == 1 ? " is" : " are") +
          " lost.",
      fork.turning);
}

void Story::tell_other_forks() {
  std::uint64_t others = 0;
  std::uint32_t longest = 0;
  for (std::size_t i = kForksTold; i < forks_.size(); ++i) {
    if (!forks_[i].still.empty()) continue;
    ++others;
    longest = std::max(longest, forks_[i].length);
  }
  if (others == 0) return;
  add(simulator_.now(), "forks",
      "Besides these there were " + how_many(others, "smaller fork") + " of at most " +
          how_many(longest, "block") + ".");
}

void Story::tell_agreement() {
  std::size_t told = 0;
  for (const Convergence& entry : simulator_.metrics().convergence().entries()) {
    if (entry.after != "heal" || !entry.took || ++told > kCutsTold) continue;
    add(entry.at + *entry.took, "agree",
        "All nodes follow one chain again, " + span_text(*entry.took) + " after the heal.");
  }
}

// What the nodes of a branch were told, and did not follow.
std::string Story::unheeded_text(const ForkFacts& fork) const {
  std::uint64_t told = 0;
  const Travel* last = nullptr;
  for (const NodeIndex node : fork.still) {
    const Unheeded& unheeded = records_.unheeded[node];
    told += unheeded.count;
    const bool later = last == nullptr || unheeded.last.arrived > last->arrived;
    if (unheeded.count > 0 && later) last = &unheeded.last;
  }
  if (last == nullptr) return " Since then none of them was told of a higher block.";
  return " Since then they were told " + (told == 1 ? "once" : std::to_string(told) + " times") +
         " of a higher block and did not follow; the last message was " +
         std::string(chain::name_of(last->type)) + " from node " + std::to_string(last->from) +
         " to node " + std::to_string(last->to) + " at " + clock_text(last->arrived) + ".";
}

// Nodes on the main chain that lack more than its newest block; empty if there are none.
std::string Story::behind_text() const {
  std::vector<NodeIndex> behind;
  const std::uint32_t height = tree_.height(facts_.main_tip);
  std::uint32_t lowest = height;
  const Metrics& metrics = simulator_.metrics();
  for (NodeIndex node = 0; node < simulator_.scenario().network.nodes; ++node) {
    const chain::BlockId tip = metrics.tip_of(node);
    const bool late = tree_.height(tip) + 1 < height && tree_.is_ancestor(tip, facts_.main_tip);
    if (!metrics.counts(node) || !late) continue;
    behind.push_back(node);
    lowest = std::min(lowest, tree_.height(tip));
  }
  if (behind.empty()) return "";
  return sentence(named_nodes(behind)) + (behind.size() == 1 ? " is" : " are") +
         " behind, at height " + std::to_string(lowest) + (behind.size() == 1 ? "" : " or more") +
         ". ";
}

std::string Story::end_of_one_chain() const {
  std::string text = "The end: all nodes follow one chain of " +
                     how_many(tree_.height(facts_.main_tip), "block") + ". " + behind_text();
  std::uint64_t stale = 0;
  for (const ForkFacts& fork : forks_) stale += fork.blocks;
  return text + (stale == 0 ? "No block was lost."
                            : how_many(stale, "block") + (stale == 1 ? " was" : " were") +
                                  " found in vain.");
}

void Story::tell_end() {
  std::vector<NodeIndex> winners;
  std::size_t branches = 1;
  for (NodeIndex node = 0; node < simulator_.scenario().network.nodes; ++node) {
    const Metrics& metrics = simulator_.metrics();
    if (metrics.counts(node) && tree_.is_ancestor(metrics.tip_of(node), facts_.main_tip)) {
      winners.push_back(node);
    }
  }
  std::string text;
  for (const ForkFacts& fork : forks_) {
    if (fork.still.empty()) continue;
    ++branches;
    std::uint32_t height = 0;
    for (const NodeIndex node : fork.still) {
      height = std::max(height, tree_.height(simulator_.metrics().tip_of(node)));
    }
    text += "; " + named_nodes(fork.still) + (fork.still.size() == 1 ? " follows" : " follow") +
            " another, of height " + std::to_string(height) + ", which left it at height " +
            std::to_string(tree_.height(fork.root)) + " at " + clock_text(fork.at) + "." +
            unheeded_text(fork);
  }
  if (branches == 1) return add(simulator_.now(), "end", end_of_one_chain());
  add(simulator_.now(), "split",
      "The end: still " + std::to_string(branches) + " chains, nobody has won. " +
          sentence(named_nodes(winners)) + (winners.size() == 1 ? " follows" : " follow") +
          " one of height " + std::to_string(tree_.height(facts_.main_tip)) + text);
}

std::vector<StoryLine> Story::tell() {
  tell_start();
  tell_happenings();
  tell_lives();
  for (std::size_t i = 0; i < std::min(forks_.size(), kForksTold); ++i) tell_fork(forks_[i]);
  tell_agreement();
  tell_other_forks();
  tell_end();
  std::stable_sort(lines_.begin(), lines_.end(),
                   [](const StoryLine& a, const StoryLine& b) { return a.at < b.at; });
  return std::move(lines_);
}

}  // namespace

std::string clock_text(Time at) {
  const std::int64_t tenths = (at - chain::kTimeZero).ns / 100'000'000;
  const std::int64_t minutes = tenths / 600;
  char text[60];
  if (minutes < 60) {
    std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(minutes),
                  static_cast<long long>(tenths / 10 % 60));
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(minutes / 60),
                  static_cast<long long>(minutes % 60), static_cast<long long>(tenths / 10 % 60));
  }
  return text + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

std::string headline(const Simulator& simulator, const ViewRecords& records,
                     const std::vector<ForkFacts>& forks) {
  const auto spread = simulator.metrics().propagation().quantile(99, 100);
  if (forks.empty()) {
    return std::string("The chain never forked.") +
           (spread ? " A block reached nearly all nodes within " + span_text(*spread) + "." : "");
  }
  const ForkFacts& fork = forks.front();
  if (simulator.tree().is_root(fork.root)) {
    return "A chain with another first block has come in: " + how_many(fork.leavers, "node") +
           " gave up " + how_many(fork.deepest, "block") + ", all that they had.";
  }
  const auto node = [](NodeIndex index) { return "node " + std::to_string(index); };
  std::string text =
      forks.size() == 1 ? "Forked at " : how_many(forks.size(), "fork") + ", the worst at ";
  text +=
      clock_text(fork.at) + " (" + node(fork.rival_finder) + " and " + node(fork.finder) + "). ";
  if (!fork.still.empty()) {
    const ChainFacts facts = chain_facts(simulator);
    const NodeIndex one = fork.still.front();
    return text + "Never healed: at the end some follow a chain of height " +
           std::to_string(simulator.tree().height(facts.main_tip)) + " and " +
           how_many(fork.still.size(), "node") + " another, of height " +
           std::to_string(simulator.tree().height(simulator.metrics().tip_of(one))) + ".";
  }
  if (!fork.left || fork.leavers == 0) return text + "Nobody else followed the second block.";
  text += "The side of " + node(fork.rival_finder) + " won at " + clock_text(*fork.left) + "; " +
          how_many(fork.leavers, "node") + " gave up " + how_many(fork.deepest, "block") + ".";
  if (!fork.turning) return text;
  const Travel& travel = records.reorgs[*fork.turning].tip.travel;
  return text + " Healed by the message " + std::string(chain::name_of(travel.type)) + " from " +
         node(travel.from) + " to " + node(travel.to) + ".";
}

std::vector<StoryLine> tell_story(const Simulator& simulator, const ViewRecords& records,
                                  const std::vector<ForkFacts>& forks) {
  return Story(simulator, records, forks).tell();
}

}  // namespace sim
