// The simulated world: many cores, one thread, one queue of pending events.
//
//   queue -> event -> Links or Node::step -> effects -> sends, dials, wakes -> queue
//
// Same scenario and seed, same digest. The simulator hosts nodes exactly as a real host does
// (node.h): step, commit, then speak. Who may hear whom is Links' business, what a run tells is
// Metrics'; both only watch or carry, and no node's decision depends on them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/digest.h"
#include "core/node.h"
#include "core/wire_size.h"
#include "net-sim/adversary/adversary.h"
#include "net-sim/cpu.h"
#include "net-sim/graph.h"
#include "net-sim/header_downloads.h"
#include "net-sim/link.h"
#include "net-sim/metrics.h"
#include "net-sim/mining.h"
#include "net-sim/observer.h"
#include "net-sim/resolve.h"
#include "net-sim/rule_sets.h"
#include "net-sim/scenario.h"

namespace sim {

inline constexpr NodeIndex kNoNode = 0xffffffffu;
inline constexpr std::int64_t kOriginMs = 1'700'000'000'000;  // time zero on the calendar

// Why a run ended.
enum class Ending : std::uint8_t { duration, until, wall_limit, interrupted };

// What the simulated nodes' frames say of addresses: texts of one length, as those of one network
// are.
class SimFacts final : public chain::FrameFacts {
  std::string listens() const override { return address(0); }
  std::string address(std::uint32_t) const override { return "ws://10.111.112.113:7545"; }
};

// Asked now and then, every few thousand events: why to stop at once, or nothing.
using StopCheck = std::function<std::optional<Ending>()>;

class Simulator final : private Workshop {
 public:
  // Draws the network. An error is one line: a topology that the seed cannot give.
  static chain::Result<std::unique_ptr<Simulator>> create(const Scenario& scenario);

  // From the start on; it outlives the run.
  void watch(Observer& observer) { observers_.push_back(&observer); }
  // Runs to the end; asks `stop` on the way (may be empty).
  Ending run(const StopCheck& stop);

  const Scenario& scenario() const { return scenario_; }
  const chain::BlockTree& tree() const { return tree_; }
  const Metrics& metrics() const { return metrics_; }
  const Links& links() const { return links_; }
  const Mining& mining() const { return mining_; }
  const Edges& edges() const { return edges_; }
  const chain::ChainView& chain(NodeIndex node) const { return nodes_[node].core.chain(); }
  // Of its present life.
  const chain::NodeOptions& options(NodeIndex node) const { return options_[node]; }
  // Null for an honest node.
  const Adversary* adversary(NodeIndex node) const { return nodes_[node].adversary.get(); }
  std::uint64_t digest() const { return digest_.value(); }
  // The hash of the last step.
  std::uint64_t step_hash() const { return step_hash_; }
  std::uint64_t events() const { return events_; }
  Time now() const { return now_; }

 private:
  // `absent`: before it joins, or after it has left.
  enum class Presence : std::uint8_t { up, crashed, absent };
  // In whole cache lines; what most messages touch follows on what they touch of the core.
  struct alignas(chain::kCacheLine) SimNode {
    bool waits = false;  // for an answer, or to dial again
    chain::Node core;
    Time armed{chain::kNever};
    std::uint64_t steps = 0;  // of its life
    std::unique_ptr<Adversary> adversary = nullptr;
    std::vector<StreamId> streams{};  // by PeerId: the stream that leaves this node
    Presence presence = Presence::up;
    std::vector<chain::PeerId> free_peers{};
  };
  // What comes of one event `churn`.
  struct Churning {
    std::uint32_t event;
    chain::Random random;
  };

  Simulator(Scenario scenario, Edges edges);

  chain::BlockTree& blocks() override { return tree_; }
  chain::BlockId make_block(NodeIndex finder, chain::BlockId parent) override;
  std::uint64_t wire_size(const chain::Message& message) override;

  template <typename Tell>
  void tell(const Tell& tell_one) {
    for (Observer* observer : observers_) tell_one(*observer);
  }
  void start();
  std::size_t foresee(std::span<const Pending> events);
  void prefetch_node(NodeIndex node) const {
    nodes_[node].core.prefetch();
    chain::prefetch_line(&nodes_[node].armed);
    chain::prefetch_line(&nodes_[node].streams);
  }
  void handle(const Pending& event);
  bool finished() const;

