// Connections between nodes: latency, bandwidth, cuts, and what TCP makes of them.
//
// A connection is two streams, one a direction (`stream ^ 1` is the other). A stream delivers in
// order: jitter, queues and cuts show as delay or as a reset, never as reordering.
//
//   sent --- uplink queue --- the link's own queue --- latency --- downlink queue --- delivered
//
// Which queues there are, and whose messages wait in them, is the model of `network.bandwidth`
// (link_sending.cpp). Lost segments delay what they are lost from, and all behind it.
//
//   flowing -- arrives while cut --> stalled -- retransmit finds no cut --> flowing
//                                       |-- unacknowledged for tcp_timeout --> sender's end closed
//
// Each end is open or closed by itself: one that was closed during a cut leaves the other half-open
// until it hears of it. What arrives goes back to the simulator as events; no node is known here.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/io.h"
#include "core/prefetch.h"
#include "net-sim/event_queue.h"
#include "net-sim/far_future.h"
#include "net-sim/latency.h"
#include "net-sim/loss.h"
#include "net-sim/pending.h"
#include "net-sim/scenario.h"
#include "net-sim/traffic.h"

namespace sim {

using StreamId = std::uint32_t;
inline constexpr StreamId kNoStream = 0xffffffffu;

inline constexpr std::uint64_t kSmall = kSegment;  // smaller messages overtake other streams'
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

class Links {
 public:
  struct Rates {
    std::uint64_t up = kUnlimited, down = kUnlimited;  // bytes per second
  };
  // What a stream is like, as cuts and rules have made it: for those who build it elsewhere.
  struct Condition {
    Duration latency{};
    bool draws = false;               // a latency for each message
    std::uint64_t rate = kUnlimited;  // of the link itself, bytes per second
    std::uint64_t loss = 0;           // of a segment, in 2^-64
    std::int64_t factor = kBillion;   // of drawn latencies, in billionths
    bool cut = false;
    bool operator==(const Condition&) const = default;
  };

  // `regions` of the nodes, as draw_regions gives them (resolve.h).
  Links(const Scenario& scenario, std::vector<Rates> rates, EventQueue<Pending>& queue,
        const std::vector<std::uint32_t>& regions = {});

  // An open connection, both ends up; returns the dialler's stream. Latency is drawn here. What the
  // link has of its `own` it keeps when these two are connected again.
  StreamId connect(NodeIndex dialler, NodeIndex acceptor, const LinkOwn& own = {});
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

  // Sends on `stream`, whose sending end is open; false if the message is larger than `max_frame`
  // and stays where it is.
  bool send(StreamId stream, const chain::Message& message, std::uint64_t bytes, Time now);
  // Closes the sending end of `stream`; the other end hears of it in the stream's order.
  void close(StreamId stream, Time now);
  // A dial has led to a connection, or has failed: what began with dial() ends.
  void dial_is_over() { --signals_; }
  // Closes an end without a word to the other.
  void close_end(StreamId stream) { set(stream, kOpen, false); }

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

  bool is_cut(StreamId stream) const { return (streams_[stream].flags & kCut) != 0; }
  bool is_open(StreamId stream) const { return (streams_[stream].flags & kOpen) != 0; }
  NodeIndex sender(StreamId stream) const { return streams_[stream].from; }
  NodeIndex receiver(StreamId stream) const { return streams_[stream].to; }
  // Whether the stream leaves the node that was dialled.
  static constexpr bool is_acceptors(StreamId stream) { return (stream & 1) != 0; }
  std::size_t size() const { return streams_.size(); }
  // The peer ids by which the stream's two nodes know the connection.
  chain::PeerId peer_at_sender(StreamId stream) const { return streams_[stream].peer; }
  chain::PeerId peer_at_receiver(StreamId stream) const { return streams_[stream].other_peer; }
  void name_peer_at_sender(StreamId stream, chain::PeerId peer) {
    streams_[stream].peer = streams_[stream ^ 1].other_peer = peer;
  }

  // Hints: the stream, or the transfer of a `first_byte`, is wanted soon.
  void prefetch(StreamId stream) const {
    if (stream != kNoStream) chain::prefetch_line(&streams_[stream]);
  }
  void prefetch_transfer(std::uint32_t transfer) const {
    chain::prefetch_line(&transfers_[transfer]);
  }
  void prefetch_stream_of(std::uint32_t transfer) const { prefetch(transfers_[transfer].stream); }

  Condition condition(StreamId stream) const;
  // Of the next so many messages.  REQUIRES: condition(stream).draws.
  std::vector<Duration> next_draws(StreamId stream, std::size_t count) const;

  const TrafficLedger& ledger() const { return ledger_; }
  std::uint64_t in_flight() const { return ledger_.in_flight().messages; }
  // Dials, answers and ends of connections that are on their way.
  std::uint64_t signals() const { return signals_; }

 private:
  enum Flag : std::uint16_t {
    kOpen = 1,             // the end at `from`
    kOtherOpen = 2,        // the end at `to`
    kCut = 4,              // what `from` sends
    kBackCut = 8,          // what `to` sends, and its acknowledgements
    kStalled = 16,         // something waits for its retransmission
    kComingAgain = 32,     // or is retransmitted at this instant
    kUnacknowledged = 64,  // something may be
    kDraws = 128,          // a latency for each message
    kScaled = 256,         // times a factor
    kOwn = 512,            // the link has a rate or a loss of its own
  };
  static constexpr std::uint16_t kCondition = 127;
  static constexpr std::uint16_t kFlowing = kOpen | kOtherOpen;

