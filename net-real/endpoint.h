// Where a server listens: an IP address and a port, as given on the command line.
//
// Plain data, so that options and tests need no Asio. Port 0 lets the system choose; what it chose
// is known once the server listens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace net {

struct Endpoint {
  std::string host;  // an IP address without brackets
  std::uint16_t port = 0;

  std::string text() const;
  bool is_loopback() const;
};

// "127.0.0.1:7545", "[::1]:7545", "localhost:0".
chain::Result<Endpoint> parse_endpoint(std::string_view text);

// 127.0.0.1 or ::1, and none of the other loopback addresses: the limits that go by IP address do
// not hold there, for it is the operator's own nodes that meet there.
bool is_localhost(std::string_view ip);

// Whether an IP address is one of loopback, of a private network or of one link only.
bool is_local_network(const std::string& ip);

// Whose an IP address is, for limits on how much one caller may have: of IPv6 the /64 that a
// provider's customer has to choose addresses from, of IPv4 the address itself.
std::string customer_of(const std::string& ip);

// The subnet of an IP address, for limits on how many of one network there may be: the /24 of IPv4,
// the /64 of IPv6.
std::string subnet_of(const std::string& ip);

}  // namespace net
