#include "net-real/address_registry.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "net-real/endpoint.h"

namespace net {
namespace {

using chain::Error;
using chain::Result;

constexpr std::size_t kMaxUrl = 500;   // characters of a whole URL
constexpr std::size_t kMaxHost = 253;  // characters of a DNS name
constexpr std::size_t kMaxLabel = 63;  // characters between two dots

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_label_character(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; }

bool is_ip(int family, const std::string& text) {
  std::array<unsigned char, 16> address{};
  return inet_pton(family, text.c_str(), address.data()) == 1;
}

// Lower case of ASCII.
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_name(const std::string& host) {
  if (host.empty() || host.size() > kMaxHost) return false;
  std::size_t label = 0;
  for (const char c : host) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!is_label_character(c) || ++label > kMaxLabel) {
      return false;
    }
  }
  return label > 0;
}

// A host that ends in a number, decimal or hexadecimal, is an IPv4 address or nothing, as in the
// browsers' URL standard: other programs read 0x7f000001 as 127.0.0.1.
bool ends_in_number(const std::string& host) {
  const std::size_t dot = host.rfind('.');
  std::string_view last = std::string_view(host).substr(dot == host.npos ? 0 : dot + 1);
  if (last.starts_with("0x")) {
    last.remove_prefix(2);
    return last.find_first_not_of("0123456789abcdef") == last.npos;
  }
  return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

std::string check_host(const std::string& host) {
  if (ends_in_number(host)) {
    return is_ip(AF_INET, host) ? "" : host + " is no IPv4 address: four numbers from 0 to 255";
  }
  return is_name(host) ? "" : "the host is no name and no address";
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return Error{std::string("the port is not from 1 to 65535")};
  }
  return static_cast<std::uint16_t>(port);
}

// The host and the port of `authority` into `url`; what is wrong with them, or "".
std::string read_authority(std::string_view authority, PeerUrl& url) {
  if (authority.find('@') != authority.npos) return "a URL with a user is not dialled";
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == authority.npos) return "a bracket is missing";
    url.host = lower(authority.substr(1, bracket - 1));
    if (!is_ip(AF_INET6, url.host)) return "what stands in brackets is no IPv6 address";
    port = authority.substr(bracket + 1);
  } else {
    const std::size_t colon = authority.find(':');
    url.host = lower(authority.substr(0, colon));
    const std::string wrong = check_host(url.host);
    if (!wrong.empty()) return wrong;
    if (colon != authority.npos) port = authority.substr(colon);
  }
  if (port.empty()) return "";
  if (port.front() != ':') return "after the host comes a colon and a port";
  const auto number = parse_port(port.substr(1));
  if (!number) return number.error();
  url.port = *number;
  return "";
}

}  // namespace

std::string PeerUrl::text() const {
  const bool is_v6 = host.find(':') != host.npos;
  return std::string(is_secure ? "wss://" : "ws://") + (is_v6 ? '[' + host + ']' : host) + ':' +
         std::to_string(port) + (target == "/" ? "" : target);
}

Result<PeerUrl> parse_peer_url(std::string_view text) {
  if (text.size() > kMaxUrl) return Error{std::string("the URL is longer than 500 characters")};
  PeerUrl url;
  url.is_secure = text.starts_with("wss://");
  if (!url.is_secure && !text.starts_with("ws://")) {
    return Error{std::string("a peer's URL begins with ws:// or wss://")};
  }
  url.port = url.is_secure ? 443 : 80;
  text.remove_prefix(text.find("//") + 2);
  for (const char c : text) {
    if (c <= ' ' || c > '~') return Error{std::string("a URL has no spaces and is ASCII")};
    if (c == '#') return Error{std::string("a URL with a fragment is not dialled")};
  }
  const std::size_t slash = text.find_first_of("/?");
  const std::string wrong = read_authority(text.substr(0, slash), url);
  if (!wrong.empty()) return Error{wrong};
  if (slash != text.npos) {
    url.target = std::string(text[slash] == '?' ? "/" : "") + std::string(text.substr(slash));
  }
  return url;
}

bool may_be_told(const PeerUrl& url, bool teller_is_local) {
  if (url.target != "/") return false;
  std::array<unsigned char, 16> ip{};
  if (inet_pton(AF_INET, url.host.c_str(), ip.data()) == 1) {
    const bool is_somewhere = ip[0] != 0 && ip[0] < 224;  // unspecified; multicast and beyond
    return is_somewhere && (ip[0] != 127 || teller_is_local);
  }
  if (inet_pton(AF_INET6, url.host.c_str(), ip.data()) != 1 || ip[0] == 0xff) return false;
  // ::, ::1 and every IPv4 address that is written as one of IPv6.
  const bool is_special = std::all_of(ip.begin(), ip.begin() + 10, [](auto b) { return b == 0; });
  return !is_special || (teller_is_local && url.host == "::1");
}

std::string source_group(const std::string& ip) {
  return Endpoint{ip, 0}.is_loopback() ? ip : subnet_of(ip);
}

AddressRegistry::Entry* AddressRegistry::find(const PeerUrl& url) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&url](const Entry& entry) { return entry.url == url; });
  return found == entries_.end() ? nullptr : &*found;
}

Result<chain::AddressId> AddressRegistry::add(const PeerUrl& url) {
  if (Entry* found = find(url)) {
    found->group.clear();
    return found->id;
  }
  if (entries_.size() == kMaxAddresses) {
    return Error{"more than " + std::to_string(kMaxAddresses) + " addresses"};
  }
  entries_.push_back({url, static_cast<chain::AddressId>(entries_.size()), "", ++added_});
  return entries_.back().id;
}

std::size_t AddressRegistry::count_of(const std::string& group) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&group](const Entry& entry) { return entry.group == group; }));
}

AddressRegistry::Entry* AddressRegistry::oldest_unused(const std::string& group,
                                                       const IsUsed& is_used) {
  Entry* oldest = nullptr;
  for (Entry& entry : entries_) {
    if (entry.group != group || is_used(entry.id)) continue;
    if (oldest == nullptr || entry.added < oldest->added) oldest = &entry;
  }
  return oldest;
}

// REQUIRES: some address is from a peer.
std::string AddressRegistry::largest_group() const {
  std::map<std::string, std::size_t> counts;
  for (const Entry& entry : entries_) {
    if (!entry.group.empty()) ++counts[entry.group];
  }
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

chain::AddressId AddressRegistry::add_from_peer(const PeerUrl& url, const std::string& source,
                                                const IsUsed& is_used) {
  if (const Entry* found = find(url)) return found->id;
  const std::string group = source_group(source);
  const std::size_t from_peers = entries_.size() - count_of("");
  Entry* place = nullptr;
  if (!is_localhost(source) && count_of(group) >= kMaxFromSource) {
    place = oldest_unused(group, is_used);
    if (place == nullptr) return chain::kNoAddress;
  } else if (from_peers >= kMaxFromPeers || entries_.size() == kMaxAddresses) {
    if (from_peers > 0) place = oldest_unused(largest_group(), is_used);
    if (place == nullptr) return chain::kNoAddress;
  }
  if (place == nullptr) {
    entries_.push_back({url, static_cast<chain::AddressId>(entries_.size()), group, ++added_});
    return entries_.back().id;
  }
  *place = {url, place->id + chain::kAddressPlaces, group, ++added_};
  return place->id;
}

}  // namespace net
