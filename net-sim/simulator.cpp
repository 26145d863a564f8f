#include "net-sim/simulator.h"

#include <algorithm>

#include "core/json_codec.h"
#include "net-sim/adversary/behaviours.h"
#include "net-sim/node_options.h"
#include "net-sim/node_rates.h"
#include "net-sim/streams.h"
#include "net-sim/wiring.h"

namespace sim {
namespace {

constexpr std::uint64_t kEventsBetweenChecks = 8192;

}  // namespace

chain::Result<std::unique_ptr<Simulator>> Simulator::create(const Scenario& scenario) {
  auto wiring =
      draw_wiring(scenario, draw_regions(scenario, stream(scenario.seed, Stream::regions)));
  if (!wiring) return chain::Error(wiring.error());
  Scenario noted = scenario;
  noted.notes.insert(noted.notes.end(), wiring->notes.begin(), wiring->notes.end());
  return std::unique_ptr<Simulator>(new Simulator(std::move(noted), std::move(wiring->edges)));
}

Simulator::Simulator(Scenario scenario, Edges edges)
    : scenario_(std::move(scenario)),
      root_([this] {
        auto genesis = chain::parse_genesis(chain::kWidespreadGenesis);
        return tree_.add_root(genesis->block.header, genesis->text);
      }()),
      regions_(draw_regions(scenario_, stream(scenario_.seed, Stream::regions))),
      edges_(std::move(edges)),
      timetable_(timetable(scenario_)),
      links_(scenario_, node_rates(scenario_, regions_), queue_, regions_),
      mining_(scenario_, mining_power(scenario_, regions_)),
      rule_sets_(rule_sets(scenario_, regions_)),
      metrics_(scenario_, tree_, root_, rule_sets_.by_node()),
      options_(node_options(scenario_, regions_)),
      gamma_random_(stream(scenario_.seed, Stream::attack, kNoNode)),
      validations_(validations(scenario_, regions_)),
      clock_offsets_(clock_offsets(scenario_, regions_)),
      firings_left_(timetable_.size()),
      end_(chain::kTimeZero + scenario_.duration),
      last_sent_bytes_(chain::wire_size(last_sent_, tree_)) {
  nodes_.reserve(scenario_.network.nodes);
  for (const chain::NodeOptions& options : options_) {
    nodes_.push_back({.core = chain::Node(tree_, chain::ChainView(root_), options)});
  }
  if (needs_cpus(scenario_)) cpus_.resize(nodes_.size());
  loses_unsynced_ =
      std::any_of(scenario_.events.begin(), scenario_.events.end(), [](const Event& e) {
        const auto* crash = std::get_if<Crash>(&e.action);
        return crash != nullptr && crash->lose_unsynced;
      });
  for (const auto& [node, behaviour] : behaviours(scenario_, regions_)) {
    add_adversary(node, behaviour);
  }
}

void Simulator::add_adversary(NodeIndex node, const Behaviour& behaviour) {
  nodes_[node].adversary = make_adversary(behaviour, chain_rules(scenario_));
  metrics_.set_dishonest(node);
  if (behaviour.gamma) racers_.push_back(node);
  if (!behaviour.pool) return;
  pool_of_.resize(nodes_.size(), kNoNode);
  const auto members =
      resolve(*behaviour.pool, scenario_, regions_, stream(scenario_.seed, Stream::attack, node));
  for (const NodeIndex member : members) {
    pool_of_[member] = node;
    metrics_.set_dishonest(member);
  }
}

// Events of the timetable stand first in the queue: at one instant they come before messages.
void Simulator::start() {
  for (std::size_t i = 0; i < timetable_.size(); ++i) {
    queue_.push({timetable_[i].at, EventKind::firing, static_cast<std::uint32_t>(i)});
  }
  queue_.push({now_, EventKind::sample});
  for (std::size_t i = 0; i < scenario_.links.size(); ++i) {
    const Firing at_start{now_, static_cast<std::uint32_t>(scenario_.events.size() + i)};
    act(at_start, scenario_.links[i]);
  }
  for (const NodeIndex node : absent_at_start()) {
    nodes_[node].presence = Presence::absent;
    metrics_.set_live(node, false, now_);
  }
  std::vector<std::uint32_t> degrees(nodes_.size());
  for (const Edge& edge : edges_) {
    ++degrees[edge.from];
    ++degrees[edge.to];
  }
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    nodes_[node].core.reserve(degrees[node]);
    nodes_[node].streams.reserve(degrees[node]);
  }
  auto own = scenario_.network.topology.own.begin();
  for (std::uint32_t i = 0; i < edges_.size(); ++i) {
    const Edge edge = edges_[i];
    const bool has_own = own != scenario_.network.topology.own.end() && own->edge == i;
    const LinkOwn values = has_own ? (own++)->own : LinkOwn{};
    if (!is_up(edge.from) || !is_up(edge.to)) continue;
    const StreamId out = links_.connect(edge.from, edge.to, values);
    peer_up(out, edge.to);
    peer_up(out ^ 1, chain::kNoAddress);
  }
  schedule_find();
}

