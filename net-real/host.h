// One chain::Node in the real world: what the simulator is to ten thousand.
//
//   frame -> decode -> Intake -> Node::step -> commit (one transaction, durable)
//                                                 -> send, drop, dial, wake timer, on_tip
//
// Nothing is said, and nobody dropped for a fault, before it is on disk: a commit that fails throws
// out of the loop and ends the process. Before a step that could take a block, room on the disk is
// made sure of; without it blocks are left unread, to be asked for again, and mining is refused,
// while all else goes on. Without a genesis there is no node yet: a peer gives one
// (genesis_learner.h). All calls on the loop's thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/intake.h"
#include "core/node.h"
#include "net-real/address_exchange.h"
#include "net-real/address_registry.h"
#include "net-real/block_store.h"
#include "net-real/discouraged.h"
#include "net-real/genesis_learner.h"
#include "net-real/links.h"
#include "net-real/log.h"
#include "net-real/loop.h"
#include "net-real/node_counters.h"
#include "net-real/recorder.h"

namespace net {

struct HostOptions {
  std::optional<chain::Genesis> genesis{};  // nothing: learn it, or what the store has
  chain::ChainRules rules{};
  chain::ProtocolKind protocol = chain::ProtocolKind::header_first;
  std::uint32_t outbound = 8;  // connections to dial, from what peers tell; header_first
  std::string listens{};  // the URL that peers are told; "": none. Host 0.0.0.0: whatever they see
  chain::CodecLimits limits{.max_frame = 1 << 20, .max_block = 128 << 10, .max_depth = 16};
  std::optional<chain::Redial> redial = chain::Redial{chain::seconds(1), chain::minutes(2)};
  chain::Relay relay = chain::Relay::headers;     // how it wishes to hear of new blocks
  chain::Duration keepalive = chain::minutes(2);  // of silence, then a ping
  chain::SyncLimits sync{};
  std::uint64_t disk_reserve = 16 << 20;  // bytes that a step which takes blocks leaves free
  Recorder* recorder = nullptr;           // of all steps; it outlives the host
};

class Host : public LinkEvents {
 public:
  enum class Mining { taken, stale, no_space };
  static constexpr std::size_t kMaxReorgs = 50;      // that are remembered
  static constexpr std::size_t kMaxRejections = 20;  // that are remembered

  // Throws Failure if the store belongs to another network or does not verify.
  Host(Loop& loop, BlockStore& store, Links& links, AddressRegistry& registry, Log& log,
       const HostOptions& options);

  bool is_welcome(std::string_view ip) const override;
  void peer_up(chain::PeerId peer, chain::AddressId address) override;
  void peer_down(chain::PeerId peer) override;
  void dial_failed(chain::AddressId address, std::string_view reason) override;
  void dial_unneeded(chain::AddressId address, chain::PeerId connected,
                     std::string_view reason) override;
  void address_refused(chain::AddressId address, std::string_view reason) override;
  void received(chain::PeerId from, std::string_view frame) override;
  void oversized(chain::PeerId from) override;

  // Before the genesis: peers are configured, though none of them may have been dialed yet.
  void expect_peers() { expects_peers_ = true; }
  // Wishes for a connection, for good.
  void connect(chain::AddressId address);

  // A block made here. REQUIRES: !learning(), and it is valid after its parent.
  Mining mined(const chain::Block& block);
  // Called after every change of tip, and when the genesis is learnt.
  void on_tip(std::function<void()> handler) { on_tip_ = std::move(handler); }

  bool learning() const { return !life_; }
  // The committed chain. REQUIRES: !learning().
  const chain::BlockTree& tree() const { return life_->tree; }
  chain::BlockId tip() const { return life_->node.chain().tip(); }
  const BlockStore& bodies() const { return store_; }
  // "header_first", "push_chain", or "" while that is undecided.
  std::string_view protocol_of(chain::PeerId peer) const;
  // Where peers are told to dial. Before the first of them.
  void set_listens(std::string url) { options_.listens = std::move(url); }
  const HostOptions& options() const { return options_; }
  bool has_space();
  const NodeCounters& counters() const { return counters_; }
  bool is_out_of_space() const { return out_of_space_; }
  // The heaviest header that is known. REQUIRES: !learning().
  chain::BlockId best_header() const { return life_->node.best_header(); }
  // Of the frames of a peer that is connected.
  PeerTraffic traffic_of(chain::PeerId peer) const;
  // The newest last.
  const std::deque<Reorg>& reorgs() const { return reorgs_; }
  const std::deque<Rejection>& rejections() const { return rejections_; }
  // The tip that the peer told last, as far as it is known here; nothing before it told one.
  std::optional<chain::BlockId> tip_of(chain::PeerId peer) const;

 private:
  // What frames say besides blocks.
  struct Facts final : chain::FrameFacts {
    explicit Facts(const Host& of) : host(of) {}
    void append_data_json(chain::BlockId id, std::string& out) const override;
    chain::Hash network() const override { return host.life_->network; }
    std::string listens() const override { return host.options_.listens; }
    std::string address(std::uint32_t address) const override;
    const Host& host;
  };
  // What begins with a genesis.
  struct Life {
    Life(Host& host, const chain::Genesis& genesis);
    const chain::Hash network;
    const chain::NodeOptions options;
    chain::BlockTree tree;
    chain::Node node;
    chain::Intake intake;
  };

  void begin(const chain::Genesis& genesis);
  void step(const chain::Input& input);
  void withdraw_bodies();
  void note_sender(const chain::Received& received);
  void say(const chain::Effects& effects);
  void send(chain::PeerId to, const chain::Message& message);
  void dial(chain::AddressId address);
  void discourage(chain::PeerId peer);
  void take(chain::PeerId from, const chain::WireMessage& wire);
  bool may_teach(chain::PeerId peer) const;
  void learn_from(chain::PeerId from, std::string_view frame, const chain::WireMessage& wire);
  void send_all(const std::vector<GenesisLearner::Reply>& replies);
  void wake();
  void wake_no_later_than(chain::Time when);
  void log_tip(const chain::TipChange& change, chain::PeerId source);
  bool is_echo(const chain::Message& message) const;
  void note_rejection(const chain::Refused& refused);
  void count(const chain::Effects& effects);

  Loop& loop_;
  BlockStore& store_;
  Links& links_;
  AddressRegistry& registry_;
  Log& log_;
  HostOptions options_;
  Discouraged discouraged_;
  AddressExchange addresses_;
  const Facts facts_{*this};
  std::function<void()> on_tip_ = [] {};

  std::unique_ptr<Life> life_;
  chain::Effects effects_;
  std::vector<chain::BlockId> filled_;  // whose bodies came with the message of the step
  Timer alarm_;
  chain::Time armed_ = chain::kNever;

  // While there is no node: what it will be told.
  GenesisLearner learner_;
  bool expects_peers_ = false;
  std::set<chain::PeerId> configured_;  // came in, and are at addresses that were dialed
  std::map<chain::PeerId, chain::AddressId> dialled_;
  chain::Dialer dialer_;

  // The last frame encoded: a broadcast is encoded once.
  chain::Message framed_message_;
  Frame frame_;

  chain::BlockId too_large_ = chain::kNoBlock;  // the tip whose chain was last too large to send
  bool out_of_space_ = false;
  NodeCounters counters_;
  std::map<chain::PeerId, PeerTraffic> traffic_;
  std::deque<Reorg> reorgs_;
  std::deque<Rejection> rejections_;
};

}  // namespace net
