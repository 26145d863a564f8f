// Chains, judged from outside the nodes that follow them: validity, work, and what may be stored.
//
// Each honest node has a page here, written only from its effects: what it has, which of that
// stands on ancestors that it has as well, its tip, and what of it is durable. Verdicts are a
// block's, not a node's, and are worked out once (second_validator.h). Steps without effects cost
// nothing.
//
//   stepped: accepted, headers, tip changes -> the page -> committed -> durable -> stopped, started
#pragma once

#include <vector>

#include "net-sim/checked.h"
#include "net-sim/second_validator.h"

namespace sim {

class ChainChecker {
 public:
  ChainChecker(const Checked& world, ViolationLog& log);

  void stepped(Time now, NodeIndex node, const chain::Input& input, const chain::Effects& effects);
  void delivered(NodeIndex node, const chain::Message& message);
  void committed(NodeIndex node) { pages_[node].durable = pages_[node].tip; }
  void started(NodeIndex node);
  void found(NodeIndex maker, chain::BlockId block, std::uint64_t draw);

  // At rest: whether a node follows the heaviest branch that it has.
  void judge_rest(NodeIndex node) { judge_best(node, pages_[node], pages_[node].best); }

  chain::BlockId tip_of(NodeIndex node) const { return pages_[node].tip; }
  bool has_body(NodeIndex node, chain::BlockId block) const { return pages_[node].has.has(block); }

 private:
  class BlockSet {
   public:
    bool has(chain::BlockId id) const {
      return id / 64 < words_.size() && (words_[id / 64] >> (id % 64) & 1) != 0;
    }
    void add(chain::BlockId id) {
      if (id / 64 >= words_.size()) words_.resize(id / 64 + 1);
      words_[id / 64] |= std::uint64_t{1} << (id % 64);
    }

   private:
    std::vector<std::uint64_t> words_;
  };
  struct Page {
    chain::BlockId tip = 0, durable = 0;
    chain::BlockId best = 0;  // the heaviest that is complete; ties are judged at the end
    BlockSet has, complete;
    std::vector<chain::BlockId> shown{};  // heavy headers that came before they could be stored
  };
  struct Facts {
    std::uint64_t draw = 0;  // 0: nobody made it
    std::int64_t timestamp_ms = 0;
    std::uint32_t rule_set = 0;  // of its maker
    chain::BlockId first_child = chain::kNoBlock, next_sibling = chain::kNoBlock;
    bool judged = false;
  };

  void judge_step(Time now, NodeIndex node, Page& page, const chain::Effects& effects);
  void judge_source(NodeIndex node, const chain::Input& input, const chain::Effects& effects);
  void judge_refusal(NodeIndex node, const chain::Input& input);
  void judge_hole(NodeIndex node, const Page& page, chain::BlockId block);
  void take(Time now, NodeIndex node, Page& page, chain::BlockId block);
  void add_body(Page& page, chain::BlockId block);
  void complete(Page& page, chain::BlockId block);
  void judge_tip(NodeIndex node, const Page& page);
  void judge_best(NodeIndex node, const Page& page, chain::BlockId candidate);
  void judge_block(NodeIndex node, chain::BlockId block);
  std::uint64_t floor_of(NodeIndex node, chain::BlockId tip) const;
  bool may_lack_room(NodeIndex node, chain::BlockId tip, chain::BlockId last) const;
  bool was_shown(NodeIndex node, chain::BlockId block) const;
  void learn_tree();
  // Under rules `tutorial` nobody asks for work or time, whatever it speaks.
  bool unasked(NodeIndex node) const {
    return world_.is_original(node) || rules_.kind == chain::RulesKind::tutorial;
  }
  std::string name(chain::BlockId block) const;

  const Checked& world_;
  ViolationLog& log_;
  const chain::ChainRules rules_;
  SecondValidator validator_;
  std::vector<Page> pages_;
  std::vector<Facts> facts_;  // by block
};

}  // namespace sim
