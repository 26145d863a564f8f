// The addresses that peers send and ask for, between the wire and the core.
//
// A peer at hello says on which port it listens, and answers a question with up to three addresses.
// Each becomes a number of the registry, with the peer's IP address as its source. Only answers to
// a question count; addresses of this machine, or where a node broke the rules, do not. Also
// decides which dials are not made: outbound peers that others named stand in different subnets.
// An operator's own addresses are exempt, and so are loopback and private networks: a classroom is
// one subnet.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/json_codec.h"
#include "net-real/address_registry.h"
#include "net-real/links.h"

namespace net {

class AddressExchange {
 public:
  // Whether an IP address may be dialed.
  using IsWelcome = std::function<bool(std::string_view ip)>;

  AddressExchange(AddressRegistry& registry, const Links& links, IsWelcome is_welcome)
      : registry_(registry), links_(links), is_welcome_(std::move(is_welcome)) {}

  void on_peer_up(chain::PeerId peer, chain::AddressId address);
  void on_peer_down(chain::PeerId peer);
  // An address is dialed; the dial failed.
  void on_dial(chain::AddressId address) { outbound_.insert(chain::place_of(address)); }
  void on_dial_failed(chain::AddressId address) { outbound_.erase(chain::place_of(address)); }
  // The peer is sent a question for addresses.
  void on_question(chain::PeerId peer) { asked_.insert(peer); }

  // False if another outbound peer, or a dial under way, stands in the subnet of `address`.
  bool may_dial(chain::AddressId address) const;
  // The address at which the peer says that it listens. Only the port is believed: the IP address
  // is that of the connection.
  chain::AddressId listens(chain::PeerId from, const std::string& text);
  // The answer of a peer; `own` is the URL of this node.
  chain::Message answer(chain::PeerId from, const chain::WireMessage& wire, const std::string& own);

 private:
  chain::AddressId add(const std::string& source, const PeerUrl& url);
  bool is_used(chain::AddressId address) const;

  AddressRegistry& registry_;
  const Links& links_;
  const IsWelcome is_welcome_;
  std::set<chain::PeerId> asked_;                   // and have not answered yet
  std::set<std::uint32_t> outbound_;                // places of addresses, connected or dialed
  std::map<chain::PeerId, std::uint32_t> dialed_;   // places, by connection
  std::map<chain::PeerId, std::uint32_t> listens_;  // places, by connection
};

}  // namespace net
