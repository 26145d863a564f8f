// The original protocol of the tutorial, faults included, because studying them is the point.
//
//   connection opens, either side   -> send QueryLatest
//   QueryLatest                     -> answer LatestBlock(own tip)
//   LatestBlock that extends        -> append, LatestBlock to ALL peers, the sender included
//   LatestBlock that does not       -> answer WholeChain(own)
//   WholeChain that replaces        -> follow it, WholeChain to ALL peers, the sender included
//   WholeChain that does not        -> nothing
//   mined                           -> LatestBlock to all peers
//
// "Replaces" is check_replacement (chain_rules.h): height decides, and a chain that is one block
// longer than the own and continues it is refused ("one block short"). Nothing is asked later, so a
// node that missed a block stays behind until the next one.
#pragma once

#include <vector>

#include "core/peer_list.h"
#include "core/protocol.h"

namespace chain {

// How a node speaks it. A node of the replacement is a bridge to those of the original: it tells
// each peer what that peer can take, answers who is behind, and never echoes to the source, so that
// no storm starts or passes through it. It follows the heavier chain, also one block longer.
//
// A peer that follows other rules rejects the bridge's tip and sends its own chain back, for as
// long as it is answered. In reply to what is older the bridge therefore sends a peer one tip once
// as a block and once as a whole chain, for each connection. Rationale: the block goes only to a
// peer at the parent of the tip, and no node of the original is there twice. The whole chain is of
// use to any other, unless it has reached the parent meanwhile, and then needs the block. A block
// that stands ahead, or beside, is answered with the own tip, which makes the peer send its chain;
// until that comes, with each tip once.
enum class Manners : std::uint8_t { original, bridge };

class PushChain final : public Protocol {
 public:
  explicit PushChain(Manners manners) : manners_(manners) {}
  void reserve(std::size_t peers) { peers_.reserve(peers); }

  void on_peer_up(Context&, PeerId, bool dialled) override;
  void on_peer_down(Context&, PeerId) override;
  void on_message(Context&, PeerId from, const Message&) override;
  void on_tip(Context&, PeerId source, BlockId tip, TipCause cause) override;
  // What the peer has told or been told last; kNoBlock: nothing. Known to a bridge alone.
  BlockId tip_of(PeerId id) const {
    const Peer* peer = peers_.find(id);
    return peer == nullptr ? kNoBlock : peer->told;
  }

 private:
  void on_latest_block(Context&, PeerId from, const Message&);
  void on_whole_chain(Context&, PeerId from, const Message&);
  void bridge_latest_block(Context&, PeerId from, const Message&);
  void bridge_whole_chain(Context&, PeerId from, const Message&);
  struct Peer {
    PeerId id;
    // Bridge only: its tip, as it told us or was told; and whether it has said anything, without
    // which it may be no original, and is told nothing.
    BlockId told = kNoBlock;
    bool speaks = false;
    // Bridge only: the last tip that was sent in reply to older ones, in each form.
    BlockId replied_block = kNoBlock, replied_chain = kNoBlock;
    // Bridge only: the tip that was told to make it send its chain, which has not come yet.
    BlockId asked_with = kNoBlock;
  };

  static Message news_for(const Context&, const Peer&, BlockId tip);
  static void tell(Context&, Peer&, BlockId tip);
  static void reply(Context&, Peer&);
  static void ask_chain(Context&, Peer&);

  Manners manners_;
  PeerList<Peer> peers_;
};

}  // namespace chain
