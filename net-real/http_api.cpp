#include "net-real/http_api.h"

#include <algorithm>
#include <utility>

namespace net {
namespace {

HttpResponse no_genesis() {
  return error_response(503, "no_genesis",
                        "the node has no genesis block yet: it learns it from its first peer");
}

HttpResponse answer_for(MineEnd end, const std::string& block_json) {
  switch (end) {
    case MineEnd::mined:
      return {200, block_json, ""};
    case MineEnd::timeout:
      return error_response(503, "mine_timeout", "no block was found within --mine-timeout");
    case MineEnd::stale: {
      const chain::RefusalText& text = chain::text_of(chain::Refusal::previous_hash);
      return error_response(409, "stale", "the tip moved, twice: " + std::string(text.english),
                            text.korean);
    }
    case MineEnd::no_space:
      return error_response(507, "no_space", "the disk is full: no block can be stored");
    case MineEnd::queue_full:
      return error_response(503, "queue_full",
                            std::to_string(MineQueue::kMaxWaiting) + " requests wait already");
    case MineEnd::learning:
      return no_genesis();
    case MineEnd::stopping:
      break;
  }
  return error_response(503, "stopping", "the node stops");
}

}  // namespace

HttpApi::HttpApi(Host& host, MineQueue& queue, PeerBook& book, const AddressRegistry& registry,
                 const Links& links, std::string peers_file)
    : host_(host),
      queue_(queue),
      book_(book),
      registry_(registry),
      links_(links),
      peers_file_(std::move(peers_file)) {}

void HttpApi::answer(const HttpRequest& request, Respond respond) {
  const HttpCall call = parse_call(request, host_.options().limits.max_block);
  std::visit([&](const auto& what) { run(what, respond); }, call);
}

void HttpApi::run(const HttpResponse& refused, const Respond& respond) { respond(refused); }

void HttpApi::run(const GetPeers&, const Respond& respond) {
  std::string body = "[";
  for (const PeerFacts& peer : links_.peers()) {
    if (body.size() > 1) body += ',';
    const bool dialled = peer.address != chain::kNoAddress;
    body += to_json(peer, dialled ? registry_.url(peer.address).text() : "",
                    host_.protocol_of(peer.peer));
  }
  respond({200, body + ']', ""});
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
    if (tree.is_root(block)) {
      body += tree.root_text(block);
      continue;
    }
    std::string data_json;
    host_.bodies().append_data_json(block, data_json);
    chain::append_block(body, tree.header(block), data_json);
  }
  respond({200, body + ']', ""});
}

void HttpApi::run(const MineBlock& call, const Respond& respond) {
  queue_.mine(call.data, [respond](MineEnd end, const std::string& block_json) {
    respond(answer_for(end, block_json));
  });
}

void HttpApi::run(const AddPeers& call, const Respond& respond) {
  const auto answer = [respond](const std::vector<PeerReport>& reports) {
    respond({200, to_json(reports), ""});
  };
  if (call.urls) return book_.add(*call.urls, answer);
  const auto urls = read_peers_file(peers_file_);
  if (!urls) return respond(error_response(400, "bad_peers_file", urls.error()));
  book_.add(*urls, answer);
}

void HttpApi::run(const AddToPeer& call, const Respond& respond) {
  book_.add({call.url}, [respond](const std::vector<PeerReport>& reports) {
    const PeerReport& report = reports.front();
    if (report.state == "invalid") {
      return respond(error_response(400, "bad_peer", report.peer + ": " + report.reason));
    }
    respond({200, to_json(report), ""});
  });
}

}  // namespace net
