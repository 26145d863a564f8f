#include "net-real/node_status.h"

#include <algorithm>

#include "net-real/json_text.h"
#include "net-real/log.h"

namespace net {
namespace {

using chain::BlockId;
using chain::BlockTree;

Json or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const PeerStatus& peer) {
  Json json{{"peer", peer.facts.peer}, {"remote", peer.facts.remote}};
  json["address"] = or_null(peer.address);
  json["direction"] = peer.address.empty() ? "inbound" : "outbound";
  json["since"] = utc_time(peer.facts.since_ms);
  json["protocol"] = or_null(peer.protocol);
  json["latency_ms"] =
      peer.facts.round_trip ? Json(peer.facts.round_trip->seconds() * 1e3) : Json(nullptr);
  json["received_bytes"] = peer.traffic.received;
  json["sent_bytes"] = peer.traffic.sent;
  json["height"] = peer.height ? Json(*peer.height) : Json(nullptr);
  json["on_our_chain"] = peer.on_our_chain;
  return json;
}

Json json_of(const std::vector<PeerStatus>& peers) {
  Json list = Json::array();
  for (const PeerStatus& peer : peers) list.push_back(json_of(peer));
  return list;
}

Json json_of(const ReorgStatus& of) {
  return {{"time", utc_time(of.reorg.at_ms)},
          {"depth", of.reorg.depth},
          {"height", of.height},
          {"from", of.from},
          {"to", of.to}};
}

Json json_of(const Rejection& rejection) {
  const chain::RefusalText& text = chain::text_of(rejection.why);
  Json json{{"time", utc_time(rejection.at_ms)}};
  json["peer"] = rejection.peer == chain::kNoPeer ? Json(nullptr) : Json(rejection.peer);
  json["code"] = text.code;
  json["why"] = text.english;
  json["ko"] = or_null(text.korean);
  return json;
}

Json json_of(const BlockTree& tree, BlockId block, bool main) {
  const chain::Header& header = tree.header(block);
  Json json{{"hash", chain::lower_hex(header.hash)},
            {"previousHash", chain::lower_hex(header.previous_hash)},
            {"height", tree.height(block)},
            {"timestamp", header.timestamp_ms},
            {"difficulty", header.difficulty},
            {"nonce", header.nonce}};
  json["bytes"] = tree.has_body(block) ? Json(tree.block_bytes(block)) : Json(nullptr);
  json["main"] = main;
  return json;
}

}  // namespace

std::string to_json(const PeerStatus& peer) { return json_text(json_of(peer)); }

std::string to_json(const std::vector<PeerStatus>& peers) { return json_text(json_of(peers)); }

std::string to_json(const NodeStatus& status) {
  const NodeFacts& facts = status.facts;
  Json json{{"version", facts.version}, {"started", utc_time(facts.started_ms)},
            {"now_ms", facts.now_ms},   {"learning", facts.learning},
            {"height", facts.height},   {"headers_height", facts.headers_height}};
  json["tip"] = or_null(status.tip);
  json["tip_timestamp_ms"] = status.tip.empty() ? Json(nullptr) : Json(facts.tip_timestamp_ms);
  json["tip_age_ms"] = facts.now_ms - status.counters.tip_since_ms;
  json["hashes"] = facts.hashes;
  json["mining"] = status.mining;
  json["mining_requests_waiting"] = facts.mining_requests_waiting;
  json["peers_on_another_tip"] = facts.peers_on_another_tip;
  json["received_bytes"] = status.counters.bytes_received;
  json["sent_bytes"] = status.counters.bytes_sent;
  json["disk_free_bytes"] = facts.disk_free_bytes;
  json["disk_full"] = facts.disk_full;
  json["reorgs"] = {{"count", status.counters.reorgs},
                    {"blocks_abandoned", status.counters.blocks_abandoned},
                    {"deepest", status.counters.deepest_reorg},
                    {"log", Json::array()}};
  for (const ReorgStatus& reorg : status.reorgs) json["reorgs"]["log"].push_back(json_of(reorg));
  json["rejections"] = Json::array();
  for (const Rejection& rejection : status.rejections) {
    json["rejections"].push_back(json_of(rejection));
  }
  json["peers"] = json_of(status.peers);
  return json_text(json);
}

std::string tree_json(const BlockTree& tree, BlockId tip, std::optional<std::uint32_t> to) {
  const std::size_t looks = std::min(tree.size(), kMaxTreeLooks);
  const auto newest = [&tree](std::size_t i) { return static_cast<BlockId>(tree.size() - 1 - i); };
  std::uint32_t top = tree.height(tip);
  for (std::size_t i = 0; i < looks; ++i) top = std::max(top, tree.height(newest(i)));
  if (to) top = std::min(top, *to);
  const std::uint32_t bottom = top - std::min(top, kTreeHeights - 1);

  std::vector<std::pair<BlockId, bool>> blocks;  // and whether it is on the chain
  for (std::uint32_t height = bottom; height <= std::min(top, tree.height(tip)); ++height) {
    blocks.emplace_back(tree.ancestor(tip, height), true);
  }
  for (std::size_t i = 0; i < looks && blocks.size() < kMaxTreeBlocks; ++i) {
    const BlockId block = newest(i);
    const std::uint32_t height = tree.height(block);
    if (height < bottom || height > top || tree.is_ancestor(block, tip)) continue;
    blocks.emplace_back(block, false);
  }
  std::stable_sort(blocks.begin(), blocks.end(), [&tree](const auto& a, const auto& b) {
    return tree.height(a.first) > tree.height(b.first);
  });
  Json list = Json::array();
  for (const auto& [block, main] : blocks) list.push_back(json_of(tree, block, main));
  return json_text(Json{{"to", top}, {"blocks", list}});
}

}  // namespace net
