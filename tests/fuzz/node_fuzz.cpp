// Any bytes as what happens to a node: peers that say anything about blocks that are or are not,
// connections, dials, time, blocks of its own, the end of its process. All of the simulator's
// checkers watch; no peer is honest, so that nothing excuses the node.
//
//   byte: protocol and rules | (byte: what happens, bytes: whom it concerns)*
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "core/block_size.h"
#include "core/check.h"
#include "core/json_codec.h"
#include "core/merkle.h"
#include "net-sim/checkers.h"
#include "net-sim/node_options.h"
#include "net-sim/resolve.h"
#include "net-sim/scenario_reader.h"
#include "net-sim/simulator.h"

namespace {

using namespace chain;
using sim::NodeIndex;
using sim::StreamId;

constexpr PeerId kPeers = 3;  // nodes 1 to 3; node 0 is the one that is tested
constexpr std::uint32_t kMostBlocks = 400;

constexpr std::array<const char*, 6> kKinds{
    "protocol: push_chain\nchain: {rules: tutorial}\n",
    "protocol: header_first\nchain: {rules: tutorial}\n",
    "protocol: header_first\nchain: {rules: work}\nrelay: inv\n",
    "protocol: header_first\nchain: {rules: work}\nrelay: headers\n",
    "protocol: header_first\nchain: {rules: work}\nrelay: block\n",
    "protocol: header_first\nchain: {rules: work, tie_break: lowest_hash}\n"};

// Read once: reading takes longer than a run.
const sim::Scenario& scenario_of(std::uint8_t choice) {
  static const std::vector<sim::Scenario> scenarios = [] {
    std::vector<sim::Scenario> all;
    for (const char* kind : kKinds) {
      const auto scenario = sim::read_scenario_text(
          kind + std::string("network: {nodes: 4, topology: star, keepalive: 1 min, "
                             "reconnect: {first: 1 s, max: 30 s}}\nmining: {power: none}\n"),
          "fuzz.yaml");
      CHECK(scenario.ok());
      all.push_back(*scenario);
    }
    return all;
  }();
  return scenarios[choice % scenarios.size()];
}

class World {
 public:
  World(const std::uint8_t* data, std::size_t size)
      : data_(data + 1),
        left_(size - 1),
        scenario_(scenario_of(data[0])),
        rules_(sim::chain_rules(scenario_)),
        options_(sim::node_options(scenario_, {})),
        links_(scenario_, std::vector<sim::Links::Rates>(kPeers + 1), queue_),
        view_(root()),
        checkers_(
            {scenario_,
             tree_,
             links_,
             edges_,
             options_,
             {1, 0, 0, 0},
             {},
             {},
             [this](NodeIndex) -> const ChainView& { return node_ ? node_->chain() : view_; }},
            sim::CheckLevel::known) {
    begin();
  }

  void run() {
    while (left_ > 0) {
      happen(next() % 12);
      for (const sim::Violation& violation : checkers_.violations()) {
        if (violation.excused) continue;
        std::fputs(sim::text_of(violation).c_str(), stderr);
        CHECK(violation.excused);
      }
    }
  }

 private:
  std::uint8_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  BlockId root() {
    const Genesis genesis = *parse_genesis(kWidespreadGenesis);
    return tree_.add_root(genesis.block.header, genesis.text);
  }
  BlockId some_block() {
    const unsigned high = next(), low = next();
    return static_cast<BlockId>((high << 8 | low) % tree_.size());
  }
  void begin() { node_.emplace(tree_, view_, options_[0]); }

  // Any valid block; nodes find theirs on their tips.
  std::optional<BlockId> make_block(NodeIndex finder, BlockId parent) {
    if (tree_.size() >= kMostBlocks) return std::nullopt;
    const std::int64_t now_ms = sim::kOriginMs + (now_ - kTimeZero).ns / 1'000'000;
    Header header = block_template(rules_, tree_, parent, now_ms);
    header.nonce = static_cast<std::int64_t>(tree_.size());  // no two alike
    const Body body = filler_for(header, 500);
    header.merkle_root = *merkle_root(body);
    header.hash = hash_of(header, HashOrder::standard);
    const BlockId block = tree_.add_header(header, parent, work_of(rules_, header));
    tree_.add_body(block, data_json_length(body));
    checkers_.found(now_, finder, block, block);
    return block;
  }

