// Checkers that are told of a run that never was.
//
// Three nodes in a line, 0 -> 1 -> 2, of which a test says what they do; nothing runs. What a test
// breaks is so the only thing that is wrong.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/block_size.h"
#include "core/json_codec.h"
#include "core/merkle.h"
#include "net-sim/checkers.h"
#include "net-sim/node_options.h"
#include "net-sim/resolve.h"
#include "tests/support/cable.h"
#include "tests/support/sim_run.h"

namespace test {

inline chain::Time at_s(std::int64_t n) { return chain::kTimeZero + chain::seconds(n); }

struct Told {
  explicit Told(const std::string& more = "", sim::CheckLevel level = sim::CheckLevel::known)
      : scenario(scenario_of(
            "protocol: header_first\nnetwork: {nodes: 3, topology: line, latency: 50 ms, "
            "keepalive: 1 min}\nmining: {power: none}\n" +
            more)),
        cable(scenario, std::vector<sim::Links::Rates>(3)),
        views(3, chain::ChainView(0)) {
    auto parsed = chain::parse_genesis(chain::kWidespreadGenesis);
    genesis = tree.add_root(parsed->block.header, parsed->text);
    for (const sim::Edge& edge : edges) {
      const sim::StreamId out = cable.links.connect(edge.from, edge.to);
      cable.links.name_peer_at_sender(out, peers++);
      cable.links.name_peer_at_sender(out ^ 1, peers++);
    }
    checkers.emplace(
        sim::Checked{scenario,
                     tree,
                     cable.links,
                     edges,
                     sim::node_options(scenario, {}),
                     std::vector<std::uint8_t>(3, 1),
                     {},
                     sim::rule_sets(scenario, {}),
                     [this](sim::NodeIndex n) -> const chain::ChainView& { return views[n]; }},
        level);
    for (sim::StreamId stream = 0; stream < 4; ++stream) checkers->opened(chain::kTimeZero, stream);
  }

  // A block as a miner makes it, but for what `spoil` does to its header before it is hashed.
  template <typename Spoil>
  chain::BlockId add(chain::BlockId parent, const Spoil& spoil, std::uint64_t bytes = 1000) {
    const chain::ChainRules rules = sim::chain_rules(scenario);
    const std::int64_t now_ms = sim::kOriginMs + 1000 * static_cast<std::int64_t>(++made);
    chain::Header header = chain::block_template(rules, tree, parent, now_ms);
    header.nonce = static_cast<std::int64_t>(made);
    const chain::Body body = chain::filler_for(header, bytes);
    header.merkle_root = *chain::merkle_root(body);
    spoil(header);
    header.hash = chain::hash_of(header, chain::HashOrder::standard);
    const chain::BlockId block = tree.add_header(header, parent, chain::work_of(rules, header));
    tree.add_body(block, chain::data_json_length(body));
    return block;
  }
  chain::BlockId find(chain::BlockId parent, std::uint64_t draw, std::uint64_t bytes = 1000) {
    const chain::BlockId block = add(
        parent, [](chain::Header&) {}, bytes);
    checkers->found(at_s(1), 0, block, draw);
    return block;
  }
  void step(sim::NodeIndex node, const chain::Input& input, const chain::Effects& effects,
            chain::Time when = at_s(2)) {
    checkers->stepped(when, node, input, effects);
  }
  // Of a message with `count` blocks up to `last`.
  void bring(sim::NodeIndex node, chain::BlockId last, const chain::Effects& effects,
             std::uint32_t count = 1) {
    step(node, chain::Received{0, chain::make(chain::MessageType::blocks, last, count)}, effects);
  }
  // The node takes `block` and follows it.
  void follow(sim::NodeIndex node, chain::BlockId from, chain::BlockId block,
              chain::Time when = at_s(2)) {
    chain::Effects effects;
    effects.accept(block);
    effects.change_tip(from, block);
    step(node, chain::Mined{block}, effects, when);
  }
  void send(sim::StreamId stream, const chain::Message& message, std::uint64_t bytes = 100) {
    checkers->sent(at_s(2), stream, message, bytes, false);
  }
  std::vector<sim::Invariant> broken() const {
    std::vector<sim::Invariant> all;
    for (const sim::Violation& v : checkers->violations()) all.push_back(v.invariant);
    return all;
  }
  bool broke(sim::Invariant invariant) const {
    const auto all = broken();
    return std::find(all.begin(), all.end(), invariant) != all.end();
  }

  sim::Scenario scenario;
  chain::BlockTree tree;
  Cable cable;
  const sim::Edges edges{{0, 1}, {1, 2}};
  std::vector<chain::ChainView> views;
  std::optional<sim::Checkers> checkers;
  chain::BlockId genesis = 0;
  chain::PeerId peers = 0;
  std::uint64_t made = 0;
};

using Only = std::vector<sim::Invariant>;

}  // namespace test
