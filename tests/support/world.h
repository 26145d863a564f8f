// A small, slow, obvious world of nodes: what golden scripts run in.
//
// Each node is hosted as a real one is: its own tree, its own bodies, an Intake, and frames of JSON
// text between them. Everything is done the plainest way there is, so that a script can be followed
// by hand and what the simulator does can be held against it:
//
//   - one queue, a multimap by time; equal times keep the order in which they were put in;
//   - a connection has one latency and delivers in order, each direction for itself;
//   - a cut holds back what arrives during it, and gives it free when it is healed;
//   - a node that is stopped loses its connections; they hear of it one latency later.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/intake.h"
#include "core/node.h"
#include "tests/support/block_book.h"

namespace test {

using NodeNumber = std::uint32_t;

struct NodeSettings {
  chain::ProtocolKind protocol = chain::ProtocolKind::push_chain;
  bool check_genesis = true;
  bool foreign_genesis = false;
  std::optional<chain::Redial> redial;
  chain::RulesKind rules = chain::RulesKind::tutorial;
  chain::TieBreak tie_break = chain::TieBreak::first_seen;
  chain::Relay relay = chain::Relay::headers;
  chain::Duration keepalive = chain::minutes(10);
  std::uint32_t outbound = 0;
};

struct FrameCount {
  std::uint64_t frames = 0, bytes = 0;
};

inline constexpr chain::Duration kDialTimeout = chain::seconds(10);  // of a dial into a cut

class World {
 public:
  // What happens, a line each: "10ms 0->1 LatestBlock 3a: height" (refused for its height).
  using Trace = std::function<void(const std::string&)>;

  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  NodeNumber add_node(const NodeSettings& settings);
  std::size_t size() const { return hosts_.size(); }
  // Its name in the book.
  std::string tip(NodeNumber node) const;
  std::uint32_t height(NodeNumber node) const;
  BlockBook& book() { return book_; }
  chain::Time now() const { return now_; }

  // Opens at both ends at once; a is the dialler.
  void link(NodeNumber a, NodeNumber b, chain::Duration latency);
  // a closes; b hears of it.
  void unlink(NodeNumber a, NodeNumber b);
  // Holds back what would arrive, on all connections between the two sets and on dials.
  void cut(const std::set<NodeNumber>& one, const std::set<NodeNumber>& other);
  void heal();
  // The next frame from a to b never arrives.
  void lose(NodeNumber a, NodeNumber b) { ++losses_[{a, b}]; }
  void stop(NodeNumber node);
  void start(NodeNumber node);

  void step(NodeNumber node, const chain::Input& input);
  void mine(NodeNumber node);
  // A frame from a to b that a's node knows nothing of.
  void send(NodeNumber a, NodeNumber b, const std::string& frame);

  // Until nothing is under way that is not held back.
  void run_until_quiet();
  void run_for(chain::Duration duration);

  // Since they were last cleared: frames by type; what was refused, and why, in words.
  std::map<std::string, FrameCount> sent;
  std::map<std::string, std::uint32_t> refused;
  Trace trace;

 private:
  // A node, and what a host keeps for it.
  struct Host final : chain::FrameFacts {
    Host(const NodeSettings& settings, NodeNumber number, std::string_view genesis);
    void append_data_json(chain::BlockId id, std::string& out) const override { out += data[id]; }
    chain::Hash network() const override { return network_name; }
    std::string listens() const override { return address(number); }
    std::string address(std::uint32_t id) const override { return "ws://" + std::to_string(id); }
    chain::NodeOptions options() const;

    NodeSettings settings;
    NodeNumber number;
    std::uint64_t lives = 0;
    chain::ChainRules rules;
    chain::Hash network_name;
    chain::BlockTree tree;
    std::vector<std::string> data;
    chain::Intake intake;
    std::unique_ptr<chain::Node> node;
    bool up = true;
  };
  // Ends 0 (the dialler's) and 1. A connection's number is its PeerId at both ends.
  struct Connection {
    NodeNumber node[2];
    bool open[2] = {false, false};
    chain::Duration latency{};
  };
  struct Coming {
    enum What { frame, closed, dial, accepted, dial_failed, wake } what;
    std::uint32_t connection = 0;
    int end = 0;  // at which it arrives
    NodeNumber node = 0;
    std::string text;
  };

  chain::Node& node(NodeNumber n) { return *hosts_[n]->node; }
  bool is_cut(NodeNumber a, NodeNumber b) const { return cut_.count({a, b}) != 0; }
  std::uint32_t between(NodeNumber a, NodeNumber b) const;
  void come(chain::Duration after, Coming what) { queue_.emplace(now_ + after, std::move(what)); }
  void transmit(std::uint32_t connection, int from_end, const std::string& frame);
  void close(std::uint32_t connection, int end);
  void dial(NodeNumber from, NodeNumber to);
  void carry_out(NodeNumber node, const chain::Effects& effects);
  void happen(const Coming& what);
  void arrive(const Coming& what);
  void receive(const Coming& what, NodeNumber from, NodeNumber to);
  void pop();
  void say(const std::string& line);
  std::string words(const chain::WireMessage& message) const;

  BlockBook book_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<Connection> connections_;
  std::multimap<chain::Time, Coming> queue_;
  std::vector<Coming> held_;
  std::set<std::pair<NodeNumber, NodeNumber>> cut_;
  std::map<std::pair<NodeNumber, NodeNumber>, int> losses_;
  chain::Duration latency_{};  // of the last link: that of dials
  chain::Time now_{};
};

// "10ms", "1.5s".
std::string time_text(chain::Time t);

}  // namespace test