  Message some_message() {
    const auto type = static_cast<MessageType>(next() % kMessageTypes);
    const std::uint8_t how = next();
    if (type == MessageType::reject) return reject(Offence::silent);
    if (type == MessageType::peers) return peers(how % 4, {how / 4u % 8, how / 32u, next() % 8u});
    BlockId last = some_block();
    if (type == MessageType::hello) return hello(last, static_cast<Relay>(how % 3), how);
    const bool path = type == MessageType::headers || type == MessageType::blocks;
    const std::uint32_t most = std::max(tree_.height(last), 1u);
    std::uint32_t number = next();
    if (path || type == MessageType::get_blocks) number = std::min(number % 64 + 1, most);
    if (path && tree_.is_root(last)) return make(MessageType::inv, last, number);
    Message message = make(type, last, is_original(type) ? 0 : number);
    // What the edge says of what is not in the tree.
    if (how % 8 == 1) {
      message.staged = static_cast<Staged>(1 + how / 8 % 5);
      message.refusal = message.staged == Staged::low_work ? Refusal::low_work : Refusal::unlinked;
      message.last = kStagedBit | how;
    }
    return message;
  }

  void happen(std::uint8_t what) {
    const PeerId peer = next() % kPeers;
    switch (what) {
      case 0:
        make_block(peer + 1, some_block());
        return;
      case 1:  // on what is newest, so that branches grow long
        make_block(peer + 1, static_cast<BlockId>(tree_.size() - 1));
        return;
      case 2:
        return step_mined();
      case 3:
        return open(peer, kNoAddress);
      case 4:
        return close(peer);
      case 5:
        now_ = now_ + milliseconds(250) * (1 + next());
        return step(Wake{});
      case 6:
        return crash();
      case 7:
        return next() % 2 == 0 ? step(Connect{peer + 1}) : step(Disconnect{peer + 1});
      case 8:
        return next() % 2 == 0 ? step(DialFailed{peer + 1}) : open(peer, peer + 1);
      default:
        return say(peer, some_message());
    }
  }

  void step_mined() {
    const auto block = make_block(0, node_->chain().tip());
    if (block) step(Mined{*block});
  }

  void open(PeerId peer, AddressId address) {
    if (streams_[peer] != sim::kNoStream) return;
    const StreamId out =
        address == kNoAddress ? links_.connect(peer + 1, 0) ^ 1 : links_.connect(0, peer + 1);
    links_.name_peer_at_sender(out, peer);
    links_.name_peer_at_sender(out ^ 1, 0);
    streams_[peer] = out;
    checkers_.opened(now_, out);
    checkers_.opened(now_, out ^ 1);
    step(PeerUp{peer, address});
  }

  void close(PeerId peer) {
    if (streams_[peer] == sim::kNoStream) return;
    end(peer);
    step(PeerDown{peer});
  }
  // Both ends, the peer's first.
  void end(PeerId peer) {
    const StreamId out = std::exchange(streams_[peer], sim::kNoStream);
    Effects peers_drop;
    peers_drop.drop(0, Offence::none);
    checkers_.stepped(now_, peer + 1, Wake{}, peers_drop);
    checkers_.closed(now_, out ^ 1);
    checkers_.closed(now_, out);
    links_.close(out, now_);
  }

  void say(PeerId peer, const Message& message) {
    if (streams_[peer] == sim::kNoStream) return;
    checkers_.sent(now_, streams_[peer] ^ 1, message, 100, false);
    checkers_.delivered(now_, streams_[peer] ^ 1, message);
    if (node_->hears(peer, message.type)) step(Received{peer, message, kNoAddress});
  }

  void step(const Input& input) {
    effects_.clear();
    node_->step(now_, input, effects_);
    checkers_.stepped(now_, 0, input, effects_);
    const auto sends = effects_.sends();
    const auto drops = effects_.drops();
    for (const Send& send : sends) {
      CHECK(send.to < kPeers && streams_[send.to] != sim::kNoStream);
      checkers_.sent(now_, streams_[send.to], send.message, 100, false);
      checkers_.delivered(now_, streams_[send.to], send.message);
    }
    for (const Drop& drop : drops) {
      CHECK(drop.peer < kPeers);
      if (streams_[drop.peer] == sim::kNoStream) continue;
      end(drop.peer);
      step(PeerDown{drop.peer});
    }
  }

  void crash() {
    view_ = node_->chain();
    checkers_.stopped(now_, 0);
    for (StreamId& out : streams_) {
      if (out == sim::kNoStream) continue;
      checkers_.closed(now_, out ^ 1);
      links_.close(out, now_);
      out = sim::kNoStream;
    }
    node_.reset();
    checkers_.started(now_, 0);
    begin();
  }

  const std::uint8_t* data_;
  std::size_t left_;
  const sim::Scenario& scenario_;
  const ChainRules rules_;
  const std::vector<NodeOptions> options_;
  const sim::Edges edges_{{0, 1}, {0, 2}, {0, 3}};
  BlockTree tree_;
  sim::EventQueue<sim::Pending> queue_;
  sim::Links links_;
  ChainView view_;
  std::optional<Node> node_;
  sim::Checkers checkers_;
  std::array<StreamId, kPeers> streams_{sim::kNoStream, sim::kNoStream, sim::kNoStream};
  Effects effects_;
  Time now_ = kTimeZero;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) World(data, size).run();
  return 0;
}
