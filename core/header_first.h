// The protocol that replaces the original: headers first, then bodies, and nothing said twice.
//
//   connection opens            -> Hello(own tip), either side
//   a tip not known, and heavy  -> next of the own tip: GetBlocks(it), else GetHeaders(locator)
//   GetHeaders                  -> a page of Headers after the first entry known, or Inv(own tip)
//   Headers, requested          -> known from now on; GetHeaders again until the announced tip
//   Headers of low work         -> not stored; GetHeaders again (headers_sync.h)
//   bodies wanted               -> GetBlocks, in a window, from every peer that has them
//   GetBlocks                   -> Blocks: the first of them, a page
//   Blocks                      -> stored; the heaviest chain that is all there is followed
//   own tip moved               -> Inv, Headers or Blocks to each peer not known to have it
//   silence                     -> Ping(own tip): the dialler, later the other; no Pong: it ends
//
// A body is asked of one peer at a time, of another after a timeout or where it did not fit its
// header. Invalid and low-work blocks arrive as staged ids (intake.h).
#pragma once

#include <optional>
#include <vector>

#include "core/body_times.h"
#include "core/peer_list.h"
#include "core/protocol.h"

namespace chain {

class HeaderFirst final : public Protocol {
 public:
  // `wish`: how this node is to be told of new blocks.
  HeaderFirst(Relay wish, Duration keepalive, std::uint64_t nonce)
      : keepalive_(keepalive), nonce_(nonce), wish_(wish) {}

  void reserve(std::size_t peers) { peers_.reserve(peers); }

  void on_peer_up(Context&, PeerId, bool dialled) override;
  void on_peer_down(Context&, PeerId) override;
  void on_message(Context&, PeerId from, const Message&) override;
  void on_tip(Context&, PeerId source, BlockId tip, TipCause cause) override;
  void on_wake(Context&);

  BlockId best_header() const { return best_header_; }  // kNoBlock before the first peer
  // What the peer has told last: known, or a name; kNoBlock: nothing.
  BlockId tip_of(PeerId id) const {
    const Peer* peer = peers_.find(id);
    if (peer == nullptr) return kNoBlock;
    return peer->claimed != kNoBlock ? peer->claimed : peer->known;
  }
  // Whether an answer is under way that would change something.
  bool waits() const;
  // A hint: a message from this peer is to come; about blocks, or only of a tip.
  void prefetch(PeerId from, bool blocks) const {
    peers_.prefetch(from, blocks);
    if (!requests_.empty()) prefetch_line(requests_.data());
  }

 private:
  // Half a cache line, and never in two.
  struct alignas(32) Peer {
    PeerId id = kNoPeer;
    std::uint16_t requests = 0;  // that await its answer
    bool dialled : 1 = false;
    bool speaks : 1 = false;         // has said hello
    bool slow : 1 = false;           // let a body's timeout pass, and has delivered none since
    bool headers_late : 1 = false;   // let header_timeout pass, and has answered nothing since
    bool named_it : 1 = false;       // `known` by its hash alone: it has sent no header of it
    bool pinged : 1 = false;         // and has said nothing since
    bool asked_headers : 1 = false;  // see headers_asked_
    bool idle : 1 = false;           // has no body to ask for until one arrives or a request ends
    Relay relay = Relay::headers;
    BlockId known = kNoBlock;               // the heaviest block that it has, as it told us
    BlockId told = kNoBlock;                // the last of ours that we told it
    BlockId claimed = kNoBlock;             // a tip of its that is not known here
    std::uint32_t claim_is_old : 1 = 0;     // it has told of `known` since
    std::uint32_t delivered : 1 = 0;        // has sent a body
    std::uint32_t no_room : 1 = 0;          // for bodies up to `known`, beside the own chain
    std::uint32_t claim_refused : 1 = 0;    // headers towards it were refused since it was told
    std::uint32_t claimed_height : 28 = 0;  // as it says; 0: it does not
    Time heard{};
  };
  static_assert(sizeof(Peer) == 32);
  struct HeadersAsked {
    PeerId peer = kNoPeer;
    BlockId from = kNoBlock;    // the block whose followers were asked for
    std::uint32_t reached = 0;  // height of the last page's end in this download; 0: none came yet
    BlockId goal = kNoBlock;    // an announced block that did not link, to be reached; or kNoBlock
    Time due = kNever;          // when other peers are asked, too
    Time since = kNever;        // when kMaxHeaders headers began to be awaited; kNever: now
    std::uint32_t headers = 0;  // that came since then
    bool is_slow = false;       // fewer than kMaxHeaders came in header_timeout
  };
  // Bodies asked of a peer: the last `count` blocks of the path to `last`.
  struct Request {
    PeerId peer;
    BlockId last;  // staged: named, not known
    std::uint32_t count;
    Time due;
    Time asked;                  // of `peer`
    bool by_name;                // for an announced tip, wherever it stands
    bool doubled;                // two peers were asked, and no third is
    std::vector<PeerId> late{};  // were asked before, and have not answered in time
    Time first_asked{};          // of the first of them
  };

