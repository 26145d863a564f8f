#include "net-real/address_exchange.h"

#include <algorithm>
#include <array>

#include "net-real/endpoint.h"

namespace net {

using chain::AddressId;
using chain::PeerId;

void AddressExchange::on_peer_up(PeerId peer, AddressId address) {
  if (address == chain::kNoAddress) return;
  outbound_.insert(chain::place_of(address));
  dialed_[peer] = chain::place_of(address);
}

void AddressExchange::on_peer_down(PeerId peer) {
  asked_.erase(peer);
  listens_.erase(peer);
  const auto found = dialed_.find(peer);
  if (found == dialed_.end()) return;
  outbound_.erase(found->second);
  dialed_.erase(found);
}

bool AddressExchange::is_used(AddressId address) const {
  const std::uint32_t place = chain::place_of(address);
  return outbound_.contains(place) ||
         std::any_of(listens_.begin(), listens_.end(),
                     [place](const auto& entry) { return entry.second == place; });
}

bool AddressExchange::may_dial(AddressId address) const {
  const std::string& host = registry_.url(address).host;
  if (registry_.is_lasting(address) || is_local_network(host)) return true;
  const std::string subnet = subnet_of(host);
  return std::none_of(outbound_.begin(), outbound_.end(), [&](std::uint32_t place) {
    return place != chain::place_of(address) && subnet_of(registry_.url(place).host) == subnet;
  });
}

AddressId AddressExchange::add(const std::string& source, const PeerUrl& url) {
  const bool local = Endpoint{source, 0}.is_loopback();
  if (!may_be_told(url, local) || !is_welcome_(url.host)) return chain::kNoAddress;
  return registry_.add_from_peer(url, source, [this](AddressId id) { return is_used(id); });
}

AddressId AddressExchange::listens(PeerId from, const std::string& text) {
  auto url = parse_peer_url(text);
  const std::string remote = links_.remote_ip(from);
  if (!url || remote.empty()) return chain::kNoAddress;
  url->host = remote;
  const AddressId address = add(remote, *url);
  if (address != chain::kNoAddress) listens_[from] = chain::place_of(address);
  return address;
}

chain::Message AddressExchange::answer(PeerId from, const chain::WireMessage& wire,
                                       const std::string& own) {
  std::array<AddressId, chain::kMaxPeersTold> all{};
  std::uint8_t count = 0;
  const std::string source = links_.remote_ip(from);
  const bool was_asked = asked_.erase(from) > 0;
  for (const std::string& text : wire.texts) {
    const auto url = parse_peer_url(text);
    if (!was_asked || !url || text == own) continue;
    const AddressId address = add(source, *url);
    if (address != chain::kNoAddress) all[count++] = address;
  }
  return chain::peers(count, all);
}

}  // namespace net
