// Connections, watched from both ends: order, ends, places, requests, and the books of traffic.
//
// Each stream has a queue of its own of what was sent on it and has not arrived; what arrives must
// be its front. So every message touches one cache line of this checker where it is sent and the
// same where it arrives, which is most of what checking costs.
//
//   opened -> open -- a drop, the other end's close, its process' end, a cut's work --> closed
//
// What blocks mean does not belong here.
#pragma once

#include <deque>
#include <vector>

#include "net-sim/checked.h"

namespace sim {

class StreamChecker {
 public:
  StreamChecker(const Checked& world, ViolationLog& log);

  void stepped(NodeIndex node, const chain::Input& input, const chain::Effects& effects);
  void sent(Time now, StreamId stream, const chain::Message& message, std::uint64_t bytes,
            bool over_limit);
  void delivered(Time now, StreamId stream, const chain::Message& message);
  void opened(Time now, StreamId stream);
  void closed(StreamId stream);
  void stopped(NodeIndex node);
  // The books against the ledger of the links.
  void settle() const;

  bool is_open(StreamId stream) const { return stream < books_.size() && books_[stream].open; }
  std::size_t size() const { return books_.size(); }
  // Since when a request sent on this stream awaits its answer; kNever: none does.
  Time asked_since(StreamId stream) const;
  // But for headers and requests for them: those are said anew at each news, and have no budget.
  Traffic sent_by_honest() const { return honest_; }
  // Ends that were opened, and that are open.
  std::uint64_t openings() const { return openings_; }
  std::uint64_t open_ends() const { return open_ends_; }
  std::uint64_t open_ends_of(NodeIndex node) const;
  // When something other than a keepalive was last sent, what, and on which stream.
  Time last_busy() const { return last_busy_; }
  StreamId last_busy_stream() const { return last_busy_stream_; }
  chain::MessageType last_busy_type() const { return last_busy_type_; }
  // Requests for bodies that one peer has in hand at most: kMostRequests in the window, and one for
  // each tip that it told of and that was the next. Behind a cut in one direction these wait for as
  // long as TCP holds on, 15 min, and arrive at once. (Headers are asked for anew at each news.)
  static constexpr std::uint16_t kMostUnanswered = 1024;

 private:
  struct Item {
    chain::Message message;
    std::uint64_t bytes;
  };
  static constexpr std::uint32_t kNoOverflow = 0xffffffffu;
  struct alignas(64) Book {
    std::array<Item, 2> next;  // of what is under way, the oldest
    std::uint32_t overflow = kNoOverflow;
    std::uint16_t held = 0;  // in `next`
    bool open = false;
    bool drop_asked = false;
    std::uint16_t bodies_asked = 0;
    bool headers_asked = false;
  };

  Book& book(StreamId stream);
  void push(Book& book, const Item& item);
  void pop(Book& book);
  void note_request(Time now, StreamId stream, Book& book, chain::MessageType type);
  void judge_size(StreamId stream, const chain::Message& message, std::uint64_t bytes);
  void judge_drops(NodeIndex node, const chain::Input& input, const chain::Effects& effects);
  void judge_places(StreamId stream);
  bool original(StreamId stream) const { return world_.is_original(world_.links.sender(stream)); }

  const Checked& world_;
  ViolationLog& log_;
  bool cuts_ = false;  // whether the scenario has any, after which connections end by themselves
  std::vector<Book> books_;
  std::vector<std::deque<Item>> overflows_;
  std::vector<std::uint32_t> free_overflows_;
  std::vector<Time> asked_;                     // by stream, of the oldest unanswered
  std::vector<std::vector<StreamId>> by_peer_;  // by node and peer
  Traffic sent_, delivered_, over_limit_, under_way_, honest_;
  std::uint64_t openings_ = 0, open_ends_ = 0;
  Time last_busy_;
  StreamId last_busy_stream_ = kNoStream;
  chain::MessageType last_busy_type_ = chain::MessageType::ping;
};

}  // namespace sim