  bool has(const Context&, const Peer&, BlockId block) const;
  // By what it told of a block; `earlier`: by a hash, before what it told of last.
  enum class Told : std::uint8_t { hash, header, earlier };
  void note(const Context&, Peer&, BlockId block, Told how);
  void note_last(const Context&, Peer&, BlockId last);
  void on_tip_told(Context&, Peer&, const Message&, std::uint32_t height);
  void tell_tip(Context&, Peer&, MessageType type);
  void on_hello(Context&, Peer&, const Message&);
  void on_get_headers(Context&, Peer&, const Message&);
  void on_headers(Context&, Peer&, const Message&);
  void on_get_blocks(Context&, Peer&, const Message&);
  void on_blocks(Context&, Peer&, const Message&);
  bool starts_known(const Context&, const Message&) const;
  bool refused(Context&, Peer&, const Message&);
  void on_other_body(Context&, Peer&, const Message&);
  void settle_claims(Context&);

  void on_low_work(Context&, Peer&, const HeadersAsked& asked, BlockId next);
  static bool is_low_work(const Context&, const HeadersAsked&);
  bool is_answer(const Context&, const Peer&, const Message& inv) const;
  bool on_announced_tip(Context&, Peer&, const Message&);
  // A tip whose branch was downloaded from the peer in vain.
  struct TooLight {
    PeerId peer;
    Hash tip;
  };
  bool was_too_light(const Context&, const Peer&, BlockId tip) const;
  void note_too_light(const Context&, const Peer&, BlockId tip);

  void ask_headers(Context&, Peer&, BlockId from, const HeadersAsked& before);
  static bool judge_pace(const Context&, HeadersAsked&);
  void ask_towards(Context&, Peer&, BlockId goal);
  bool may_ask_headers(const Context&, const Peer&) const;
  void ask_next_headers(Context&, const HeadersAsked& before);
  void ask_next_headers(Context& context) { ask_next_headers(context, {}); }
  std::optional<HeadersAsked> end_asked_headers(Peer&);
  void fetch(Context&);
  void fetch_from(Context&, Peer&);
  void put_last(const Peer&);
  void begin_fetch();
  void look(Context&, std::size_t looks);
  bool may_open_window(Context&, const Peer&);
  bool is_last_choice(Context&, const Peer&) const;
  void ask_window(Context&, Peer&);
  void open_window(Context&, BlockId target);
  void mark_requested(Context&);
  void wake_idle();
  static bool covers(const BlockTree&, const Request&, BlockId block);
  bool is_asked(Context&, BlockId block) const;
  static bool is_here(const Context&, const Request&);
  bool others_have_first(const Context&, const Request&) const;
  static bool sent_header(const Context&, const Peer&, BlockId block);
  // A body is asked of the peer of the highest rank. A peer that let a request time out comes last.
  // A peer that sent the header comes before one that sent the hash. If the latter was asked, the
  // first that sends the header is asked at once, too: one duplicate for each body at most.
  static unsigned rank(const Peer&, bool sent_header);
  static unsigned rank(const Context&, const Peer&, BlockId block);
  Time due(const Context&, const Peer&, BlockId last, std::uint32_t count) const;
  void ask_bodies(Context&, Peer&, BlockId last, std::uint32_t count, bool by_name = false);
  void ask_in_parallel(Context&, Peer&, BlockId block);
  static void hurry(Context&, Request&, Time due);
  bool ask_another(Context&, Request&, bool slow);
  bool is_asked_twice(const Context&, const Request&) const;
  struct Answered {
    bool any = false;
    bool by_window = false;  // and not for an announced tip alone
    bool in_part = false;    // fewer bodies came than were asked for
  };
  Answered end_requests(const Context&, PeerId from, const Message& answer);
  void advance(Context&, PeerId source, BlockId towards);
  void announce(Context&, Peer&, BlockId tip);
  void look_after_peers(Context&);
  bool claims_wait_too_long(Context&);
  void look_after_requests(Context&);

  // Returns how many requests ended.
  template <typename Ends>
  std::size_t end_requests_if(Ends ends) {
    return std::erase_if(requests_, [&](const Request& request) {
      if (!ends(request)) return false;
      Peer* const peer = peers_.find(request.peer);
      if (peer != nullptr) --peer->requests;
      return true;
    });
  }

  // A block of the path that is fetched.
  struct Wanted {
    BlockId block;
    bool is_asked;
  };
  // The blocks to ask for on the path to `target`, for all peers that one step asks.
  struct Window {
    BlockId target = kNoBlock;  // kNoBlock: it is not open
    std::uint32_t first = 0;    // height of the first block
    std::size_t next = 0;       // all before it are asked for
    std::size_t looks = 0;      // of all windows since peers are asked
    std::vector<Wanted> blocks{};
  };

  Window window_;                    // of fetch alone, kept for its room
  std::vector<TooLight> too_light_;  // one for a peer
  PeerId turn_ = kNoPeer;            // comes first of its rank when peers are asked next
  PeerId passed_ = kNoPeer;          // the first that got no window when it was last asked
  bool headers_late_ = false;        // a peer let header_timeout pass: all others are asked
  bool were_late_ = false;           // a peer let a timeout pass, some time in this life
  Duration keepalive_;
  std::uint64_t nonce_;
  std::uint64_t body_bytes_ = 0;  // of an average block of late; 0: none came
  BodyTimes body_times_;
  // What most messages touch comes last, and so stands together.
  std::vector<HeadersAsked> headers_asked_;
  PeerList<Peer> peers_;
  std::vector<Request> requests_;
  Time claims_wait_since_ = kNever;  // while the own chain stands still
  BlockId best_header_ = kNoBlock;   // the heaviest header known; first seen of equals
  Relay wish_;
};

}  // namespace chain
