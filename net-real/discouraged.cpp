#include "net-real/discouraged.h"

#include <algorithm>
#include <utility>

#include "net-real/endpoint.h"

namespace net {

Discouraged::Discouraged(std::vector<DiscouragedIp> kept) : entries_(std::move(kept)) {
  if (entries_.size() > kMost) entries_.erase(entries_.begin(), entries_.end() - kMost);
}

bool Discouraged::add(std::string_view ip, std::int64_t now_ms) {
  if (ip.empty() || is_localhost(ip)) return false;
  std::erase_if(entries_, [ip](const DiscouragedIp& entry) { return entry.ip == ip; });
  if (entries_.size() == kMost) entries_.erase(entries_.begin());
  entries_.push_back({std::string(ip), now_ms});
  return true;
}

bool Discouraged::contains(std::string_view ip, std::int64_t now_ms) const {
  constexpr std::int64_t kForMs = kFor.ns / 1'000'000;
  return std::any_of(entries_.begin(), entries_.end(), [&](const DiscouragedIp& entry) {
    const bool lasts = entry.since_ms > now_ms - kForMs && entry.since_ms < now_ms + kForMs;
    return lasts && entry.ip == ip;
  });
}

}  // namespace net
