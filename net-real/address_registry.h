// Addresses that can be dialled: WebSocket URLs, each with a small number for the core.
//
// Two spellings of one URL get one number (the host in lower case, a "/" at the end or not), which
// is what "never dial an address twice" rests on. Names are not resolved here. Addresses that peers
// send are bounded, together and for each source group, and give way to newer ones.
#pragma once

#include <functional>
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
  static constexpr std::size_t kMaxFromPeers = 1024;  // of these: addresses that peers sent
  static constexpr std::size_t kMaxFromSource = 64;   // of these, by the peers of one source group

  // Whether an address is connected, dialed, or that of a connected peer: it is not forgotten.
  using IsUsed = std::function<bool(chain::AddressId)>;

  // The number of `url`, a new one if need be, for an operator: it is never forgotten. The error
  // says that there are too many.
  chain::Result<chain::AddressId> add(const PeerUrl& url);
  // The same for a URL that a peer at the IP address `source` sent. If the source group has its
  // share, its oldest address is forgotten. If the table is full, the group with the most addresses
  // loses its oldest. Returns kNoAddress if all of these are in use.
  chain::AddressId add_from_peer(const PeerUrl& url, const std::string& source,
                                 const IsUsed& is_used);
  const PeerUrl& url(chain::AddressId address) const {
    return entries_[chain::place_of(address)].url;
  }
  // Whether an operator asked for it.
  bool is_lasting(chain::AddressId address) const {
    return entries_[chain::place_of(address)].group.empty();
  }

 private:
  struct Entry {
    PeerUrl url;
    chain::AddressId id;
    std::string group;        // that sent it; "": an operator did
    std::uint64_t added = 0;  // counts up
  };

  Entry* find(const PeerUrl& url);
  std::size_t count_of(const std::string& group) const;
  Entry* oldest_unused(const std::string& group, const IsUsed& is_used);
  std::string largest_group() const;

  std::vector<Entry> entries_;  // by place
  std::uint64_t added_ = 0;
};

// The group that shares one quota of sent addresses: a subnet, or, on loopback, each IP address,
// because test networks run there. 127.0.0.1 and ::1 have no quota: they are the operator's nodes.
std::string source_group(const std::string& ip);

}  // namespace net
