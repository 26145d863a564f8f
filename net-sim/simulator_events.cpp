// What the events of a scenario do to the simulated world.
#include <algorithm>

#include "net-sim/simulator.h"
#include "net-sim/streams.h"

namespace sim {
std::vector<NodeIndex> Simulator::select(const Selector& selector, const Firing& firing) {
  return resolve(selector, scenario_, regions_,
                 stream(scenario_.seed, Stream::faults, key_of(firing)));
}

void Simulator::fire(const Firing& firing) {
  const Event& event = scenario_.events[firing.event];
  if (firing.undo) {
    undo(firing);
  } else {
    std::visit([&](const auto& action) { act(firing, action); }, event.action);
    metrics_.on_event(name_of(event.action), now_);  // a block that it found is no later one
  }
  tell([&](Observer& observer) { observer.fired(now_, firing); });
}

// The end of `for`.
void Simulator::undo(const Firing& firing) {
  const Event& event = scenario_.events[firing.event];
  const std::uint64_t key = key_of(firing);
  if (std::holds_alternative<Partition>(event.action)) {
    const auto found = std::find(active_partitions_.begin(), active_partitions_.end(), key);
    if (found == active_partitions_.end()) return;  // healed earlier
    metrics_.on_event("heal", now_);
    partition_names_.erase(partition_names_.begin() + (found - active_partitions_.begin()));
    active_partitions_.erase(found);
    links_.remove_cut(key);
  } else if (std::holds_alternative<LinkChange>(event.action)) {
    metrics_.on_event("link", now_);
    links_.remove_rule(key);
  } else if (std::holds_alternative<PowerChange>(event.action) ||
             std::holds_alternative<StopMining>(event.action)) {
    mining_.undo_change(key);
    power_changed();
  } else if (const auto* leave = std::get_if<Leave>(&event.action)) {
    start_again(select(leave->select, firing));
    metrics_.on_event("join", now_);
  } else if (const auto* join = std::get_if<Join>(&event.action)) {
    for (const NodeIndex node : select(join->select, firing)) stop(node, Presence::absent, false);
    metrics_.on_event("leave", now_);
  } else if (const auto* pause = std::get_if<Pause>(&event.action)) {
    set_paused(select(pause->select, firing), false);
    metrics_.on_event("resume", now_);
  } else if (const auto* connect = std::get_if<Connect>(&event.action)) {
    act(firing, Disconnect{connect->from, connect->to});
  } else if (const auto* disconnect = std::get_if<Disconnect>(&event.action)) {
    act(firing, Connect{disconnect->from, disconnect->to});
  }
}

void Simulator::change_power(const Firing& firing, Mining::Powers powers) {
  const bool for_good = !scenario_.events[firing.event].lasts.has_value();
  mining_.change_power(key_of(firing), std::move(powers), for_good);
  power_changed();
}

// What was drawn at the old power is void; finding is memoryless, so a new draw takes its place.
void Simulator::power_changed() {
  ++miners_generation_;
  schedule_find();
}

void Simulator::act(const Firing& firing, const Partition& action) {
  auto groups = partition_groups(action, scenario_, regions_,
                                 stream(scenario_.seed, Stream::faults, key_of(firing)));
  CHECK(groups.ok());  // the reader has tried it
  Cut cut{std::move(*groups), action.one_way};
  if (action.sockets == Partition::Sockets::reset) reset_across(cut);
  active_partitions_.push_back(key_of(firing));
  partition_names_.push_back(action.name);
  links_.add_cut(key_of(firing), std::move(cut));
}

void Simulator::reset_across(const Cut& cut) {
  const std::size_t streams = links_.size();
  for (StreamId stream = 0; stream < streams; ++stream) {
    if (!links_.is_open(stream)) continue;
    const NodeIndex a = links_.sender(stream);
    const NodeIndex b = links_.receiver(stream);
    if (cut.separates(a, b) || cut.separates(b, a)) peer_down(stream);
  }
}

void Simulator::act(const Firing&, const Heal& action) {
  for (std::size_t i = active_partitions_.size(); i-- > 0;) {
    if (!action.name.empty() && partition_names_[i] != action.name) continue;
    links_.remove_cut(active_partitions_[i]);
    active_partitions_.erase(active_partitions_.begin() + static_cast<std::ptrdiff_t>(i));
    partition_names_.erase(partition_names_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Simulator::act(const Firing& firing, const LinkChange& action) {
  LinkRule rule{std::vector<std::uint8_t>(scenario_.network.nodes), action};
  const auto [a, b] = link_ends(action, scenario_, regions_,
                                stream(scenario_.seed, Stream::faults, key_of(firing)));
  for (const NodeIndex node : a) rule.set[node] |= 1;
  for (const NodeIndex node : b) rule.set[node] |= 2;
  links_.add_rule(key_of(firing), std::move(rule));
}

void Simulator::act(const Firing&, const Mine& action) {
  for (std::uint32_t i = 0; i < action.blocks; ++i) find_block(action.node);
}

void Simulator::act(const Firing&, const Connect& action) {
  if (is_up(action.from)) step(action.from, chain::Connect{action.to});
}

// Whichever of the two has dialled.
void Simulator::act(const Firing&, const Disconnect& action) {
  if (is_up(action.from)) step(action.from, chain::Disconnect{action.to});
  if (is_up(action.to)) step(action.to, chain::Disconnect{action.from});
}

// `to` is the power of all selected nodes together; each keeps its proportion.
void Simulator::act(const Firing& firing, const PowerChange& action) {
  const std::vector<NodeIndex> nodes = select(action.select, firing);
  std::int64_t before = 0;
  for (const NodeIndex node : nodes) before += mining_.initial_power(node);
  Mining::Powers powers;
  for (const NodeIndex node : nodes) {
    const auto scaled = before == 0
                            ? action.to.ppb / static_cast<std::int64_t>(nodes.size())
                            : static_cast<std::int64_t>(static_cast<chain::Int128>(action.to.ppb) *
                                                        mining_.initial_power(node) / before);
    powers.emplace_back(node, scaled);
  }
  change_power(firing, std::move(powers));
}

void Simulator::act(const Firing& firing, const StopMining& action) {
  Mining::Powers powers;
  for (const NodeIndex node : select(action.select, firing)) powers.emplace_back(node, 0);
  change_power(firing, std::move(powers));
}

}  // namespace sim
