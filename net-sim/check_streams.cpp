#include "net-sim/check_streams.h"

#include <algorithm>

namespace sim {
namespace {

using chain::MessageType;

constexpr std::uint64_t kPageBytes = 1 << 20;  // with its frame

// What may end connections without either node's doing: a reset, or a time-out after a cut.
bool has_cuts(const Scenario& scenario) {
  const auto cuts = [](const LinkChange& change) { return change.cut.value_or(false); };
  return std::any_of(scenario.links.begin(), scenario.links.end(), cuts) ||
         std::any_of(scenario.events.begin(), scenario.events.end(), [&](const Event& event) {
           const auto* change = std::get_if<LinkChange>(&event.action);
           return std::holds_alternative<Partition>(event.action) ||
                  (change != nullptr && cuts(*change));
         });
}

// What is said where nothing happens: pings, and the greetings of connections dialled again. Two
// nodes that each wish for the other dial in vain for ever, as seldom as redialling allows: one of
// two connections is dropped as the second.
bool is_keepalive(MessageType type) {
  return type == MessageType::ping || type == MessageType::pong || type == MessageType::get_peers ||
         type == MessageType::peers || type == MessageType::hello ||
         type == MessageType::query_latest || type == MessageType::reject;
}

std::string two(const Links& links, StreamId stream) {
  return std::to_string(links.sender(stream)) + "->" + std::to_string(links.receiver(stream));
}

}  // namespace

StreamChecker::StreamChecker(const Checked& world, ViolationLog& log)
    : world_(world), log_(log), cuts_(has_cuts(world.scenario)), by_peer_(world.honest.size()) {}

StreamChecker::Book& StreamChecker::book(StreamId stream) {
  if (stream >= books_.size()) {
    books_.resize((stream | 1) + 1);
    asked_.resize(books_.size(), chain::kNever);
  }
  return books_[stream];
}

void StreamChecker::push(Book& book, const Item& item) {
  under_way_.add(item.bytes);
  if (book.held < book.next.size()) {
    book.next[book.held++] = item;
    return;
  }
  if (book.overflow == kNoOverflow) {
    if (free_overflows_.empty()) {
      free_overflows_.push_back(static_cast<std::uint32_t>(overflows_.size()));
      overflows_.emplace_back();
    }
    book.overflow = free_overflows_.back();
    free_overflows_.pop_back();
  }
  overflows_[book.overflow].push_back(item);
}

// REQUIRES: something is under way.
void StreamChecker::pop(Book& book) {
  under_way_ -= {1, book.next[0].bytes};
  book.next[0] = book.next[1];
  --book.held;
  if (book.overflow == kNoOverflow) return;
  std::deque<Item>& overflow = overflows_[book.overflow];
  book.next[book.held++] = overflow.front();
  overflow.pop_front();
  if (!overflow.empty()) return;
  free_overflows_.push_back(book.overflow);
  book.overflow = kNoOverflow;
}

void StreamChecker::sent(Time now, StreamId stream, const chain::Message& message,
                         std::uint64_t bytes, bool over_limit) {
  Book& own = book(stream);
  const NodeIndex sender = world_.links.sender(stream);
  if (!own.open) {
    log_.report(Invariant::nothing_after_close, sender, original(stream),
                "sent " + std::string(name_of(message.type)) + " on " + two(world_.links, stream) +
                    ", which is not open");
  }
  sent_.add(bytes);
  const bool headers =
      message.type == MessageType::headers || message.type == MessageType::get_headers;
  const bool ends_soon = world_.reject_each_other(sender, world_.links.receiver(stream));
  if (world_.honest[sender] != 0 && !headers && !ends_soon) honest_.add(bytes);
  if (!is_keepalive(message.type) && !ends_soon) {
    last_busy_ = now;
    last_busy_stream_ = stream;
    last_busy_type_ = message.type;
  }
  if (message.type == MessageType::get_blocks || message.type == MessageType::get_headers ||
      message.type == MessageType::headers || bytes > kPageBytes) {
    if (world_.honest[sender] != 0) judge_size(stream, message, bytes);
  }
  if (over_limit) {
    over_limit_.add(bytes);
  } else {
    push(own, {message, bytes});
  }
}

// Counted where it arrives: what waits for a cut to heal costs the other side nothing yet.
void StreamChecker::note_request(Time now, StreamId stream, Book& own, MessageType type) {
  if (own.bodies_asked == 0 && !own.headers_asked) asked_[stream] = now;
  if (type == MessageType::get_headers) {
    own.headers_asked = true;
    return;
  }
  std::uint16_t& asked = own.bodies_asked;
  if (asked <= kMostUnanswered) ++asked;
  const NodeIndex sender = world_.links.sender(stream);
  const bool honest =
      world_.honest[sender] != 0 && world_.honest[world_.links.receiver(stream)] != 0;
  if (asked <= kMostUnanswered || !honest) return;  // what an attacker makes others ask it pays for
  log_.report(Invariant::requests_bounded, sender, original(stream),
              std::to_string(asked) + " requests for bodies await an answer on " +
                  two(world_.links, stream) + "; at most " + std::to_string(kMostUnanswered));
}

void StreamChecker::judge_size(StreamId stream, const chain::Message& message,
                               std::uint64_t bytes) {
  const bool asks = message.type == MessageType::get_blocks;
  const NodeIndex sender = world_.links.sender(stream);
  if (asks && message.count() > world_.options[sender].limits->bodies_per_request) {
    log_.report(Invariant::requests_bounded, sender, original(stream),
                "asked for " + std::to_string(message.count()) + " bodies at once; at most " +
                    std::to_string(world_.options[sender].limits->bodies_per_request));
  }
  const bool too_many =
      message.type == MessageType::headers && message.count() > chain::kMaxHeaders;
  const bool one_body = message.type == MessageType::latest_block ||
                        (message.type == MessageType::blocks && message.count() == 1);
  const bool too_long = bytes > kPageBytes && !one_body && message.type != MessageType::headers;
  if (!too_many && !too_long) return;
  log_.report(Invariant::messages_bounded, sender, chain::is_original(message.type),
              std::string(name_of(message.type)) + " of " + std::to_string(bytes) + " bytes on " +
                  two(world_.links, stream));
}

void StreamChecker::delivered(Time now, StreamId stream, const chain::Message& message) {
  Book& own = book(stream);
  Book& back = books_[stream ^ 1];
  const NodeIndex receiver = world_.links.receiver(stream);
  if (!back.open) {
    log_.report(Invariant::nothing_after_close, receiver, original(stream),
                std::string(name_of(message.type)) + " arrived on " + two(world_.links, stream) +
                    ", where nobody listens");
  }
  if (own.held == 0 || own.next[0].message != message) {
    log_.report(Invariant::delivery_in_order, receiver, original(stream),
                std::string(name_of(message.type)) + " arrived on " + two(world_.links, stream) +
                    "; next was " +
                    (own.held == 0 ? "nothing" : std::string(name_of(own.next[0].message.type))));
    return;
  }
  delivered_.add(own.next[0].bytes);
  pop(own);
  const bool asks =
      message.type == MessageType::get_blocks || message.type == MessageType::get_headers;
  if (asks) note_request(now, stream, own, message.type);
  if (message.type == MessageType::blocks && back.bodies_asked > 0) --back.bodies_asked;
  if (message.type == MessageType::headers || message.type == MessageType::inv) {
    back.headers_asked = false;
  }
}

Time StreamChecker::asked_since(StreamId stream) const {
  const Book& own = books_[stream];
  return own.open && (own.bodies_asked > 0 || own.headers_asked) ? asked_[stream] : chain::kNever;
}

void StreamChecker::opened(Time now, StreamId stream) {
  Book& own = book(stream);
  own.open = true;
  ++openings_;
  ++open_ends_;
  const NodeIndex node = world_.links.sender(stream);
  auto& peers = by_peer_[node];
  const chain::PeerId peer = world_.links.peer_at_sender(stream);
  if (peer >= peers.size()) peers.resize(peer + 1, kNoStream);
  peers[peer] = stream;
  // The network's first connections are drawn, not dialled.
  const bool dialled = now > chain::kTimeZero && Links::is_acceptors(stream);
  if (world_.scenario.network.max_inbound && dialled) judge_places(stream);
}

std::uint64_t StreamChecker::open_ends_of(NodeIndex node) const {
  const auto& peers = by_peer_[node];
  return static_cast<std::uint64_t>(
      std::count_if(peers.begin(), peers.end(), [&](StreamId s) { return is_open(s); }));
}

void StreamChecker::judge_places(StreamId stream) {
  const NodeIndex node = world_.links.sender(stream);
  const std::uint32_t most = *world_.scenario.network.max_inbound;
  if (world_.honest[node] == 0) return;
  const auto taken = std::count_if(by_peer_[node].begin(), by_peer_[node].end(), [&](StreamId s) {
    return s != kNoStream && books_[s].open && Links::is_acceptors(s);
  });
  if (static_cast<std::uint32_t>(taken) <= most) return;
  log_.report(
      Invariant::places_bounded, node, original(stream),
      std::to_string(taken) + " connections came in; there is room for " + std::to_string(most));
}

void StreamChecker::closed(StreamId stream) {
  Book& own = book(stream);
  const bool has_reason = own.drop_asked || !books_[stream ^ 1].open || cuts_;
  if (!has_reason) {
    log_.report(Invariant::close_is_local, world_.links.sender(stream), original(stream),
                two(world_.links, stream) + " closed, though neither end had wished for it");
  }
  if (own.open) --open_ends_;
  own.open = false;
}

void StreamChecker::stopped(NodeIndex node) {
  for (StreamId stream = 0; stream < books_.size(); ++stream) {
    if (!books_[stream].open || world_.links.sender(stream) != node) continue;
    books_[stream].open = false;
    --open_ends_;
  }
  by_peer_[node].clear();
}

void StreamChecker::stepped(NodeIndex node, const chain::Input& input,
                            const chain::Effects& effects) {
  if (!effects.drops().empty()) judge_drops(node, input, effects);
  if (const auto* down = std::get_if<chain::PeerDown>(&input)) {
    if (down->peer < by_peer_[node].size()) by_peer_[node][down->peer] = kNoStream;
  }
}

void StreamChecker::judge_drops(NodeIndex node, const chain::Input& input,
                                const chain::Effects& effects) {
  if (world_.honest[node] != 0 && std::holds_alternative<chain::PeerDown>(input)) {
    log_.report(Invariant::close_is_local, node, world_.is_original(node),
                "the end of one connection made it drop another");
  }
  for (const chain::Drop& drop : effects.drops()) {
    const auto& peers = by_peer_[node];
    const StreamId stream = drop.peer < peers.size() ? peers[drop.peer] : kNoStream;
    if (stream == kNoStream) {
      log_.report(Invariant::nothing_after_close, node, world_.is_original(node),
                  "dropped a connection that had ended");
      continue;
    }
    books_[stream].drop_asked = true;
    // No longer wished for; the second of two connections; silent, as whoever is cut off is.
    const bool allowed = drop.why == chain::Offence::none ||
                         drop.why == chain::Offence::duplicate ||
                         drop.why == chain::Offence::silent;
    const NodeIndex other = world_.links.receiver(stream);
    if (allowed || world_.honest[node] == 0 || world_.honest[other] == 0) continue;
    if (drop.why == chain::Offence::invalid_block && world_.reject_each_other(node, other))
      continue;
    log_.report(Invariant::honest_kept, node, world_.is_original(node),
                "dropped node " + std::to_string(other) +
                    ", which is honest: " + std::string(name_of(drop.why)));
  }
}

void StreamChecker::settle() const {
  const TrafficLedger& ledger = world_.links.ledger();
  Traffic left = ledger.in_flight();
  left += ledger.lost_to_close;
  left += ledger.lost_to_timeout;
  const auto pair = [](const Traffic& t) {
    return std::to_string(t.messages) + " messages of " + std::to_string(t.bytes) + " bytes";
  };
  const auto compare = [&](const char* what, const Traffic& own, const Traffic& theirs) {
    if (own == theirs) return;
    log_.report(Invariant::traffic_conserved, 0, false,
                std::string(what) + ": " + pair(own) + " by the checker's books, " + pair(theirs) +
                    " by the links'");
  };
  compare("sent", sent_, ledger.sent);
  compare("delivered", delivered_, ledger.delivered);
  compare("larger than a frame may be", over_limit_, ledger.over_max_frame);
  compare("in flight or lost", under_way_, left);
}

}  // namespace sim