Ending Simulator::run(const StopCheck& stop) {
  start();
  std::size_t foreseen = 0;  // of the next events; less, if others have come between
  while (!queue_.empty()) {
    if (foreseen == 0) foreseen = foresee(queue_.upcoming());
    --foreseen;
    if (queue_.next_time() > end_) break;
    const Pending event = queue_.pop();
    now_ = event.at;
    ++events_;
    handle(event);
    if (scenario_.until.kind != Until::Kind::duration && finished()) return Ending::until;
    if (stop && events_ % kEventsBetweenChecks == 0) {
      if (const auto why = stop()) return *why;
    }
  }
  now_ = end_;
  return Ending::duration;
}

bool Simulator::finished() const {
  switch (scenario_.until.kind) {
    case Until::Kind::duration:
      return false;
    case Until::Kind::blocks:
      return blocks_found_ >= scenario_.until.count;
    case Until::Kind::height:
      return highest_ >= scenario_.until.count;
    case Until::Kind::converged:
      return firings_left_ == 0 && blocks_found_ > 0 && metrics_.convergence().is_settled();
    case Until::Kind::quiet:
      return firings_left_ == 0 && mining_.total_power() == 0 && links_.in_flight() == 0 &&
             links_.signals() == 0 && waiting_nodes_ == 0 && busy_cpus_ == 0;
  }
  return false;
}

void Simulator::handle(const Pending& event) {
  switch (event.kind) {
    case EventKind::deliver:
      return on_deliver(event);
    case EventKind::first_byte:
      return links_.on_first_byte(event);
    case EventKind::fin:
      if (links_.arrives(event)) peer_down(event.target ^ 1);
      return;
    case EventKind::dialled:
      return on_dialled(event);
    case EventKind::accepted:
      if (!links_.take_answer(event.target, now_)) return;
      links_.dial_is_over();
      if (!is_up(links_.receiver(event.target))) return links_.close(event.target ^ 1, now_);
      return peer_up(event.target ^ 1, links_.sender(event.target));
    case EventKind::dial_failed:
      links_.dial_is_over();
      return step(links_.sender(event.target), chain::DialFailed{links_.receiver(event.target)});
    case EventKind::retransmit:
      return links_.on_retransmit(event);
    case EventKind::tcp_timeout:
      if (links_.times_out(event)) peer_down(event.target);
      return;
    case EventKind::wake:
      if (nodes_[event.target].armed != event.at) return;
      nodes_[event.target].armed = chain::kNever;
      return step(event.target, chain::Wake{});
    case EventKind::cpu:
      if (cpus_[event.target].until == event.at) on_cpu(event.target);
      return;
    case EventKind::restart:
      --firings_left_;
      return on_restart(event.target);
    case EventKind::churn:
      return on_churn(event.target);
    case EventKind::find:
      if (event.target != miners_generation_) return;
      on_find(mining_.draw_finder());
      return schedule_find();
    case EventKind::firing:
      --firings_left_;
      return fire(timetable_[event.target]);
    case EventKind::sample:
      metrics_.on_sample(now_, links_.in_flight());
      queue_.push({now_ + metrics_.sample_pause(), EventKind::sample});
      return;
  }
}

