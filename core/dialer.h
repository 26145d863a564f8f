// Which addresses a node wishes to be connected to, and when it dials them again.
//
//            Connect            PeerUp                  PeerDown, if redialling
//   (none) ----------> dialling -------> connected ------------------------------> waiting
//                         ^  \---- DialFailed, if redialling: waits twice as long -->|
//                         |__________________________ due ___________________________|
//
// The pause doubles until a connection has lasted for as long as the longest of them: whoever opens
// only to close again is dialled as seldom as who does not answer.
//
// Without a redial habit (the original has none) an address is forgotten when its connection fails
// or ends. A dial cannot be called back: an address forgotten while it is dialled is remembered as
// unwanted until the dial ends. Hosts only dial; the backoff is decided here, in both worlds alike.
#pragma once

#include <optional>
#include <vector>

#include "core/io.h"

namespace chain {

struct Redial {
  Duration first;  // before the first attempt after a loss
  Duration max;    // the pause doubles up to this
};

// Whether an address is dialled again when it fails or is lost.
enum class Wish : std::uint8_t {
  lasting,  // an operator's, or a scenario's: if there is a redial habit
  passing,  // from the address book: there are others
};

class Dialer {
 public:
  explicit Dialer(std::optional<Redial> redial) : redial_(redial) {}

  // Dials unless that address is connected or being dialled.
  void wish(AddressId address, Wish kind, Effects& out);
  // The connection to drop, or kNoPeer.
  PeerId forget(AddressId address);

  // False if nobody wishes for it any more: the connection is to be dropped.
  bool on_peer_up(Time now, AddressId address, PeerId peer);
  void on_peer_down(Time now, PeerId peer);
  void on_dial_failed(Time now, AddressId address);
  // Dials what is due and asks to be woken for the rest.
  void on_step_end(Time now, Effects& out);
  // All that are wished for, connected or not.
  std::vector<AddressId> wishes() const;
  // How many addresses are connected, being dialled, or to be dialled again.
  std::size_t size() const { return targets_.size(); }
  // Whether some are to be dialled again.
  bool waits() const { return some_wait_; }

 private:
  struct Target {
    AddressId address;
    PeerId peer = kNoPeer;  // kNoPeer: not connected
    Time due = kNever;      // kNever: connected or being dialled
    Duration pause{};       // before the next attempt
    Time up_since{};        // while connected
    bool unwanted = false;  // forgotten while being dialled
    Wish kind = Wish::lasting;
  };

  Target* find(AddressId address);
  void wait_or_forget(Time now, Target& target);

  bool some_wait_ = false;  // false: no target is due at any time, and a step need not look
  std::vector<Target> targets_;
  std::optional<Redial> redial_;
};

}  // namespace chain
