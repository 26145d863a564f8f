#include "net-real/http_api.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/version.h"
#include "net-real/dashboard.h"
#include "net-real/mine_answer.h"

namespace net {
namespace {

constexpr std::uint32_t kMostBehind = 2;  // blocks whose bodies may be under way

HttpResponse too_many_calls() {
  return error_response(429, "too_many_calls", "too many calls; try again in a second");
}

}  // namespace

HttpApi::HttpApi(Loop& loop, Host& host, MineQueue& queue, PeerBook& book,
                 const AddressRegistry& registry, const Links& links, HttpApiOptions options)
    : host_(host),
      queue_(queue),
      book_(book),
      registry_(registry),
      links_(links),
      options_(std::move(options)),
      started_ms_(wall_clock_ms()),
      feed_(loop, [this] { return to_json(status()); }) {}

void HttpApi::answer(const HttpRequest& request, Respond respond) {
  const chain::Time now = steady_now();
  if (!rates_.take_call(now, request.client)) return respond(too_many_calls());
  if (const auto refused = refusal_of(request, access_)) return respond(*refused);
  if (!rates_.take_change(now, request)) return respond(too_many_calls());
  const HttpCall call = parse_call(request, host_.options().limits.max_block);
  std::visit([&](const auto& what) { run(what, respond); }, call);
}

void HttpApi::run(const HttpResponse& refused, const Respond& respond) { respond(refused); }

void HttpApi::run(const GetPeers&, const Respond& respond) { respond({200, to_json(peers())}); }

// Who is told of a block need not say that it has it: its last word is a tip of before.
bool HttpApi::is_on_chain(chain::BlockId told) const {
  return !chain::is_staged(told) && host_.tree().is_ancestor(told, host_.tip());
}

std::vector<PeerStatus> HttpApi::peers() const {
  std::vector<PeerStatus> peers;
  for (const PeerFacts& facts : links_.peers()) {
    PeerStatus peer{.facts = facts,
                    .address = {},
                    .protocol = host_.protocol_of(facts.peer),
                    .traffic = host_.traffic_of(facts.peer),
                    .height = {}};
    if (facts.address != chain::kNoAddress) peer.address = registry_.url(facts.address).text();
    const auto tip = host_.tip_of(facts.peer);
    if (tip && !chain::is_staged(*tip)) {  // else it is known by name only
      peer.height = host_.tree().height(*tip);
      peer.on_our_chain = is_on_chain(*tip);
    }
    peers.push_back(std::move(peer));
  }
  return peers;
}

NodeStatus HttpApi::status() const {
  NodeStatus status{.facts = facts(),
                    .counters = host_.counters(),
                    .tip = {},
                    .peers = peers(),
                    .reorgs = {},
                    .rejections = {host_.rejections().begin(), host_.rejections().end()},
                    .mining = queue_.is_mining()};
  if (host_.learning()) return status;
  const chain::BlockTree& tree = host_.tree();
  status.tip = chain::lower_hex(tree.header(host_.tip()).hash);
  for (const Reorg& reorg : host_.reorgs()) {
    status.reorgs.push_back({reorg, tree.height(reorg.to),
                             chain::lower_hex(tree.header(reorg.from).hash),
                             chain::lower_hex(tree.header(reorg.to).hash)});
  }
  return status;
}

void HttpApi::run(const GetStatus&, const Respond& respond) { respond({200, to_json(status())}); }

void HttpApi::run(const GetEvents&, const Respond& respond) { respond(feed_.watch()); }

void HttpApi::run(const GetTree& call, const Respond& respond) {
  if (host_.learning()) return respond(no_genesis());
  respond({200, tree_json(host_.tree(), host_.tip(), call.to)});
}

void HttpApi::run(const GetPage& call, const Respond& respond) {
  respond({200, std::string(dashboard_text(call.name)), "", dashboard_type(call.name)});
}

void HttpApi::run(const GetChains& call, const Respond& respond) {
  if (host_.learning()) return respond(no_genesis());
  const chain::BlockTree& tree = host_.tree();
  const chain::BlockId tip = host_.tip();
  const std::uint64_t blocks = std::uint64_t{tree.height(tip)} + 1;
  const std::uint64_t end =
      call.limit ? std::min(blocks, std::uint64_t{call.from} + *call.limit) : blocks;
  std::string body = "[";
  for (std::uint64_t height = call.from; height < end; ++height) {
    if (body.size() > 1) body += ',';
    const chain::BlockId block = tree.ancestor(tip, static_cast<std::uint32_t>(height));
    if (body.size() + tree.block_bytes(block) > kMaxChains) {
      return respond(error_response(400, "chain_too_large",
                                    "more than " + std::to_string(kMaxChains) +
                                        " bytes; page it with ?from=HEIGHT&limit=BLOCKS"));
    }
    body += block_json(block);
  }
  respond({200, body + ']'});
}

std::string HttpApi::block_json(chain::BlockId block) const {
  const chain::BlockTree& tree = host_.tree();
  if (tree.is_root(block)) return tree.root_text(block);
  std::string text, data_json;
  host_.bodies().append_data_json(block, data_json);
  chain::append_block(text, tree.header(block), data_json);
  return text;
}

void HttpApi::run(const GetTip&, const Respond& respond) {
  if (host_.learning()) return respond(no_genesis());
  if (tip_json_of_ != host_.tip()) {  // asked for far more often than it changes
    tip_json_of_ = host_.tip();
    tip_json_ = block_json(tip_json_of_);
  }
  respond({200, tip_json_});
}

// Also of a branch that is not followed, if its body is here.
void HttpApi::run(const GetBlock& call, const Respond& respond) {
  if (host_.learning()) return respond(no_genesis());
  const chain::BlockId block = host_.tree().find(call.hash);
  if (block == chain::kNoBlock || !host_.tree().has_body(block)) {
    return respond(error_response(404, "no_block", "no block with this hash is here"));
  }
  respond({200, block_json(block)});
}

void HttpApi::run(const GetBlockAt& call, const Respond& respond) {
  if (host_.learning()) return respond(no_genesis());
  const chain::BlockTree& tree = host_.tree();
  const std::uint32_t height = tree.height(host_.tip());
  if (call.height > height) {
    return respond(
        error_response(404, "no_block", "the chain ends at height " + std::to_string(height)));
  }
  respond({200, block_json(tree.ancestor(host_.tip(), call.height))});
}

NodeFacts HttpApi::facts() const {
  NodeFacts facts;
  facts.version = chain::version();
  facts.learning = host_.learning();
  facts.now_ms = wall_clock_ms();
  facts.started_ms = started_ms_;
  facts.disk_free_bytes = host_.bodies().free_bytes();
  facts.disk_full = host_.is_out_of_space();
  facts.certificate_expiry_s = certificate_expiry_s_;
  facts.mining_requests_waiting = queue_.waiting();
  facts.hashes = queue_.hashes();
  facts.sends = links_.send_stats();
  if (!facts.learning) {
    const chain::BlockTree& tree = host_.tree();
    facts.height = tree.height(host_.tip());
    facts.headers_height = tree.height(host_.best_header());
    facts.tip_timestamp_ms = tree.header(host_.tip()).timestamp_ms;
  }
  std::map<std::pair<std::string, std::string>, std::uint64_t> groups;
  for (const char* direction : {"inbound", "outbound"}) {
    for (const char* protocol : {"header_first", "push_chain", "undecided"}) {
      groups[{direction, protocol}] = 0;
    }
  }
  for (const PeerFacts& peer : links_.peers()) {
    const std::string_view protocol = host_.protocol_of(peer.peer);
    ++groups[{peer.address == chain::kNoAddress ? "inbound" : "outbound",
              std::string(protocol.empty() ? "undecided" : protocol)}];
    const auto tip = host_.tip_of(peer.peer);
    facts.peers_on_another_tip += tip && !is_on_chain(*tip) ? 1 : 0;
  }
  for (const auto& [group, peers] : groups) {
    facts.peers.push_back({group.first, group.second, peers});
  }
  return facts;
}

void HttpApi::run(const GetMetrics&, const Respond& respond) {
  respond({200, metrics_text(facts(), host_.counters()), "", kMetricsType});
}

void HttpApi::run(const GetHealth&, const Respond& respond) { respond({200, R"({"alive":true})"}); }

// Ready is who could answer for the network: connected, and no longer catching up.
void HttpApi::run(const GetReady&, const Respond& respond) {
  if (host_.learning()) return respond(no_genesis());
  const NodeFacts now = facts();
  std::uint64_t peers = 0;
  for (const PeerGroup& group : now.peers) peers += group.peers;
  const std::uint32_t behind = now.headers_height - std::min(now.headers_height, now.height);
  if (peers < options_.min_peers) {
    return respond(error_response(503, "no_peers",
                                  std::to_string(peers) + " peers are connected; --min-peers is " +
                                      std::to_string(options_.min_peers)));
  }
  if (behind > kMostBehind) {
    return respond(error_response(
        503, "catching_up",
        "the chain is " + std::to_string(behind) + " blocks behind the headers that are known"));
  }
  if (now.disk_full) return respond(error_response(503, "no_space", "the disk is full"));
  respond({200, "{\"ready\":true,\"height\":" + std::to_string(now.height) +
                    ",\"peers\":" + std::to_string(peers) + "}"});
}

MineQueue::Answer HttpApi::answer_to(const Respond& respond) const {
  return [respond, protocol = host_.options().protocol](const MineResult& result) {
    respond(mine_answer(result, protocol));
  };
}

void HttpApi::run(const MineBlock& call, const Respond& respond) {
  queue_.mine(call.data, answer_to(respond));
}

void HttpApi::run(const MineDrawn& call, const Respond& respond) {
  if (host_.options().rules.seal != chain::Seal::simulated) {
    return respond(error_response(400, "no_test_network",
                                  "found block_bytes; expected data, for this is no test network"));
  }
  queue_.mine_drawn(call.block_bytes, call.nonce, answer_to(respond));
}

void HttpApi::run(const AddPeers& call, const Respond& respond) {
  const auto answer = [respond](const std::vector<PeerReport>& reports) {
    respond({200, to_json(reports)});
  };
  if (call.urls) return book_.add(*call.urls, answer);
  const auto urls = read_peers_file(options_.peers_file);
  if (!urls) return respond(error_response(400, "bad_peers_file", urls.error()));
  book_.add(*urls, answer);
}

void HttpApi::run(const AddToPeer& call, const Respond& respond) {
  book_.add({call.url}, [respond](const std::vector<PeerReport>& reports) {
    const PeerReport& report = reports.front();
    if (report.state == "invalid") {
      return respond(error_response(400, "bad_peer", report.peer + ": " + report.reason));
    }
    respond({200, to_json(report)});
  });
}

}  // namespace net
