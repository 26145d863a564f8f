// Connections between nodes: latency, bandwidth, cuts, and what TCP makes of them.
//
// A connection is two streams, one a direction (`stream ^ 1` is the other). A stream delivers in
// order: jitter, queues and cuts show as delay or as a reset, never as reordering.
//
//   sent --- uplink queue, bytes/up --- latency --- downlink queue, bytes/down --- delivered
//
// Messages under kSmall bytes overtake other streams' messages in both queues, never their own's.
//
//   flowing -- arrives while cut --> stalled -- retransmit finds no cut --> flowing
//                                       |-- unacknowledged for tcp_timeout --> sender's end closed
//
// Each end is open or closed by itself: one that was closed during a cut leaves the other half-open
// until it hears of it. What arrives goes back to the simulator as events; no node is known here.
#pragma once

#include <cstdint>
#include <vector>

#include "core/io.h"
#include "net-sim/distribution.h"
#include "net-sim/event_queue.h"
#include "net-sim/pending.h"
#include "net-sim/scenario.h"

namespace sim {

using StreamId = std::uint32_t;
inline constexpr StreamId kNoStream = 0xffffffffu;

inline constexpr std::uint64_t kSmall = 1460;  // bytes; one segment
inline constexpr Duration kFirstRetransmission = chain::milliseconds(200);
inline constexpr Duration kLastRetransmission = chain::seconds(120);

// Who is cut off from whom. `group` has an entry for each node.
struct Cut {
  std::vector<std::uint32_t> group;
  bool one_way = false;  // only what group 0 sends is lost

  bool separates(NodeIndex from, NodeIndex to) const {
    return group[from] != group[to] && (!one_way || group[from] == 0);
  }
};

// A change of all links from nodes of set 1 to nodes of set 2, and back unless one_way.
struct LinkRule {
  std::vector<std::uint8_t> set;  // of each node: bit 0: in the first, bit 1: in the second
  LinkChange change;

  bool concerns(NodeIndex from, NodeIndex to) const {
    return ((set[from] & 1) != 0 && (set[to] & 2) != 0) ||
           (!change.one_way && (set[from] & 2) != 0 && (set[to] & 1) != 0);
  }
};

// What became of everything that was sent: the three sums and what is in flight make `sent`.
struct TrafficLedger {
  std::uint64_t sent = 0, delivered = 0;
  std::uint64_t lost_to_close = 0;  // in flight to an end that was closed
};

class Links {
 public:
  struct Rates {
    std::uint64_t up = kUnlimited, down = kUnlimited;  // bytes per second
  };

  Links(const Scenario& scenario, std::vector<Rates> rates, EventQueue<Pending>& queue);

  // An open connection, both ends up; returns the dialler's stream. Latency is drawn here.
  StreamId connect(NodeIndex dialler, NodeIndex acceptor);
  // The same, closed at both ends while the dial is on its way: `dialled` arrives, or
  // `dial_failed`.
  StreamId dial(NodeIndex dialler, NodeIndex acceptor, Time now);
  // The dial has arrived; true if the acceptor's end is open now (and `accepted` on its way back).
  bool take_dial(StreamId stream, Time now);
  // The dial has arrived where nobody listens: it fails, as soon as that is told.
  void refuse_dial(StreamId stream, Time now);
  // The answer would arrive on `stream`, the acceptor's; true if the dialler's end is open now. If
  // not, it is lost, and the dial fails in time.
  bool take_answer(StreamId stream, Time now);

  // Sends on `stream`, whose sending end is open.
  void send(StreamId stream, const chain::Message& message, std::uint64_t bytes, Time now);
  // Closes the sending end of `stream`; the other end hears of it in the stream's order.
  void close(StreamId stream, Time now);
  // A dial has led to a connection, or has failed: what began with dial() ends.
  void dial_is_over() { --signals_; }
  // Closes an end without a word to the other.
  void close_end(StreamId stream) { streams_[stream].open = false; }

  // A `deliver` or `fin` event is due: true if it reaches an open end now. If not, it stalls (and
  // comes again) or is lost.
  bool arrives(const Pending& event);
  void on_first_byte(const Pending& event);
  void on_retransmit(const Pending& event);
  // True if the sending end is to be closed now for want of acknowledgements.
  bool times_out(const Pending& event);

