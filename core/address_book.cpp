#include "core/address_book.h"

#include <algorithm>
#include <array>

#include "core/random.h"

namespace chain {

// A full book forgets one of those it holds, whichever the walk meets.
void AddressBook::add(AddressId address) {
  if (address == kNoAddress) return;
  const auto same = std::find_if(entries_.begin(), entries_.end(), [address](const Entry& e) {
    return place_of(e.address) == place_of(address);
  });
  if (same != entries_.end()) {
    if (same->address != address) *same = {address};
  } else if (entries_.size() < kMost) {
    entries_.push_back({address});
  } else {
    entries_[splitmix64(walk_) % kMost] = {address};
  }
}

void AddressBook::discourage(Time now, AddressId address) {
  add(address);
  avoid(address, now + kDiscouraged);
}

void AddressBook::avoid(AddressId address, Time until) {
  for (Entry& entry : entries_) {
    if (entry.address == address) entry.not_before = std::max(entry.not_before, until);
  }
}

AddressId AddressBook::candidate(Time now, const std::vector<AddressId>& used) {
  if (entries_.empty()) return kNoAddress;
  const std::size_t first = splitmix64(walk_) % entries_.size();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[(first + i) % entries_.size()];
    const bool taken = std::find(used.begin(), used.end(), entry.address) != used.end();
    if (entry.not_before <= now && !taken) return entry.address;
  }
  return kNoAddress;
}

Message AddressBook::some(Time now, AddressId asker) {
  std::array<AddressId, kMaxPeersTold> told{};
  std::uint8_t count = 0;
  if (!entries_.empty()) {
    const std::size_t first = splitmix64(walk_) % entries_.size();
    for (std::size_t i = 0; i < entries_.size() && count < told.size(); ++i) {
      const Entry& entry = entries_[(first + i) % entries_.size()];
      if (entry.address != asker && entry.not_before <= now) told[count++] = entry.address;
    }
  }
  return peers(count, told);
}

}  // namespace chain
