// The life of simulated nodes: their CPU, crashes and restarts, who comes and who goes.
#include <algorithm>

#include "core/chain_rules.h"
#include "net-sim/simulator.h"
#include "net-sim/streams.h"

namespace sim {

// --- CPU -----------------------------------------------------------------------------------------

void Simulator::step(NodeIndex node, const chain::Input& input) {
  if (!is_up(node)) return;
  if (cpus_.empty()) {
    step_now(node, input);
    return carry_out(node, effects_);
  }
  cpus_[node].inbox.push_back(input);
  if (cpus_[node].state == Cpu::State::idle) work(node);
}

Duration Simulator::validation_of(NodeIndex node, const chain::Input& input) const {
  const auto* received = std::get_if<chain::Received>(&input);
  if (received == nullptr || validations_.empty()) return {};
  // What it does not listen to it does not validate.
  if (!nodes_[node].core.hears(received->from, received->message.type)) return {};
  return validation_time(validations_[node], tree_, nodes_[node].core.chain(), received->message);
}

// Until something takes time, or nothing is left to do.
void Simulator::work(NodeIndex node) {
  Cpu& cpu = cpus_[node];
  while (!cpu.inbox.empty() && computes(node)) {
    if (auto* received = std::get_if<chain::Received>(&cpu.inbox.front())) {
      const chain::BlockId tip = nodes_[node].core.chain().tip();
      // Again after validating, if the node has mined a block meanwhile.
      if (cpu.state != Cpu::State::validating || tip != cpu.seen_tip) present(node, *received);
      cpu.seen_tip = tip;
    }
    if (cpu.state != Cpu::State::validating) {
      const Duration takes = validation_of(node, cpu.inbox.front());
      if (takes.ns > 0) {
        cpu.state = Cpu::State::validating;
        cpu.until = now_ + takes;
        ++busy_cpus_;
        return queue_.push({cpu.until, EventKind::cpu, node});
      }
    }
    cpu.state = Cpu::State::stepping;
    const chain::Input input = cpu.inbox.front();
    cpu.inbox.pop_front();
    if (const auto* received = std::get_if<chain::Received>(&input)) {
      header_downloads_.charge(node, nodes_[node].core.chain(), *received);
    }
    if (loses_unsynced_) cpu.durable = nodes_[node].core.chain();
    step_now(node, input);
    const bool to_commit = scenario_.chain.commit_time.ns > 0 &&
                           !(effects_.accepted().empty() && effects_.headers().empty());
    if (to_commit) {
      cpu.held = effects_;
      cpu.state = Cpu::State::committing;
      cpu.until = now_ + scenario_.chain.commit_time;
      ++busy_cpus_;
      return queue_.push({cpu.until, EventKind::cpu, node});
    }
    carry_out(node, effects_);
    cpu.state = Cpu::State::idle;
  }
  cpu.state = Cpu::State::idle;
}

void Simulator::on_cpu(NodeIndex node) {
  Cpu& cpu = cpus_[node];
  cpu.until = chain::kNever;
  --busy_cpus_;
  if (cpu.state == Cpu::State::committing) {
    cpu.state = Cpu::State::stepping;  // what is said may come back in the inbox
    tell([&](Observer& observer) { observer.committed(now_, node); });
    carry_out(node, cpu.held);
    cpu.held.clear();
    cpu.state = Cpu::State::idle;
  }
  work(node);
}

void Simulator::set_paused(const std::vector<NodeIndex>& nodes, bool paused) {
  for (const NodeIndex node : nodes) {
    Cpu& cpu = cpus_[node];
    if (paused) {
      ++cpu.pauses;
    } else if (cpu.pauses > 0 && --cpu.pauses == 0 && cpu.state == Cpu::State::idle) {
      work(node);
    }
  }
}

// --- Crash and restart ---------------------------------------------------------------------------

// A process that ends: its sockets close, and the other ends hear of it. What it had not said yet
// is never said.
void Simulator::stop(NodeIndex index, Presence presence, bool lose_unsynced) {
  SimNode& node = nodes_[index];
  if (node.presence != Presence::up) return;
  node.presence = presence;
  chain::ChainView durable = node.core.chain();
  if (!cpus_.empty()) {
    Cpu& cpu = cpus_[index];
    if (cpu.until != chain::kNever) --busy_cpus_;
    if (lose_unsynced && cpu.state == Cpu::State::committing) {
      durable = *cpu.durable;
    }
    const std::uint32_t pauses = cpu.pauses;
    cpu = Cpu{};
    cpu.pauses = pauses;
  }
  for (const StreamId stream : node.streams) {
    if (stream != kNoStream && links_.is_open(stream)) links_.close(stream, now_);
  }
  node.streams.clear();
  node.free_peers.clear();
  header_downloads_.forget(index);
  node.armed = chain::kNever;
  node.steps = 0;
  if (node.waits) --waiting_nodes_;
  node.waits = false;
  options_[index].nonce = stream(scenario_.seed, Stream::life, ++lives_).next();
  node.core = chain::Node(tree_, std::move(durable), options_[index]);
  metrics_.set_live(index, false, now_);
  tell([&](Observer& observer) { observer.stopped(now_, index); });
}

// A node that was there dials those whom it dialled at the start, as from its list of peers; one
// that joins dials all its neighbours.
void Simulator::start_again(const std::vector<NodeIndex>& nodes) {
  enum Dials : std::uint8_t { none, its_own, all };
  std::vector<Dials> dials(nodes_.size(), Dials::none);
  for (const NodeIndex index : nodes) {
    SimNode& node = nodes_[index];
    if (node.presence == Presence::up) continue;
    dials[index] = node.presence == Presence::absent ? Dials::all : Dials::its_own;
    node.presence = Presence::up;
    if (node.adversary != nullptr) node.adversary->restarted();
    metrics_.on_restart(index, node.core.chain().tip(), now_);
    tell([&](Observer& observer) { observer.started(now_, index); });
  }
  for (const Edge& edge : edges_) {
    if (dials[edge.from] != Dials::none) step(edge.from, chain::Connect{edge.to});
    if (dials[edge.to] == Dials::all) step(edge.to, chain::Connect{edge.from});
  }
}

void Simulator::act(const Firing& firing, const Crash& action) {
  std::vector<NodeIndex> nodes = select(action.select, firing);
  for (const NodeIndex node : nodes) stop(node, Presence::crashed, action.lose_unsynced);
  if (!action.restart_after) return;
  queue_.push({now_ + *action.restart_after, EventKind::restart,
               static_cast<std::uint32_t>(crashes_.size())});
  ++firings_left_;
  crashes_.push_back(std::move(nodes));
}

void Simulator::on_restart(std::uint32_t crash) {
  std::vector<NodeIndex>& nodes = crashes_[crash];
  std::erase_if(nodes, [this](NodeIndex node) {  // who has left since stays away
    return nodes_[node].presence != Presence::crashed;
  });
  start_again(nodes);
  metrics_.on_event("restart", now_);
}

void Simulator::act(const Firing& firing, const Pause& action) {
  set_paused(select(action.select, firing), true);
}

// --- Who comes and goes --------------------------------------------------------------------------

// The nodes of every `join`, until they do.
std::vector<NodeIndex> Simulator::absent_at_start() {
  std::vector<NodeIndex> absent;
  for (const Firing& firing : timetable_) {
    const auto* join = std::get_if<Join>(&scenario_.events[firing.event].action);
    if (join == nullptr || firing.undo) continue;
    const std::vector<NodeIndex> nodes = select(join->select, firing);
    absent.insert(absent.end(), nodes.begin(), nodes.end());
  }
  std::sort(absent.begin(), absent.end());
  absent.erase(std::unique(absent.begin(), absent.end()), absent.end());
  return absent;
}

void Simulator::act(const Firing& firing, const Join& action) {
  start_again(select(action.select, firing));
}

void Simulator::act(const Firing& firing, const Leave& action) {
  for (const NodeIndex node : select(action.select, firing)) {
    stop(node, Presence::absent, false);
  }
}

void Simulator::act(const Firing& firing, const Churn&) {
  churns_.push_back({firing.event, stream(scenario_.seed, Stream::churn, firing.event)});
  schedule_churn(static_cast<std::uint32_t>(churns_.size() - 1));
}

// Leaving and joining are Poisson processes; together they are one of the sum of their rates.
void Simulator::schedule_churn(std::uint32_t index) {
  constexpr std::int64_t kHour = chain::minutes(60).ns;
  const Event& event = scenario_.events[churns_[index].event];
  const auto& churn = std::get<Churn>(event.action);
  const std::int64_t per_hour = churn.leave_per_hour.billionths + churn.join_per_hour.billionths;
  if (per_hour == 0) return;
  const chain::Int128 mean = static_cast<chain::Int128>(kHour) * kBillion / per_hour;
  if (mean > kMaxDuration.ns) return;  // no run lasts so long
  const Time next = now_ + Duration{chain::mul_q32(static_cast<std::int64_t>(mean),
                                                   churns_[index].random.exponential_q32())};
  if (next > end_ || (event.to && next > *event.to)) return;
  queue_.push({next, EventKind::churn, index});
}

// One who is there goes, or one who went comes back, each as likely as any other.
void Simulator::on_churn(std::uint32_t index) {
  const auto& churn = std::get<Churn>(scenario_.events[churns_[index].event].action);
  chain::Random& random = churns_[index].random;
  const std::int64_t leave = churn.leave_per_hour.billionths;
  const auto place = static_cast<std::int64_t>(
      random.below(static_cast<std::uint64_t>(leave + churn.join_per_hour.billionths)));
  const Presence wanted = place < leave ? Presence::up : Presence::absent;
  std::vector<NodeIndex> candidates;
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].presence == wanted) candidates.push_back(node);
  }
  schedule_churn(index);
  if (candidates.empty()) return;
  const NodeIndex node = candidates[random.below(candidates.size())];
  wanted == Presence::up ? stop(node, Presence::absent, false) : start_again({node});
}

}  // namespace sim
