#include "net-real/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace net {

using chain::Error;

std::string Endpoint::text() const {
  const bool is_v6 = host.find(':') != host.npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

bool Endpoint::is_loopback() const { return host.starts_with("127.") || host == "::1"; }

bool is_localhost(std::string_view ip) { return ip == "127.0.0.1" || ip == "::1"; }

bool is_local_network(const std::string& ip) {
  std::array<unsigned char, 16> b{};
  if (inet_pton(AF_INET, ip.c_str(), b.data()) == 1) {
    return b[0] == 127 || b[0] == 10 || (b[0] == 172 && b[1] / 16 == 1) ||
           (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254);
  }
  if (inet_pton(AF_INET6, ip.substr(0, ip.find('%')).c_str(), b.data()) != 1) return false;
  return ip == "::1" || (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

std::string customer_of(const std::string& ip) {
  in6_addr address{};
  const std::string without_scope = ip.substr(0, ip.find('%'));
  if (inet_pton(AF_INET6, without_scope.c_str(), &address) != 1) return ip;
  std::fill(std::begin(address.s6_addr) + 8, std::end(address.s6_addr), 0);
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string(text.data()) + "/64";
}

std::string subnet_of(const std::string& ip) {
  in_addr address{};
  if (inet_pton(AF_INET, ip.c_str(), &address) != 1) return customer_of(ip);
  return ip.substr(0, ip.rfind('.')) + ".0/24";
}

chain::Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto wrong = [text] {
    return Error{"found '" + std::string(text) +
                 "'; expected an IP address and a port, like 127.0.0.1:7545"};
  };
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return wrong();
  std::string host(text.substr(0, colon));
  const std::string_view port = text.substr(colon + 1);
  int family = AF_INET;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    family = AF_INET6;
  }
  if (host == "localhost") host = "127.0.0.1";
  std::array<unsigned char, 16> address{};
  if (inet_pton(family, host.c_str(), address.data()) != 1) return wrong();
  Endpoint endpoint{host, 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc() || end != port.data() + port.size()) return wrong();
  return endpoint;
}

}  // namespace net
