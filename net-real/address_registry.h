// Addresses that can be dialled: WebSocket URLs, each with a small number for the core.
//
// Two spellings of one URL get one number (the host in lower case, a "/" at the end or not), which
// is what "never dial an address twice" rests on. Names are not resolved here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/io.h"
#include "core/result.h"

namespace net {

// ws://host:port/target, or wss://
struct PeerUrl {
  std::string host;  // a name, or an IP address without brackets
  std::uint16_t port = 80;
  std::string target = "/";
  bool is_secure = false;  // wss

  bool operator==(const PeerUrl&) const = default;
  std::string text() const;
};

// The error is a reason for people.
chain::Result<PeerUrl> parse_peer_url(std::string_view text);

// Whether an address that a peer tells may be dialled: an IP address of another machine and no
// path, so that no stranger has this node look up names, or call what listens on this machine. Of a
// teller on this machine, its own addresses, too.
bool may_be_told(const PeerUrl& url, bool teller_is_local);

class AddressRegistry {
 public:
  static constexpr std::size_t kMaxAddresses = 2048;  // peers files are longer only by mistake
  static constexpr std::size_t kMaxFromPeers = 1024;  // of these: strangers cannot fill the table

  // The number of `url`, a new one if need be; the error says that there are too many.
  chain::Result<chain::AddressId> add(const PeerUrl& url);
  // The same for a text that a peer sent; kNoAddress if it is none or there is no room.
  chain::AddressId add_from_peer(std::string_view text);
  const PeerUrl& url(chain::AddressId address) const { return urls_[address]; }

 private:
  std::vector<PeerUrl> urls_;
  std::size_t from_peers_ = 0;
};

}  // namespace net
