#include "net-sim/checked.h"

#include <algorithm>
#include <array>

#include "net-sim/node_options.h"
#include "net-sim/resolve.h"
#include "net-sim/simulator.h"
#include "net-sim/streams.h"

namespace sim {

Checked checked(const Simulator& simulator) {
  const Scenario& scenario = simulator.scenario();
  const auto regions = draw_regions(scenario, stream(scenario.seed, Stream::regions));
  Checked world{
      scenario,
      simulator.tree(),
      simulator.links(),
      simulator.edges(),
      node_options(scenario, regions),
      {},
      clock_offsets(scenario, regions),
      rule_sets(scenario, regions),
      [&simulator](NodeIndex node) -> const chain::ChainView& { return simulator.chain(node); }};
  for (NodeIndex node = 0; node < scenario.network.nodes; ++node) {
    world.honest.push_back(simulator.metrics().is_honest(node) ? 1 : 0);
  }
  return world;
}

bool Checked::keeps_branches(NodeIndex node) const {
  const chain::SyncLimits& own = *options[node].limits;
  const chain::SyncLimits& usual = chain::kDefaultSyncLimits;
  return own.branch_headers >= usual.branch_headers &&
         own.peer_branch_headers >= usual.peer_branch_headers &&
         own.peer_branch_bytes >= usual.peer_branch_bytes &&
         own.total_branch_headers >= usual.total_branch_headers &&
         own.total_branch_bytes >= usual.total_branch_bytes;
}

void ViolationLog::report(Invariant invariant, NodeIndex node, bool original,
                          const std::string& what) {
  const bool excused = !strict_ && original && !row_of(invariant).of_the_original.empty();
  const std::size_t place = 2 * static_cast<std::size_t>(invariant) + (excused ? 0 : 1);
  if (seen_[place]) return;
  seen_[place] = true;
  Violation violation{.invariant = invariant,
                      .node = node,
                      .at = now_,
                      .event = events_,
                      .what = what,
                      .before = {},
                      .excused = excused};
  const std::uint64_t oldest = events_ > kRing ? events_ - kRing : 0;
  for (std::uint64_t i = events_; i-- > oldest && violation.before.size() < kMostTold;) {
    if (concerns(ring_[i % kRing], node)) violation.before.push_back(words(ring_[i % kRing]));
  }
  std::reverse(violation.before.begin(), violation.before.end());
  violations_.push_back(std::move(violation));
}

bool ViolationLog::concerns(const Entry& entry, NodeIndex node) const {
  switch (entry.kind) {
    case Kind::sent:
    case Kind::delivered:
    case Kind::opened:
    case Kind::closed:
      if (entry.who >= world_.links.size()) return false;
      return world_.links.sender(entry.who) == node || world_.links.receiver(entry.who) == node;
    case Kind::found:
    case Kind::end:
      return true;
    default:
      return entry.who == node;
  }
}

std::string ViolationLog::words(const Entry& entry) const {
  constexpr std::array<std::string_view, 8> kInputs{
      "PeerUp", "PeerDown", "DialFailed", "Connect", "Disconnect", "Received", "Mined", "Wake"};
  constexpr std::array<std::string_view, 10> kWords{"stepped",   "sent",    "received", "opened",
                                                    "closed",    "stopped", "started",  "found",
                                                    "committed", "end"};
  std::string text = std::to_string(entry.at.seconds()) + " s ";
  const auto block = [this](chain::BlockId id) {
    if (chain::is_staged(id)) return std::string(id == chain::kNoBlock ? "none" : "a stranger");
    return std::to_string(id) + " of height " + std::to_string(world_.tree.height(id));
  };
  const std::string word(kWords[static_cast<std::size_t>(entry.kind)]);
  switch (entry.kind) {
    case Kind::sent:
    case Kind::delivered:
    case Kind::opened:
    case Kind::closed:
      text += std::to_string(world_.links.sender(entry.who)) + "->" +
              std::to_string(world_.links.receiver(entry.who)) + " " + word;
      break;
    case Kind::found:
      return text + "block " + block(entry.who) + " found";
    case Kind::end:
      return text + word;
    default:
      text += "node " + std::to_string(entry.who) + " " + word;
  }
  if (entry.kind == Kind::stepped) text += " " + std::string(kInputs[entry.detail]);
  const bool says = entry.kind == Kind::sent || entry.kind == Kind::delivered;
  if (!says) return text;
  text += " " + std::string(name_of(entry.message.type));
  const chain::MessageType type = entry.message.type;
  const bool names_block = type != chain::MessageType::query_latest &&
                           type != chain::MessageType::get_peers &&
                           type != chain::MessageType::peers && type != chain::MessageType::reject;
  return names_block ? text + ", block " + block(entry.message.last) : text;
}

}  // namespace sim
