// Gets a genesis for a node that has none: from its first peer, or, if peers are configured, from
// the first of those that it dials. Peers of the default peers file are configured, too. A stranger
// that dials must not decide which network this node joins.
//
//   learner                         peer
//      | {0}            ------------> |
//      |            <---------- {0}   |     both ask
//      |            <------ {1,[tip]} |     kept, as text
//      | {1,[tip]}      ------------> |     the peer's own tip: it does not extend, so the peer
//      |        <----- {2,[g, ..., tip]}    sends its whole chain, and element 0 is the genesis
//
// A peer whose tip is its genesis has told it already. Text goes back exactly as it came, because
// the original compares texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io.h"
#include "core/json_codec.h"

namespace net {

class GenesisLearner {
 public:
  struct Reply {
    chain::PeerId to;
    std::string frame;
  };

  std::vector<Reply> on_peer_up(chain::PeerId peer);
  void on_peer_down(chain::PeerId peer);
  // The peer may teach from now on: it is asked once more.
  std::vector<Reply> ask_again(chain::PeerId peer);
  // `wire` is what `frame` says. `may_teach`: a genesis in it counts.
  std::vector<Reply> on_frame(chain::PeerId from, std::string_view frame,
                              const chain::WireMessage& wire, bool may_teach);

  // The first genesis that a peer gave which may teach.
  const std::optional<chain::Genesis>& learned() const { return learned_; }
  // Those who are there, and those of them whose question has had no answer.
  std::vector<chain::PeerId> peers() const;
  std::vector<chain::PeerId> unanswered() const;

 private:
  struct Peer {
    bool asked = false;
    std::string tip_text;  // as the peer sent it; "" until then
  };

  static Reply tip_reply(chain::PeerId to, const Peer& peer);
  std::vector<Reply> answer_if_possible(chain::PeerId to, Peer& peer);
  void learn(std::string_view frame);

  std::map<chain::PeerId, Peer> peers_;
  std::optional<chain::Genesis> learned_;
};

}  // namespace net
