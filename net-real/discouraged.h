// IP addresses where a node broke the rules: nobody comes in from there for a day.
//
// Only for certain faults, which no honest node commits; what is odd in the original, late, doubled
// or of another network is none. By IP address, since a port is new with each connection; and each
// IPv6 address by itself, though a stranger may own many, because a classroom shares their first
// half. 127.0.0.1 and ::1 are never among them: many nodes of one operator meet there. Times are
// the machine's clock (Unix milliseconds), because the list outlives the process: block_store.h
// keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/address_book.h"

namespace net {

struct DiscouragedIp {
  std::string ip;  // without brackets; IPv4 as such, never as ::ffff:192.0.2.1
  std::int64_t since_ms = 0;

  bool operator==(const DiscouragedIp&) const = default;
};

class Discouraged {
 public:
  static constexpr std::size_t kMost = 1000;  // addresses; of more, the oldest leaves
  static constexpr chain::Duration kFor = chain::AddressBook::kDiscouraged;  // as those we dial

  Discouraged() = default;
  // As they were kept, the oldest first.
  explicit Discouraged(std::vector<DiscouragedIp> kept);

  // From now on; once more, from now on again. False: it is one of those that never are.
  bool add(std::string_view ip, std::int64_t now_ms);
  // A clock set back by a day or more forgets, too: no mistake of it lasts.
  bool contains(std::string_view ip, std::int64_t now_ms) const;
  std::size_t size() const { return entries_.size(); }

 private:
  std::vector<DiscouragedIp> entries_;  // the oldest first
};

}  // namespace net
