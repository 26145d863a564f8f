// Addresses that can be dialled: WebSocket URLs, each with a small number for the core.
//
// Two spellings of one URL get one number (the host in lower case, a "/" at the end or not), which
// is what "never dial an address twice" rests on. Names are not resolved here. wss:// is refused
// by name: this version has no TLS.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/io.h"
#include "core/result.h"

namespace net {

// ws://host:port/target
struct PeerUrl {
  std::string host;  // a name, or an IP address without brackets
  std::uint16_t port = 80;
  std::string target = "/";

  bool operator==(const PeerUrl&) const = default;
  std::string text() const;
};

// The error is a reason for people.
chain::Result<PeerUrl> parse_peer_url(std::string_view text);

class AddressRegistry {
 public:
  static constexpr std::size_t kMaxAddresses = 1024;  // peers files are longer only by mistake

  // The number of `url`, a new one if need be; the error says that there are too many.
  chain::Result<chain::AddressId> add(const PeerUrl& url);
  const PeerUrl& url(chain::AddressId address) const { return urls_[address]; }

 private:
  std::vector<PeerUrl> urls_;
};

}  // namespace net
