#include "net-sim/lab/world_facts.h"

#include <algorithm>

#include "net-sim/chain_facts.h"

namespace sim {

BlockNames block_names(const RunView& run) {
  BlockNames names;
  for (const FoundBlock& found : run.metrics.found()) {
    names.found(found.finder, run.tree.hash(found.block));
  }
  return names;
}

Json world_facts(const RunView& run) {
  const BlockNames names = block_names(run);
  const chain::BlockId main_tip = chain_facts(run).main_tip;
  const auto name = [&](chain::BlockId block) { return names.of(run.tree.hash(block)); };
  Json blocks = Json::array(), main_chain = Json::array(), tips = Json::array();
  for (const FoundBlock& found : run.metrics.found()) {
    const chain::BlockId block = found.block;
    blocks.push_back({{"name", name(block)},
                      {"node", found.finder},
                      {"found_seconds", found.found.seconds()},
                      {"parent", name(run.tree.parent(block))},
                      {"height", run.tree.height(block)},
                      {"bytes", run.tree.block_bytes(block)},
                      {"main_chain", run.tree.is_ancestor(block, main_tip)}});
  }
  for (std::uint32_t height = 1; height <= run.tree.height(main_tip); ++height) {
    main_chain.push_back(name(run.tree.ancestor(main_tip, height)));
  }
  const std::uint32_t nodes = run.scenario.network.nodes;
  std::vector<std::uint64_t> received, abandoned(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    const bool counts = run.metrics.counts(node);
    tips.push_back(counts ? Json(name(run.metrics.tip_of(node))) : Json(nullptr));
    received.push_back(run.metrics.receipts()[node].blocks);
  }
  for (const ReorgRecord& reorg : run.metrics.reorgs()) abandoned[reorg.node] += reorg.depth;
  return {{"blocks", blocks},
          {"main_chain", main_chain},
          {"tips", tips},
          {"received", received},
          {"abandoned", abandoned}};
}

}  // namespace sim