  void add_cut(std::uint64_t key, Cut cut);
  void remove_cut(std::uint64_t key);
  void add_rule(std::uint64_t key, LinkRule rule);
  void remove_rule(std::uint64_t key);

  bool is_cut(StreamId stream) const { return streams_[stream].cut; }
  bool is_open(StreamId stream) const { return streams_[stream].open; }
  NodeIndex sender(StreamId stream) const { return streams_[stream].from; }
  NodeIndex receiver(StreamId stream) const { return streams_[stream ^ 1].from; }
  // Whether the stream leaves the node that was dialled.
  static constexpr bool is_acceptors(StreamId stream) { return (stream & 1) != 0; }
  std::size_t size() const { return streams_.size(); }
  // The peer ids by which the stream's two nodes know the connection.
  chain::PeerId& peer_at_sender(StreamId stream) { return streams_[stream].peer; }
  chain::PeerId peer_at_receiver(StreamId stream) const { return streams_[stream ^ 1].peer; }

  const TrafficLedger& ledger() const { return ledger_; }
  std::uint64_t in_flight() const {
    return ledger_.sent - ledger_.delivered - ledger_.lost_to_close;
  }
  // Dials, answers and ends of connections that are on their way.
  std::uint64_t signals() const { return signals_; }

 private:
  struct Direction {
    Time last_arrival{};     // of what was sent so far
    Time last_first_byte{};  // at the downlink, of the same
    Duration latency{};
    NodeIndex from = 0;
    chain::PeerId peer = chain::kNoPeer;  // of this connection at `from`
    bool open = false;                    // the end at `from`
    bool cut = false;                     // from `from` to the other
    bool retransmitting = false;
    std::uint32_t stall = kNoStream;    // index into stalls_
    std::uint32_t before_downlink = 0;  // transfers whose first byte has not arrived
    std::uint32_t coming_again = 0;     // events retransmitted at this instant
    Time uplink_end{};
    Time dialled{};
    Duration timeout{};                  // before the next retransmission
    Time unacknowledged{chain::kNever};  // since when
    Duration base_latency{};
    bool fixed = false;        // the latency is a rule's, not a draw
    std::uint64_t jitter = 0;  // seed of the next draw, with latency per message
  };
  // A message on its way through a downlink.
  struct Transfer {
    StreamId stream;
    bool small;
    Duration transmission;  // at the downlink's rate
    Time last_byte;         // at full rate of the uplink
    Pending deliver;
  };

  StreamId add_connection(NodeIndex dialler, NodeIndex acceptor);
  void refresh(StreamId stream);
  void refresh_all();
  Duration latency_of(Direction& stream);
  void send_limited(StreamId id, Pending event, std::uint64_t bytes, Time now);
  void send_fin(StreamId id, Time now);
  void fail_dial(StreamId id, Time now);
  void enter_downlink(StreamId id, bool small, Duration transmission, Time last_byte,
                      Pending event);
  void enqueue(StreamId id, Pending event, Time earliest);
  void stall(StreamId id, const Pending& event);
  void drop(const Pending& event);
  void drop_stalled(StreamId id);
  void arm_retransmission(StreamId id, Time now);
  void note_unacknowledged(StreamId id, Time since);
  std::uint32_t take_transfer();

  const Scenario& scenario_;
  EventQueue<Pending>& queue_;
  Sampler latency_;
  bool per_message_ = false;
  bool limited_ = false;
  std::vector<Rates> rates_;
  std::vector<Time> uplink_free_, downlink_free_;
  std::vector<Direction> streams_;
  std::vector<std::vector<Pending>> stalls_;
  std::vector<std::uint32_t> free_stalls_;
  std::vector<Transfer> transfers_;
  std::vector<std::uint32_t> free_transfers_;
  std::vector<std::pair<std::uint64_t, Cut>> cuts_;
  std::vector<std::pair<std::uint64_t, LinkRule>> rules_;
  TrafficLedger ledger_;
  std::uint64_t signals_ = 0;
};

// The time that `bytes` take at `rate` bytes a second, rounded up, at most kMaxDuration; none at an
// unlimited rate.
Duration transmission_time(std::uint64_t bytes, std::uint64_t rate);

}  // namespace sim