// Whether the node awaits something; only a run that ends when nobody does asks.
void Simulator::note_waits(SimNode& node) {
  const bool waits = node.adversary != nullptr ? node.adversary->waits() : node.core.waits();
  if (waits == node.waits) return;
  node.waits = waits;
  waits ? ++waiting_nodes_ : --waiting_nodes_;
}

void Simulator::step_now(NodeIndex node, const chain::Input& input) {
  effects_.clear();
  SimNode& stepped = nodes_[node];
  if (stepped.adversary != nullptr) {
    stepped.adversary->step({node, stepped.core, *this, now_, input, effects_});
  } else {
    stepped.core.step(now_, input, effects_);
  }
  if (scenario_.until.kind == Until::Kind::quiet) note_waits(stepped);
  step_hash_ = chain::step_hash(now_, node, stepped.steps++, input, effects_, tree_);
  digest_.add(step_hash_);
  tell([&](Observer& observer) { observer.stepped(now_, node, input, effects_); });
  if (const auto* down = std::get_if<chain::PeerDown>(&input)) {  // the id may be used again
    stepped.streams[down->peer] = kNoStream;
    stepped.free_peers.push_back(down->peer);
    header_downloads_.forget(node, down->peer);
  }
}

void Simulator::carry_out(NodeIndex index, chain::Effects& effects) {
  if (!effects.quiet()) say(index, effects);
  SimNode& node = nodes_[index];
  if (effects.wake() < node.armed) {
    node.armed = std::max(effects.wake(), now_);
    queue_.push({node.armed, EventKind::wake, index});
  }
  if (effects.drops().empty() && effects.dials().empty()) return;
  // Both step nodes again, and so need the effects for themselves.
  const std::vector<chain::Drop> drops = effects.drops();
  const std::vector<chain::Dial> dials = effects.dials();
  for (const chain::Dial& wanted : dials) dial(index, wanted.address);
  for (const chain::Drop& drop : drops) {
    const StreamId out = nodes_[index].streams[drop.peer];
    if (!links_.is_open(out)) continue;  // its end is in the inbox
    links_.close(out, now_);
    peer_down(out);
  }
}

void Simulator::say(NodeIndex index, const chain::Effects& effects) {
  const SimNode& node = nodes_[index];
  metrics_.on_step(index, effects, now_);
  for (const chain::TipChange& change : effects.tip_changes()) {
    highest_ = std::max(highest_, tree_.height(change.to));
    if (mining_.note_tip(tree_, change.to)) power_changed();
  }
  if (effects.sends().size() > 1) {
    for (const chain::Send& send : effects.sends()) links_.prefetch(node.streams[send.to]);
  }
  for (const chain::Send& send : effects.sends()) {
    // What the node says before it has heard of the end of the connection.
    if (!cpus_.empty() && !links_.is_open(node.streams[send.to])) continue;
    const std::uint64_t bytes = bytes_of(index, send.message);
    const bool leaves = links_.send(node.streams[send.to], send.message, bytes, now_);
    if (leaves) metrics_.on_sent(send.message, bytes);
    tell([&](Observer& observer) {
      observer.sent(now_, node.streams[send.to], send.message, bytes, !leaves);
    });
  }
}

// Only an adversary sends blocks that nobody stores, and only it knows how long they are.
std::uint64_t Simulator::bytes_of(NodeIndex sender, const chain::Message& message) {
  if (message == last_sent_) return last_sent_bytes_;
  const bool unstored =
      message.staged == chain::Staged::invalid || message.staged == chain::Staged::unlinked ||
      message.staged == chain::Staged::wrong_genesis || message.staged == chain::Staged::other_body;
  const Adversary* adversary = nodes_[sender].adversary.get();
  if (adversary != nullptr && unstored && chain::is_staged(message.last)) {
    return adversary->staged_bytes(message, *this);
  }
  last_sent_ = message;
  last_sent_bytes_ = chain::wire_size(message, tree_, facts_);
  return last_sent_bytes_;
}

