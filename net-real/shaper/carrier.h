// When what was sent arrives: latency, rates, cuts, loss and the order of a stream, for real bytes.
//
//   sent --- uplink --- the link's own rate --- latency --- downlink --- arrived
//
//   flowing -- arrives while cut --> stalled -- retransmission finds no cut --> flowing
//
// The rules are those of a scenario with bandwidth model `shared`: a node's uplink and downlink are
// first-in-first-out servers of bytes, small messages overtake other streams', lost segments and
// cuts show as delay. The simulator has code of its own for them, made for millions of events; a
// test holds the two together. A carrier knows no socket and no clock but its agenda.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/time.h"
#include "net-real/shaper/frames.h"

namespace net {

// What is to be done, and when. Tasks of one instant are done in the order in which they came.
class Agenda {
 public:
  virtual ~Agenda() = default;
  // Within a task: when that was due, so that being late does not add up.
  virtual chain::Time now() const = 0;
  virtual void at(chain::Time when, std::function<void()> task) = 0;
};

// What the way from one node to another is like.
struct LinkState {
  chain::Duration latency{};
  std::vector<chain::Duration> draws{};  // of one message after the other, again and again; empty:
                                         // always `latency`
  std::uint64_t rate = 0;                // bytes per second; 0: unlimited
  double loss = 0;                       // probability of a segment to be lost
  bool cut = false;
};

using NodeNumber = std::uint32_t;
using StreamNumber = std::uint32_t;  // one direction of a connection; `^ 1` is the other

class Carrier {
 public:
  // Told of what happens at the ends, from the agenda's tasks.
  class Ends {
   public:
    virtual ~Ends() = default;
    // The dial has reached the other node.
    virtual void dialled(StreamNumber stream) = 0;
    virtual void dial_failed(StreamNumber stream) = 0;
    // At the receiver; `due` is when.
    virtual void arrived(StreamNumber stream, Piece piece, chain::Time due) = 0;
    // The receiver hears that the sender's end is closed.
    virtual void ended(StreamNumber stream, chain::Time due) = 0;
  };
  struct Rates {
    std::uint64_t up = 0, down = 0;  // bytes per second; 0: unlimited
  };

  static constexpr std::uint64_t kSmall = 1460;  // smaller messages overtake other streams'

  Carrier(Agenda& agenda, Ends& ends) : agenda_(agenda), ends_(ends) {}

  void set_rates(NodeNumber node, const Rates& rates);
  void set_link(NodeNumber from, NodeNumber to, LinkState state);
  void set_dial_timeout(chain::Duration timeout) { dial_timeout_ = timeout; }
  // While it is off everything arrives at once.
  void set_shaping(bool on) { is_shaping_ = on; }

  // `from` dials `to`: its end is open. Returns the stream from `from` to `to`.
  StreamNumber dial(NodeNumber from, NodeNumber to);
  // The dialled end is open; or nobody took the dial.
  void accept(StreamNumber stream);
  void refuse(StreamNumber stream);
  // REQUIRES: the stream's sending end is open.
  void send(StreamNumber stream, Piece piece);
  // The stream's sending end closes, and takes nothing any more; the other end hears of it.
  void close(StreamNumber stream);
  // Without a word to the other.
  void close_end(StreamNumber stream) { streams_[stream].is_open = false; }

  bool is_open(StreamNumber stream) const { return streams_[stream].is_open; }
  NodeNumber sender(StreamNumber stream) const { return streams_[stream].from; }
  NodeNumber receiver(StreamNumber stream) const { return streams_[stream].to; }
  std::size_t size() const { return streams_.size(); }

 private:
  struct Item {
    Piece piece;
    bool is_end = false;
  };
  struct Node {
    Rates rates;
    chain::Time uplink_free{}, downlink_free{};
  };
  struct Stream {
    NodeNumber from = 0, to = 0;
    bool is_open = false;  // the end at `from`
    chain::Time last_arrival{}, last_first_byte{}, upload_end{};
    chain::Time own_free{};  // the link's own server
    chain::Time dialled{};
    std::size_t drawn = 0;  // of the link's draws
    std::uint32_t before_downlink = 0;
    std::deque<Item> stalled;
    chain::Duration timeout = kFirstRetransmission;
    bool is_retransmitting = false;
    bool is_unacknowledged = false;
  };
  static constexpr chain::Duration kFirstRetransmission = chain::milliseconds(200);
  static constexpr chain::Duration kLastRetransmission = chain::seconds(120);
  static constexpr int kMaxRounds = 32;

  const LinkState& link(StreamNumber id) const;
  bool is_cut(StreamNumber id) const { return link(id).cut; }
  chain::Duration latency_of(StreamNumber id);
  chain::Duration loss_of(StreamNumber id, std::uint64_t bytes);
  void carry(StreamNumber id, Item item, std::uint64_t bytes);
  void enter_downlink(StreamNumber id, Item item, std::uint64_t bytes, chain::Time last,
                      chain::Duration lost);
  void enqueue(StreamNumber id, Item item, chain::Time earliest);
  void arrive(StreamNumber id, Item item, chain::Time due);
  void hand_over(StreamNumber id, Item item, chain::Time due);
  void end(StreamNumber id);
  void note_unacknowledged(StreamNumber id);
  void arm_retransmission(StreamNumber id);
  void retransmit(StreamNumber id);

  Agenda& agenda_;
  Ends& ends_;
  bool is_shaping_ = true;
  chain::Duration dial_timeout_ = chain::seconds(10);
  std::vector<Node> nodes_;
  std::map<std::pair<NodeNumber, NodeNumber>, LinkState> links_;
  std::deque<Stream> streams_;
  chain::Random random_{1};
};

}  // namespace net