  // Tells the node, once its CPU is free.
  void step(NodeIndex node, const chain::Input& input);
  void work(NodeIndex node);
  void on_cpu(NodeIndex node);
  void step_now(NodeIndex node, const chain::Input& input);
  Duration validation_of(NodeIndex node, const chain::Input& input) const;
  std::uint64_t bytes_of(NodeIndex sender, const chain::Message& message);
  void carry_out(NodeIndex node, chain::Effects& effects);
  void say(NodeIndex node, const chain::Effects& effects);
  void note_waits(SimNode& node);
  void on_find(NodeIndex finder);
  chain::BlockId honest_parent(NodeIndex finder);
  void give(NodeIndex node, chain::BlockId tip);
  void add_adversary(NodeIndex node, const Behaviour& behaviour);
  void find_block(NodeIndex node);
  void schedule_find();

  void peer_up(StreamId stream, chain::AddressId address);
  void peer_down(StreamId stream);
  void dial(NodeIndex from, NodeIndex to);
  bool takes_dial(NodeIndex node) const;
  void on_deliver(const Pending& event);
  void on_dialled(const Pending& event);
  void mark_early(NodeIndex receiver, chain::Message& message) const;
  void present(NodeIndex receiver, chain::Received& received);

  void fire(const Firing& firing);
  void undo(const Firing& firing);
  void act(const Firing& firing, const Partition& action);
  void act(const Firing& firing, const Heal& action);
  void act(const Firing& firing, const LinkChange& action);
  void act(const Firing& firing, const Mine& action);
  void act(const Firing& firing, const Connect& action);
  void act(const Firing& firing, const Disconnect& action);
  void act(const Firing& firing, const Crash& action);
  void act(const Firing& firing, const Join& action);
  void act(const Firing& firing, const Leave& action);
  void act(const Firing& firing, const Pause& action);
  void act(const Firing& firing, const Churn& action);
  void act(const Firing& firing, const PowerChange& action);
  void act(const Firing& firing, const StopMining& action);
  std::vector<NodeIndex> select(const Selector& selector, const Firing& firing);
  void reset_across(const Cut& cut);
  void change_power(const Firing& firing, Mining::Powers powers);
  void power_changed();

  // Life and death of nodes (simulator_nodes.cpp).
  void stop(NodeIndex node, Presence presence, bool lose_unsynced);
  void start_again(const std::vector<NodeIndex>& nodes);
  void set_paused(const std::vector<NodeIndex>& nodes, bool paused);
  void on_restart(std::uint32_t crash);
  void on_churn(std::uint32_t index);
  void schedule_churn(std::uint32_t index);
  std::vector<NodeIndex> absent_at_start();
  bool is_up(NodeIndex node) const { return nodes_[node].presence == Presence::up; }
  bool computes(NodeIndex node) const {
    return is_up(node) && (cpus_.empty() || cpus_[node].pauses == 0);
  }

  const Scenario scenario_;
  chain::BlockTree tree_;
  chain::BlockId root_;
  std::vector<std::uint32_t> regions_;
  Edges edges_;
  std::vector<Firing> timetable_;
  EventQueue<Pending> queue_;
  Links links_;
  Mining mining_;
  HeaderDownloads header_downloads_{tree_};
  RuleSets rule_sets_;
  Metrics metrics_;
  std::vector<chain::NodeOptions> options_;
  std::vector<SimNode> nodes_;
  std::vector<NodeIndex> racers_;   // attackers whose races the scenario decides
  std::vector<NodeIndex> pool_of_;  // by node: whose finds its own are; empty without pools
  chain::Random gamma_random_;
  std::vector<Observer*> observers_;
  std::vector<Cpu> cpus_;                        // empty, or one for each node
  bool loses_unsynced_ = false;                  // some crash does
  std::vector<Validation> validations_;          // likewise
  std::vector<Duration> clock_offsets_;          // likewise
  std::vector<std::vector<NodeIndex>> crashes_;  // whose nodes start again
  std::vector<Churning> churns_;
  chain::Effects effects_;
  chain::Digest digest_;
  std::uint64_t step_hash_ = 0;
  const SimFacts facts_;
  chain::Clock clock_{kOriginMs};
  std::vector<std::uint64_t> active_partitions_;  // keys of firings, in the order they began
  std::vector<std::string> partition_names_;      // of the same
  std::size_t firings_left_ = 0;
  std::size_t waiting_nodes_ = 0;
  std::size_t busy_cpus_ = 0;
  std::uint64_t lives_ = 0;  // begun after the start, of all nodes
  std::uint32_t miners_generation_ = 0;
  std::uint64_t blocks_found_ = 0;
  std::uint64_t draws_ = 0;  // of the oracle; one may yield several blocks of an attacker
  std::uint32_t highest_ = 0;
  std::uint64_t events_ = 0;
  Time now_{};
  Time end_;
  chain::Message last_sent_ = chain::query_latest();  // a broadcast asks for one size many times
  std::uint64_t last_sent_bytes_;
};

}  // namespace sim