std::uint64_t Simulator::wire_size(const chain::Message& message) {
  return chain::wire_size(message, tree_, facts_);
}

chain::BlockId Simulator::make_block(NodeIndex finder, chain::BlockId parent) {
  const Duration offset = clock_offsets_.empty() ? Duration{} : clock_offsets_[finder];
  const chain::BlockId block = mining_.make_block(tree_, parent, clock_.unix_ms(now_ + offset));
  if (!rule_sets_.is_one()) rule_sets_.made(finder, block, parent);
  ++blocks_found_;
  metrics_.on_found(finder, block, now_);
  tell([&](Observer& observer) { observer.found(now_, finder, block, draws_); });
  return block;
}

// What a pool's node finds is the pool's, and only if that node computes.
void Simulator::on_find(NodeIndex finder) {
  const chain::BlockId parent = nodes_[finder].core.chain().tip();
  if (!mining_.accepts(tree_, parent)) return;
  const bool in_pool = !pool_of_.empty() && pool_of_[finder] != kNoNode;
  if (in_pool && !computes(finder)) return;
  find_block(in_pool ? pool_of_[finder] : finder);
}

// The tip on which an honest finder builds: its own, unless an attacker's race is decided here.
chain::BlockId Simulator::honest_parent(NodeIndex finder) {
  const chain::BlockId tip = nodes_[finder].core.chain().tip();
  for (const NodeIndex racer : racers_) {
    const auto race = nodes_[racer].adversary->race(nodes_[racer].core, tree_);
    if (!race || tree_.work(race->branch) != tree_.work(tip)) continue;
    if (!rule_sets_.accepts(finder, race->branch)) continue;
    if (!rule_sets_.accepts(finder, race->other)) continue;
    const auto place = static_cast<std::int64_t>(gamma_random_.below(std::uint64_t{kBillion}));
    const chain::BlockId parent = place < race->gamma.ppb ? race->branch : race->other;
    give(finder, parent);
    if (nodes_[finder].core.chain().has_body(parent)) return parent;
  }
  return nodes_[finder].core.chain().tip();
}

// As if it had made them: the node has the blocks up to `tip` from now on.
void Simulator::give(NodeIndex node, chain::BlockId tip) {
  std::vector<chain::BlockId> path;
  const chain::ChainView& own = nodes_[node].core.chain();
  for (chain::BlockId block = tip; !own.has_body(block); block = tree_.parent(block)) {
    path.push_back(block);
  }
  for (auto block = path.rbegin(); block != path.rend(); ++block) {
    step_now(node, chain::Mined{*block});
    carry_out(node, effects_);
  }
}

// A node that is down, or pauses, finds nothing: as if its power were none.
void Simulator::find_block(NodeIndex index) {
  if (!computes(index)) return;
  ++draws_;
  const SimNode& node = nodes_[index];
  const chain::BlockId block = node.adversary != nullptr
                                   ? node.adversary->find(index, node.core, *this)
                                   : make_block(index, honest_parent(index));
  if (block == chain::kNoBlock) return;
  if (cpus_.empty() || cpus_[index].state == Cpu::State::committing) {
    return step(index, chain::Mined{block});
  }
  step_now(index, chain::Mined{block});  // a miner's own block is known to it at once
  carry_out(index, effects_);
}

void Simulator::schedule_find() {
  if (const auto wait = mining_.next_wait()) {
    queue_.push({now_ + *wait, EventKind::find, miners_generation_});
  }
}

// The end at the sender of `stream` is open: its node is told.
void Simulator::peer_up(StreamId stream, chain::AddressId address) {
  SimNode& node = nodes_[links_.sender(stream)];
  if (node.free_peers.empty()) {
    node.free_peers.push_back(static_cast<chain::PeerId>(node.streams.size()));
    node.streams.push_back(kNoStream);
  }
  const chain::PeerId peer = node.free_peers.back();
  node.free_peers.pop_back();
  node.streams[peer] = stream;
  links_.name_peer_at_sender(stream, peer);
  tell([&](Observer& observer) { observer.opened(now_, stream); });
  step(links_.sender(stream), chain::PeerUp{peer, address});
}