  // One direction of a connection: all that a send and an arrival touch, in one cache line. What
  // concerns both directions stands in both.
  struct alignas(64) Direction {
    Time last_arrival{};      // of what was sent so far
    Time last_first_byte{};   // at the downlink, of the same
    Time upload_end{};        // at the sender, of the same
    Duration latency{};       // where it is not drawn for each message
    std::uint64_t draws = 0;  // generator of latencies
    NodeIndex from = 0, to = 0;
    chain::PeerId peer = chain::kNoPeer, other_peer = chain::kNoPeer;
    std::uint32_t before_downlink = 0;  // transfers whose first byte has not arrived
    std::uint16_t law = 0;              // of latencies
    std::uint16_t flags = 0;
  };
  static_assert(sizeof(Direction) == 64);
  // The rest; the first line is what a link of its own touches as well.
  struct alignas(64) Rare {
    Time free{};                      // the link's own server
    std::uint64_t rate = kUnlimited;  // of the same
    std::uint64_t loss = 0;           // of a segment, in 2^-64
    std::uint64_t lots = 0;           // generator of losses
    std::int64_t factor = kBillion;   // of drawn latencies, in billionths
    Duration base_latency{};          // before any rule, as are the next two
    std::uint64_t base_rate = kUnlimited, base_loss = 0;
    Time dialled{};
    Duration timeout = kFirstRetransmission;  // before the next retransmission
    Time unacknowledged{chain::kNever};       // since when
    std::uint32_t stall = kNoStream;          // index into stalls_
    std::uint32_t coming_again = 0;           // events retransmitted at this instant
    bool retransmitting = false;
    bool drawn = false;   // a latency for each message, unless a rule says another
    bool broken = false;  // something was given up: what was sent behind it is of no use
  };
  static_assert(sizeof(Rare) == 128);
  // Who waits for whom on the way. `none`: nobody, since every rate is unlimited.
  enum class Sharing : std::uint8_t { none, shared, per_link, one_upload };
  // When the first and the last byte of a message pass a place.
  struct Passage {
    Time first, last;
  };
  // A message on its way through a downlink.
  struct Transfer {
    StreamId stream;
    bool small;
    Duration transmission;  // at the downlink's rate
    Time last_byte;         // at full rate of the uplink
    Duration lost;          // what retransmissions take
    Pending deliver;
  };

  StreamId add_connection(NodeIndex dialler, NodeIndex acceptor, const LinkOwn& own);
  void set(StreamId id, Flag flag, bool on);
  void refresh(StreamId id);
  void refresh_all();
  // Of the next message: the link's own, or a new draw.
  Duration latency_of(StreamId id) {
    const Direction& stream = streams_[id];
    return (stream.flags & kDraws) == 0 ? stream.latency : draw_latency(id);
  }
  Duration draw_latency(StreamId id);
  void send_fin(StreamId id, Time now);
  void fail_dial(StreamId id, Time now);

  void transmit(StreamId id, const Pending& event, std::uint64_t bytes, Time now);
  Passage leave(Direction& stream, std::uint64_t bytes, Time now);
  void reach_downlink(StreamId id, const Pending& event, std::uint64_t bytes, Passage arriving,
                      Duration lost);
  void enter_downlink(StreamId id, const Transfer& transfer);
  void enqueue(StreamId id, Pending event);
  void enqueue(StreamId id, Pending event, Time earliest);
  std::uint32_t take_transfer();

  bool arrives_in_trouble(const Pending& event);
  void stall(StreamId id, const Pending& event);
  void drop(const Pending& event, Traffic& fault);
  void drop_stalled(StreamId id, Traffic& fault);
  void arm_retransmission(StreamId id, Time now);
  void note_unacknowledged(StreamId id, Time since);
  void note_acknowledged(StreamId id);

  const Scenario& scenario_;
  EventQueue<Pending>& queue_;
  const Latency latency_;
  const std::uint64_t max_frame_;
  Sharing sharing_ = Sharing::none;
  std::vector<Rates> rates_;
  std::vector<Time> uplink_free_, downlink_free_;
  std::vector<Direction> streams_;
  std::vector<Rare> rare_;
  std::map<std::pair<NodeIndex, NodeIndex>, LinkOwn> owns_;  // looked up where a link is dialled
  std::vector<std::vector<Pending>> stalls_;
  std::vector<std::uint32_t> free_stalls_;
  std::vector<Transfer> transfers_;
  std::vector<std::uint32_t> free_transfers_;
  std::vector<std::pair<std::uint64_t, Cut>> cuts_;
  std::vector<std::pair<std::uint64_t, LinkRule>> rules_;
  TrafficLedger ledger_;
  SizeBook sizes_;
  std::uint64_t signals_ = 0;
};

// The time that `bytes` take at `rate` bytes a second, rounded up, at most kMaxDuration; none at an
// unlimited rate.
Duration transmission_time(std::uint64_t bytes, std::uint64_t rate);

}  // namespace sim
