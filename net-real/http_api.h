// What the HTTP calls do: the tutorial's endpoints on a host, its queue and its peers.
//
// Reads answer from the committed chain. Everything that takes time (mining, dialling) answers
// later. The text of requests and answers is http_call.h's business.
#pragma once

#include <functional>
#include <string>

#include "net-real/event_feed.h"
#include "net-real/host.h"
#include "net-real/http_access.h"
#include "net-real/mine_queue.h"
#include "net-real/node_status.h"
#include "net-real/peer_book.h"

namespace net {

struct HttpApiOptions {
  std::string peers_file = "peer.json";
  std::uint32_t min_peers = 1;  // without so many the node is not ready
};

class HttpApi {
 public:
  static constexpr std::uint64_t kMaxChains = 16 << 20;  // bytes of one answer to GET /chains

  using Respond = std::function<void(HttpResponse)>;

  HttpApi(Loop& loop, Host& host, MineQueue& queue, PeerBook& book, const AddressRegistry& registry,
          const Links& links, HttpApiOptions options);

  // Before the first call, and whenever it is another. Who watches with a token that opens nothing
  // any more is shown out.
  void set_access(HttpAccess access) {
    if (access.token != access_.token) feed_.stop();
    access_ = std::move(access);
  }
  // Unix seconds; nothing where no certificate is shown.
  void set_certificate_expiry(std::optional<std::int64_t> unix_s) {
    certificate_expiry_s_ = unix_s;
  }
  void answer(const HttpRequest& request, Respond respond);
  // The tip is another: who watches is told.
  void tip_moved() { feed_.tell(); }
  // Ends what is being watched.
  void stop() { feed_.stop(); }

 private:
  void run(const HttpResponse& refused, const Respond& respond);
  void run(const GetPeers&, const Respond& respond);
  void run(const GetChains& call, const Respond& respond);
  void run(const GetTip&, const Respond& respond);
  void run(const GetBlock& call, const Respond& respond);
  void run(const GetBlockAt& call, const Respond& respond);
  void run(const GetMetrics&, const Respond& respond);
  void run(const GetHealth&, const Respond& respond);
  void run(const GetReady&, const Respond& respond);
  void run(const GetStatus&, const Respond& respond);
  void run(const GetEvents&, const Respond& respond);
  void run(const GetTree& call, const Respond& respond);
  void run(const GetPage& call, const Respond& respond);
  void run(const MineBlock& call, const Respond& respond);
  void run(const MineDrawn& call, const Respond& respond);
  void run(const AddPeers& call, const Respond& respond);
  void run(const AddToPeer& call, const Respond& respond);

  MineQueue::Answer answer_to(const Respond& respond) const;
  std::string block_json(chain::BlockId block) const;
  NodeFacts facts() const;
  bool is_on_chain(chain::BlockId told) const;
  std::vector<PeerStatus> peers() const;
  NodeStatus status() const;

  Host& host_;
  MineQueue& queue_;
  PeerBook& book_;
  const AddressRegistry& registry_;
  const Links& links_;
  const HttpApiOptions options_;
  const std::int64_t started_ms_;
  HttpAccess access_;
  CallRates rates_;
  chain::BlockId tip_json_of_ = chain::kNoBlock;
  std::string tip_json_;
  std::optional<std::int64_t> certificate_expiry_s_;
  EventFeed feed_;
};

}  // namespace net
