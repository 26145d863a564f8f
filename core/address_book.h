// Addresses that other nodes told of: whom to dial when there are too few connections.
//
// Small and forgetful: kMost addresses, each once; one that could not be reached, or whose node
// broke the rules, is not tried again for a while. What is known is told three at a time, to a peer
// at most once in kTellPause, so that nobody learns the whole network by asking. Which addresses an
// operator wishes for is the dialler's business (dialer.h).
#pragma once

#include <vector>

#include "core/io.h"

namespace chain {

class AddressBook {
 public:
  static constexpr std::size_t kMost = 1024;
  static constexpr Duration kRetry = minutes(10);          // after a dial that failed
  static constexpr Duration kDiscouraged = minutes(1440);  // after a fault

  // `salt`: where the walk through the book begins, so that not all tell and dial the same.
  explicit AddressBook(std::uint64_t salt) : walk_(salt) {}

  // An address that has the place of a known one replaces it: the host has forgotten that one.
  void add(AddressId address);
  void failed(Time now, AddressId address) { avoid(address, now + kRetry); }
  void discourage(Time now, AddressId address);  // also one that nobody has told of
  std::size_t size() const { return entries_.size(); }

  // The next that may be tried now and is none of `used`; kNoAddress if there is none.
  AddressId candidate(Time now, const std::vector<AddressId>& used);
  // Up to three others than `asker`, as a message.
  Message some(Time now, AddressId asker);

 private:
  struct Entry {
    AddressId address;
    Time not_before{};
  };

  void avoid(AddressId address, Time until);

  std::vector<Entry> entries_;
  std::uint64_t walk_;
};

}  // namespace chain
