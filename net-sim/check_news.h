// What nodes need not say: a tip to whoever told them of it, a request for a body that is here.
//
// What a peer has told last is kept for each node and peer, as the node has stepped it: a message
// that still waits for a busy node is not known to it. Relaying is cheap because of these two
// rules, and neither is seen in what a network agrees on.
#pragma once

#include <array>
#include <vector>

#include "net-sim/check_chains.h"

namespace sim {

class NewsChecker {
 public:
  NewsChecker(const Checked& world, ViolationLog& log, const ChainChecker& chains)
      : world_(world),
        log_(log),
        chains_(chains),
        heard_(world.honest.size()),
        replied_(world.honest.size()) {}

  // After ChainChecker has seen the same step.
  void stepped(NodeIndex node, const chain::Input& input, const chain::Effects& effects);

 private:
  // The tips that a peer told. An honest peer's tips never become lighter; after a lighter one
  // nothing is sure.
  struct Heard {
    chain::BlockId last = chain::kNoBlock;  // kNoBlock: not sure
    std::uint64_t work = 0;                 // of the heaviest
  };

  Heard& heard(NodeIndex node, chain::PeerId peer);
  void note(NodeIndex node, const chain::Received& received);
  void judge_request(NodeIndex node, const chain::Send& send);
  void judge_reply(NodeIndex node, const chain::Send& send);

  const Checked& world_;
  ViolationLog& log_;
  const ChainChecker& chains_;
  std::vector<std::vector<Heard>> heard_;  // by node and peer
  // By node and peer: the tip last sent in reply to a chain, as a block and as a chain.
  std::vector<std::vector<std::array<chain::BlockId, 2>>> replied_;
  std::vector<chain::PeerId> asked_now_;  // for bodies, in this step
};

}  // namespace sim