// The end at the sender of `stream` is closed, or to be closed: its node is told, and may use the
// peer id again.
void Simulator::peer_down(StreamId stream) {
  links_.close_end(stream);
  tell([&](Observer& observer) { observer.closed(now_, stream); });
  step(links_.sender(stream), chain::PeerDown{links_.peer_at_sender(stream)});
}

// A node that is down takes none, nor one whose places for others are taken.
bool Simulator::takes_dial(NodeIndex node) const {
  if (!is_up(node)) return false;
  const NetworkSection& network = scenario_.network;
  const bool outbound = network.topology.kind == Topology::Kind::outbound;
  if (!network.max_inbound && !outbound) return true;
  const std::uint32_t most = network.max_inbound.value_or(network.topology.max_inbound);
  const auto& streams = nodes_[node].streams;
  const auto inbound = std::count_if(streams.begin(), streams.end(), [this](StreamId stream) {
    return stream != kNoStream && links_.is_open(stream) && Links::is_acceptors(stream);
  });
  return inbound < static_cast<std::ptrdiff_t>(most);
}

void Simulator::dial(NodeIndex from, NodeIndex to) { links_.dial(from, to, now_); }

void Simulator::on_dialled(const Pending& event) {
  if (!takes_dial(links_.receiver(event.target))) return links_.refuse_dial(event.target, now_);
  if (links_.take_dial(event.target, now_)) peer_up(event.target ^ 1, chain::kNoAddress);
}

void Simulator::on_deliver(const Pending& event) {
  if (!links_.arrives(event)) return;
  tell([&](Observer& observer) { observer.delivered(now_, event.target, event.message); });
  const bool tells_address =
      scenario_.network.discovery && event.message.type == chain::MessageType::hello;
  const NodeIndex receiver = links_.receiver(event.target);
  chain::Received received{links_.peer_at_receiver(event.target), event.message,
                           tells_address ? links_.sender(event.target) : chain::kNoAddress};
  if (!rule_sets_.is_one()) rule_sets_.judge(receiver, received.message);
  if (!clock_offsets_.empty()) mark_early(receiver, received.message);
  if (cpus_.empty()) {  // else once the node takes it
    present(receiver, received);
    header_downloads_.charge(receiver, nodes_[receiver].core.chain(), received);
  }
  step(receiver, received);
}

void Simulator::present(NodeIndex receiver, chain::Received& received) {
  const chain::MessageType type = received.message.type;
  if (type != chain::MessageType::headers && type != chain::MessageType::blocks) return;
  header_downloads_.present(receiver, options_[receiver], nodes_[receiver].core.chain(), received);
}

// Blocks from the future, by the receiver's clock, are no verdict: they wait until they come again.
void Simulator::mark_early(NodeIndex receiver, chain::Message& message) const {
  using chain::MessageType;
  if (chain::is_staged(message.last)) return;
  std::uint32_t most = 0;  // blocks that it tells of
  if (message.type == MessageType::latest_block) most = 1;
  if (message.type == MessageType::whole_chain) most = tree_.height(message.last);
  if (message.type == MessageType::headers || message.type == MessageType::blocks) {
    most = message.count();
  }
  const bool whole = message.type == MessageType::whole_chain;
  const chain::ChainView& view = nodes_[receiver].core.chain();
  const std::int64_t now_ms = clock_.unix_ms(now_ + clock_offsets_[receiver]);
  chain::BlockId block = message.last;
  for (std::uint32_t i = most; i > 0; --i, block = tree_.parent(block)) {
    if (whole && view.has_body(block)) return;  // and with it all before it
    if (!chain::is_early(options_[receiver].rules, tree_.header(block), now_ms)) continue;
    message.staged = chain::Staged::early;
    message.refusal = chain::Refusal::early;
    message.last = chain::kNoBlock;
    return;
  }
}

}  // namespace sim
