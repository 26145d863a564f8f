#include "net-sim/view_collector.h"

#include <algorithm>

#include "net-sim/streams.h"

namespace sim {
namespace {

constexpr std::uint32_t kNoLink = 0xffffffffu;
constexpr std::size_t kMostBins = 600;

bool tells_of_blocks(chain::MessageType type) {
  using enum chain::MessageType;
  return type == latest_block || type == whole_chain || type == headers || type == inv ||
         type == blocks;
}

template <typename T>
void halve(std::vector<T>& bins) {
  for (std::size_t i = 0; i < bins.size(); ++i) {
    T sum = bins[i];
    if (i % 2 == 1) {
      for (std::size_t type = 0; type < sum.size(); ++type) sum[type] += bins[i / 2][type];
    }
    bins[i / 2] = sum;
  }
  bins.resize((bins.size() + 1) / 2);
}

}  // namespace

ViewCollector::ViewCollector(const Simulator& simulator, const ViewLimits& limits)
    : simulator_(simulator), limits_(limits) {
  const std::uint32_t nodes = simulator.scenario().network.nodes;
  records_.stride = (nodes + limits.nodes - 1) / limits.nodes;
  records_.unheeded.resize(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    nodes_.push_back({simulator.chain(node).tip(), {}, {}, {}});
  }
}

void ViewCollector::remember(NodeIndex node, const ViewSaid& said) {
  if (!records_.shows(node)) return;
  Node& who = nodes_[node];
  if (who.said.size() < kRemembered) return who.said.push_back(said);
  who.said[who.next_said] = said;
  who.next_said = (who.next_said + 1) % kRemembered;
}

void ViewCollector::sent(Time now, StreamId stream, const chain::Message& message,
                         std::uint64_t bytes, bool over_limit) {
  if (over(now) || over_limit) return;
  const Links& links = simulator_.links();
  if (stream >= on_their_way_.size()) on_their_way_.resize(links.size());
  const Travel travel{links.sender(stream),
                      links.receiver(stream),
                      now,
                      Time{chain::kNever},
                      message.type,
                      chain::names_block(message) ? message.last : chain::kNoBlock};
  on_their_way_[stream].push_back({travel, message, records_.messages_sent++});
  remember(travel.from, {now, false, travel.to, message.type, travel.block});
  count(now, message.type, bytes);
}

void ViewCollector::count(Time now, chain::MessageType type, std::uint64_t bytes) {
  auto bin = static_cast<std::size_t>((now - chain::kTimeZero).ns / records_.bin.ns);
  for (; bin >= kMostBins; bin /= 2) {
    halve(records_.traffic);
    records_.bin.ns *= 2;
  }
  if (bin >= records_.traffic.size()) records_.traffic.resize(bin + 1);
  records_.traffic[bin][static_cast<std::size_t>(type)] += bytes;
}

// What stands before it in the queue has been lost.
void ViewCollector::delivered(Time now, StreamId stream, const chain::Message& message) {
  if (stream >= on_their_way_.size()) return;
  auto& queue = on_their_way_[stream];
  while (!queue.empty() && queue.front().message != message) {
    keep(queue.front());
    queue.pop_front();
  }
  if (queue.empty()) return;
  OnItsWay what = queue.front();
  queue.pop_front();
  what.travel.arrived = now;
  if (over(now)) return;
  const Travel& travel = what.travel;
  remember(travel.to, {now, true, travel.from, travel.type, travel.block});
  nodes_[travel.to].inbox.push_back({stream, what});
}

void ViewCollector::stepped(Time now, NodeIndex node, const chain::Input& input,
                            const chain::Effects& effects) {
  Node& who = nodes_[node];
  std::optional<OnItsWay> brought;
  if (const auto* received = std::get_if<chain::Received>(&input)) {
    const StreamId stream = who.streams[received->from] ^ 1;
    while (!who.inbox.empty() && !brought) {
      if (who.inbox.front().stream == stream) brought = who.inbox.front().what;
      who.inbox.pop_front();
    }
  }
  if (over(now)) return;
  for (const chain::TipChange& change : effects.tip_changes()) {
    const auto cause = brought ? ViewTip::Cause::message : ViewTip::Cause::mined;
    change_tip({now, node, change.to, cause, brought ? brought->travel : Travel{}});
  }
  if (!brought || !effects.tip_changes().empty()) return;
  note_unheeded(node, brought->travel);
  keep(*brought);
}

void ViewCollector::note_unheeded(NodeIndex node, const Travel& travel) {
  if (travel.block == chain::kNoBlock || !tells_of_blocks(travel.type)) return;
  const chain::BlockTree& tree = simulator_.tree();
  if (tree.height(travel.block) <= tree.height(nodes_[node].tip)) return;
  ++records_.unheeded[node].count;
  records_.unheeded[node].last = travel;
}

void ViewCollector::change_tip(const ViewTip& tip) {
  const chain::BlockId from = nodes_[tip.node].tip;
  nodes_[tip.node].tip = tip.to;
  records_.unheeded[tip.node] = {};
  if (simulator_.tree().parent(tip.to) != from) note_reorg(tip, from);
  if (!records_.shows(tip.node)) return;
  records_.tips.push_back(tip);
  const bool many_blocks = simulator_.tree().size() > limits_.blocks;
  if (many_blocks) records_.until = tip.at;
  if (records_.tips.size() > limits_.tips) show_fewer_nodes(tip.at);
}

// A node that moves forward by several blocks at once abandons none.
void ViewCollector::note_reorg(const ViewTip& tip, chain::BlockId from) {
  const chain::BlockTree& tree = simulator_.tree();
  if (tree.is_ancestor(from, tip.to)) return;
  const std::uint32_t depth = tree.given_up(from, tip.to);
  if (records_.reorgs.size() >= limits_.reorgs) {
    ++records_.reorgs_left_out;
    return;
  }
  const bool explains = records_.shows(tip.node) && depth >= explained_depth_;
  records_.reorgs.push_back({tip, from, depth, {}});
  if (!explains) return;
  records_.reorgs.back().before = said_before(tip, tree.height(from) - depth);
  if (++explained_ > limits_.explained) explain_fewer();
}

std::vector<ViewSaid> ViewCollector::said_before(const ViewTip& tip, std::uint32_t common) const {
  const chain::BlockTree& tree = simulator_.tree();
  const Node& who = nodes_[tip.node];
  std::vector<ViewSaid> before;
  for (std::size_t i = 0; i < who.said.size(); ++i) {
    const ViewSaid& said = who.said[(who.next_said + i) % who.said.size()];
    const bool of_branch = said.block != chain::kNoBlock && tree.height(said.block) > common &&
                           tree.is_ancestor(said.block, tip.to);
    if (said.other == tip.travel.from || (of_branch && said.heard)) before.push_back(said);
  }
  if (before.size() > kExplained) {
    before.erase(before.begin(), before.end() - static_cast<std::ptrdiff_t>(kExplained));
  }
  return before;
}

void ViewCollector::explain_fewer() {
  ++explained_depth_;
  explained_ = 0;
  for (ViewReorg& reorg : records_.reorgs) {
    if (reorg.depth < explained_depth_) reorg.before = {};
    if (!reorg.before.empty()) ++explained_;
  }
}

void ViewCollector::keep(const OnItsWay& what) {
  const Travel& travel = what.travel;
  if (!records_.shows(travel.from) || !records_.shows(travel.to)) return;
  if (what.number % records_.message_stride != 0) return;
  records_.messages.push_back(travel);
  if (records_.messages.size() <= limits_.messages) return;
  records_.message_stride *= 2;
  std::size_t i = 0;
  std::erase_if(records_.messages, [&](const Travel&) { return i++ % 2 == 1; });
}

void ViewCollector::show_fewer_nodes(Time now) {
  const std::uint32_t left = simulator_.scenario().network.nodes / (records_.stride * 2);
  if (left < limits_.fewest_nodes) {
    records_.until = now;
    return;
  }
  records_.stride *= 2;
  const auto hidden = [&](NodeIndex node) { return !records_.shows(node); };
  std::erase_if(records_.tips, [&](const ViewTip& tip) { return hidden(tip.node); });
  std::erase_if(records_.lives, [&](const ViewLife& life) { return hidden(life.node); });
  std::erase_if(records_.messages,
                [&](const Travel& each) { return hidden(each.from) || hidden(each.to); });
}

void ViewCollector::opened(Time now, StreamId stream) {
  const Links& links = simulator_.links();
  Node& node = nodes_[links.sender(stream)];
  const chain::PeerId peer = links.peer_at_sender(stream);
  if (peer >= node.streams.size()) node.streams.resize(peer + 1, kNoStream);
  node.streams[peer] = stream;
  if (stream / 2 >= link_of_.size()) link_of_.resize(links.size() / 2, kNoLink);
  std::uint32_t& link = link_of_[stream / 2];
  const NodeIndex a = links.sender(stream & ~StreamId{1});
  const NodeIndex b = links.receiver(stream & ~StreamId{1});
  if (over(now) || link != kNoLink || !records_.shows(a) || !records_.shows(b)) return;
  if (records_.links.size() >= limits_.links) {
    ++records_.links_left_out;
    return;
  }
  link = static_cast<std::uint32_t>(records_.links.size());
  records_.links.push_back({a, b, now, Time{chain::kNever}});
}

void ViewCollector::closed(Time now, StreamId stream) {
  if (stream / 2 >= link_of_.size() || link_of_[stream / 2] == kNoLink) return;
  ViewLink& link = records_.links[link_of_[stream / 2]];
  if (link.to == chain::kNever) link.to = now;
}

void ViewCollector::stopped(Time now, NodeIndex node) {
  nodes_[node].inbox.clear();
  if (over(now)) return;
  if (records_.shows(node)) records_.lives.push_back({now, node, false});
  const Links& links = simulator_.links();
  for (const StreamId stream : nodes_[node].streams) {
    if (stream != kNoStream && !links.is_open(stream)) closed(now, stream);
  }
  nodes_[node].streams.clear();
}

void ViewCollector::started(Time now, NodeIndex node) {
  if (over(now)) return;
  if (records_.shows(node)) records_.lives.push_back({now, node, true});
  const chain::BlockId tip = simulator_.chain(node).tip();
  if (tip == nodes_[node].tip) return;
  nodes_[node].tip = tip;
  if (records_.shows(node)) {
    records_.tips.push_back({now, node, tip, ViewTip::Cause::restart, {}});
  }
}

void ViewCollector::fired(Time now, const Firing& firing) {
  if (over(now) || records_.happenings.size() >= limits_.happenings) return;
  const Scenario& scenario = simulator_.scenario();
  records_.happenings.push_back({firing});
  if (firing.event >= scenario.events.size() || firing.undo) return;
  const auto* partition = std::get_if<Partition>(&scenario.events[firing.event].action);
  if (partition == nullptr) return;
  const auto regions = draw_regions(scenario, stream(scenario.seed, Stream::regions));
  auto groups = partition_groups(*partition, scenario, regions,
                                 stream(scenario.seed, Stream::faults, key_of(firing)));
  if (groups) records_.happenings.back().groups = std::move(*groups);
}

ViewRecords ViewCollector::finish() {
  for (const auto& queue : on_their_way_) {
    for (const OnItsWay& what : queue) keep(what);
  }
  std::erase_if(records_.links, [&](const ViewLink& link) {
    return !records_.shows(link.a) || !records_.shows(link.b);
  });
  std::stable_sort(records_.messages.begin(), records_.messages.end(),
                   [](const Travel& a, const Travel& b) { return a.sent < b.sent; });
  return std::move(records_);
}

}  // namespace sim
